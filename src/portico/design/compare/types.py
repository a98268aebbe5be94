"""The names of types. A component is a type of every SDK, so its name is a promise; that of an inline schema is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portico.design.compare.phrases import cut
from portico.design.compare.views import Node, View, name_of

if TYPE_CHECKING:
    from portico.design.compare.pairs import Pair
    from portico.design.compare.side import Side


def names(pair: Pair, step: str, old: Node, new: Node) -> None:
    """Note that the type at a place is called otherwise."""
    before, after = name_of(old), name_of(new)
    if before == after or _is_member(pair, 1, before, new) or _is_member(pair, 0, after, old):
        return
    was, comes = pair.pairs.old, pair.pairs.new
    if before is None:
        if after is not None and _is_type(comes, after):
            pair.say("type-named", f"The type is called {cut(after)} now.", step, old=old, new=comes.nodes[after])
    elif _is_type(was, before):
        _lost(pair, step, before, after, new)


def _is_member(pair: Pair, index: int, name: str | None, node: Node) -> bool:
    """Whether a type is a member of the union in its place: unions say so."""
    if name is None or name_of(node) is not None:
        return False
    return any(name_of(member) == name for choice in pair.side(index).views.of(node).choices for member in choice)


def _lost(pair: Pair, step: str, before: str, after: str | None, new: Node) -> None:
    was, comes = pair.pairs.old, pair.pairs.new
    if after is None:
        text = f"What was the type {cut(before)} is written out here."
        pair.say("type-unnamed", text, step, old=was.nodes[before], new=new)
        return
    text = f"The type {cut(before)} is called {cut(after)} now."
    if before in comes.nodes:
        text = f"This is of the type {cut(after)}, and was of the type {cut(before)}."
    pair.say("type-renamed", text, step, old=was.nodes[before], new=comes.nodes[after])


def _is_type(side: Side, name: str) -> bool:
    """Whether SDKs make a type of a definition: of objects, listed values and unions, not of plain values and lists."""
    view = side.views.of(side.nodes[name])
    return bool(view.choices) or _has_members(view)


def _has_members(view: View) -> bool:
    return any(keyword in view.node for keyword in ("properties", "enum"))
