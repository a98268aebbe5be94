"""Limits, patterns and listed values: whether they take more or fewer values than before."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from portico.design.compare.pairs import Pair
from portico.design.compare.phrases import MISSING, canonical, changed, listed, shown

Way = Literal["tightened", "loosened", "changed"]

_LOWEST = ("minLength", "minItems", "minProperties")
_HIGHEST = ("maxLength", "maxItems", "maxProperties")
_OPAQUE = ("pattern", "not", "contentEncoding", "contentMediaType", "minContains", "maxContains", "dependentRequired")
"""Keywords of which only is known that they take fewer values than nothing does."""


def compare(pair: Pair) -> None:
    """Note every change of a constraint."""
    old, new = (view.node for view in pair.views)
    _enum(pair, _values(old), _values(new))
    for way, text in (*_sizes(old, new), *_bounds(old, new), *_others(old, new)):
        pair.say(f"*-constraint-{way}", text)
    _conditions(pair)


def _values(node: Mapping[str, Any]) -> dict[str, Any] | None:
    """The listed values without null, by what makes them the same."""
    listed = [node["const"]] if "const" in node else node.get("enum")
    return None if listed is None else {canonical(value): value for value in listed if value is not None}


def _enum(pair: Pair, old: dict[str, Any] | None, new: dict[str, Any] | None) -> None:
    if old is None or new is None:
        if new is not None:
            pair.say("*-constraint-tightened", f"Only listed values: {listed(list(new.values()))}.")
        elif old is not None:
            pair.say("*-constraint-loosened", f"Not only the listed values any more: {listed(list(old.values()))}.")
        return
    gone = [value for key, value in old.items() if key not in new]
    come = [value for key, value in new.items() if key not in old]
    if gone:
        pair.say("*-enum-value-removed", f"Not among the values any more: {listed(gone)}.")
    if come:
        pair.say("*-enum-value-added", f"New among the values: {listed(come)}.")


def _sizes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[Way, str]]:
    for keywords, absent in ((_LOWEST, 0), (_HIGHEST, math.inf)):
        for keyword in keywords:
            was, comes = old.get(keyword, absent), new.get(keyword, absent)
            if was != comes:
                yield _way(was < comes, absent == 0), _text(keyword, old, new)


def _way(grows: bool, lower: bool) -> Way:
    return "tightened" if grows == lower else "loosened"


def _text(keyword: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    return changed(keyword, old.get(keyword, MISSING), new.get(keyword, MISSING))


def _bounds(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[Way, str]]:
    """`minimum` and `exclusiveMinimum` are one bound, and so are those of the other end."""
    for end, keyword, sign in (("lowest", "inimum", 1), ("highest", "aximum", -1)):
        was, comes = (_bound(node, f"m{keyword}", f"exclusiveM{keyword}", sign) for node in (old, new))
        if was != comes:
            text = f"The {end} value changes from {_limit(was, sign)} to {_limit(comes, sign)}."
            yield "tightened" if comes > was else "loosened", text


def _bound(node: Mapping[str, Any], keyword: str, exclusive: str, sign: int) -> tuple[float, bool]:
    """The bound, and whether it is itself out of bounds; the highest counts. Those above are held as negatives."""
    bounds = [(sign * node[key], key == exclusive) for key in (keyword, exclusive) if key in node]
    value, is_exclusive = max(bounds, default=(-math.inf, False))
    if is_exclusive and node.get("type") in ("integer", ["integer"], ["integer", "null"]) and value == round(value):
        return value + 1, False
    return value, is_exclusive


def _limit(bound: tuple[float, bool], sign: int) -> str:
    if bound[0] == -math.inf:
        return "none"
    beyond = "" if not bound[1] else "more than " if sign > 0 else "less than "
    return f"{beyond}{shown(sign * bound[0])}"


def _others(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[Way, str]]:
    if bool(old.get("uniqueItems")) != bool(new.get("uniqueItems")):
        yield "tightened" if new.get("uniqueItems") else "loosened", _text("uniqueItems", old, new)
    if old.get("multipleOf") != new.get("multipleOf"):
        yield _multiple(old.get("multipleOf"), new.get("multipleOf")), _text("multipleOf", old, new)
    for keyword in _OPAQUE:
        was, comes = old.get(keyword, MISSING), new.get(keyword, MISSING)
        if was is not comes and (was is MISSING or comes is MISSING or canonical(was) != canonical(comes)):
            yield opaque(was is not MISSING, comes is not MISSING), _text(keyword, old, new)


def opaque(was: bool, comes: bool) -> Way:
    """The way of a constraint that is not looked into."""
    return "changed" if was and comes else "tightened" if comes else "loosened"


def _multiple(old: float | None, new: float | None) -> Way:
    if old and new:
        return "tightened" if _divides(old, new) else "loosened" if _divides(new, old) else "changed"
    return "tightened" if new else "loosened"


def _divides(part: float, whole: float) -> bool:
    times = whole / part
    return math.isfinite(times) and times == round(times)


def _conditions(pair: Pair) -> None:
    """`if`, `then` and `else`: only whether they are the same."""
    old, new = (
        [canonical({key: one[key] for key in ("if", "then", "else") if key in one}) for one in view.conditions]
        for view in pair.views
    )
    if old != new:
        pair.say(f"*-constraint-{opaque(bool(old), bool(new))}", "What holds under a condition (if) is another.")
