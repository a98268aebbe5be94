"""Two schemas: what changed in them, for one direction."""

from __future__ import annotations

from portico.design.compare import constraints, kinds, objects, remarks, unions
from portico.design.compare.pairs import Pair
from portico.design.compare.views import Node, name_of
from portico.design.model import escape


def compare(pair: Pair) -> None:
    """Note the changes of a pair of schemas, and link it to those inside."""
    remarks.compare(pair)
    before, after = name_of(pair.old), name_of(pair.new)
    if before is not None and after is not None:
        _references(pair, _to(before), _to(after))
        return
    kinds.compare_null(pair)
    if unions.compare(pair) and kinds.compare(pair):
        constraints.compare(pair)
        objects.compare(pair)


def _references(pair: Pair, old: Node, new: Node) -> None:
    """Two references with words or null beside them: null is told here only if it is not part of what is named."""
    named = pair.pairs.old.views.of(old), pair.pairs.new.views.of(new)
    if any(view.nullable != inner.nullable for view, inner in zip(pair.views, named, strict=True)):
        kinds.compare_null(pair)
    pair.link("", old, new)


def _to(name: str) -> Node:
    return {"$ref": f"#/$defs/{escape(name)}"}
