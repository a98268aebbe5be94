"""What objects and lists hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portico.design.compare.constraints import opaque
from portico.design.compare.pairs import Pair
from portico.design.compare.phrases import cut
from portico.design.compare.views import Node, View
from portico.design.model import EMPTY, Direction

_CHILDREN = (("items", "[]"), ("propertyNames", " name"), ("contains", "[] one"), ("contentSchema", " content"))


def compare(pair: Pair) -> None:
    """Note what changed of the properties, and go into them and into lists."""
    old, new = pair.views
    _properties(pair, old, new)
    _additional(pair, _rest(old), _rest(new))
    _patterns(pair, old.node, new.node)
    for keyword, step in _CHILDREN:
        was, comes = old.node.get(keyword, True), new.node.get(keyword, True)
        if was is not comes:
            pair.link(step, was, comes)
    _tuple(pair, old.node.get("prefixItems", ()), new.node.get("prefixItems", ()))


def _properties(pair: Pair, old: View, new: View) -> None:
    before, after = old.properties, new.properties
    was_required, is_required = (frozenset(view.node.get("required", ())) for view in (old, new))
    for name, node in before.items():
        if not _travels(pair, 0, node):
            if name in after and _travels(pair, 1, after[name]):
                _added(pair, name, after[name], name in is_required)
        elif name not in after or not _travels(pair, 1, after[name]):
            _removed(pair, name, node, after.get(name))
        else:
            _required(pair, name, name in was_required, name in is_required, node, after[name])
            pair.link(f"/{cut(name)}", node, after[name])
    for name, node in after.items():
        if name not in before and _travels(pair, 1, node):
            _added(pair, name, node, name in is_required)


def _travels(pair: Pair, index: int, node: Node) -> bool:
    """Whether a property is part of what goes this way: not if it is read-only, write-only or forbidden."""
    view = pair.side(index).views.of(node)
    keyword = "readOnly" if pair.direction is Direction.REQUEST else "writeOnly"
    return not view.never and view.node.get(keyword) is not True


def _added(pair: Pair, name: str, node: Node, required: bool) -> None:
    if required and pair.direction is Direction.REQUEST:
        pair.say("request-required-property-added", "The property is new, and required.", f"/{cut(name)}", new=node)
    else:
        pair.say("*-property-added", "The property is new.", f"/{cut(name)}", new=node)


def _removed(pair: Pair, name: str, old: Node, new: Node | None) -> None:
    one_way = new is not None and not pair.pairs.new.views.of(new).never
    if not one_way:
        pair.say("*-property-removed", "The property is gone.", f"/{cut(name)}", old=old, new=new)
    elif pair.direction is Direction.REQUEST:
        pair.say("request-property-read-only", "The property is read-only now.", f"/{cut(name)}", old=old, new=new)
    else:
        pair.say("response-property-write-only", "The property is write-only now.", f"/{cut(name)}", old=old, new=new)


def _required(pair: Pair, name: str, was: bool, comes: bool, old: Node, new: Node) -> None:
    if was == comes:
        return
    text = "The property is required now." if comes else "The property was required, and is optional now."
    pair.say(f"*-property-{'required' if comes else 'optional'}", text, f"/{cut(name)}", old=old, new=new)


def _rest(view: View) -> Node:
    """What properties that are not named may be."""
    node: Node = view.node.get("additionalProperties", view.node.get("unevaluatedProperties", True))
    return node


def _additional(pair: Pair, old: Node, new: Node) -> None:
    was, comes = (not side.views.of(node).never for side, node in ((pair.pairs.old, old), (pair.pairs.new, new)))
    if was and comes:
        if old is not new:
            pair.link("/*", old, new)
    elif comes:
        rule = "accepted" if pair.direction is Direction.REQUEST else "added"
        pair.say(f"*-additional-properties-{rule}", "Properties that are not named are allowed now.")
    elif was and pair.direction is Direction.RESPONSE and isinstance(old, Mapping) and old:
        pair.say("response-property-removed", "The properties that were not named are gone.", "/*", old=old)
    elif was:
        rule = "refused" if pair.direction is Direction.REQUEST else "removed"
        pair.say(f"*-additional-properties-{rule}", "Properties that are not named are not allowed any more.")


def _patterns(pair: Pair, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    for keyword, what in (("patternProperties", "properties named like"), ("dependentSchemas", "objects with")):
        before, after = old.get(keyword, EMPTY), new.get(keyword, EMPTY)
        for name in dict.fromkeys((*before, *after)):
            if name in before and name in after:
                pair.link(f"/{cut(name)}", before[name], after[name])
            else:
                way = opaque(name in before, name in after)
                pair.say(f"*-constraint-{way}", f"What {what} {cut(name)} must be is {_said(name in after)}.")


def _said(now: bool) -> str:
    return "said now" if now else "not said any more"


def _tuple(pair: Pair, old: list[Node] | tuple[()], new: list[Node] | tuple[()]) -> None:
    for index in range(max(len(old), len(new))):
        was, comes = (nodes[index] if index < len(nodes) else True for nodes in (old, new))
        pair.link(f"[{index}]", was, comes)
