"""How the properties of forms are written."""

from __future__ import annotations

from portico.design.compare.kinds import types
from portico.design.compare.parameters import wire
from portico.design.compare.phrases import cut
from portico.design.compare.scope import Scope
from portico.design.compare.views import Node
from portico.design.model import Encoding, Media

_PLAIN = Encoding()


def compare(scope: Scope, old: Media, new: Media) -> None:
    """Note the properties of a form that are written in another way."""
    for name in dict.fromkeys((*old.encoding, *new.encoding)):
        was, comes = old.encoding.get(name, _PLAIN), new.encoding.get(name, _PLAIN)
        if was != comes and _differ(was, comes, _kinds(scope, old, name)):
            scope.inside(f"/{cut(name)}").say("request-encoding-changed", "The property is written in another way.")


def _kinds(scope: Scope, media: Media, name: str) -> set[str]:
    """The kinds of values that a property may have."""
    if media.schema is None:
        return {"array", "object"}
    views = scope.pairs.old.views
    node: Node = views.of(media.schema.node).properties.get(name, True)
    known = types(views.of(node))
    return {"array", "object"} & known if known is not None else {"array", "object"}


def _differ(old: Encoding, new: Encoding, kinds: set[str]) -> bool:
    if old.content_type != new.content_type or old.headers.keys() != new.headers.keys():
        return True
    return any(wire(old.style, old.explode, kind) != wire(new.style, new.explode, kind) for kind in kinds)
