"""What schemas say that binds no value: words, examples, defaults, deprecation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portico.design.compare.pairs import Pair
from portico.design.compare.phrases import MISSING, canonical, changed
from portico.design.compare.views import name_of
from portico.design.model import EMPTY, Direction

WORDS = ("title", "description", "summary")


def compare(pair: Pair) -> None:
    """Note the changes of annotations."""
    old, new = _own(pair, 0), _own(pair, 1)
    for keyword in WORDS:
        if old.get(keyword, "") != new.get(keyword, ""):
            pair.say("description-changed", reworded(keyword, old.get(keyword), new.get(keyword)))
    if canonical(old.get("examples", ())) != canonical(new.get("examples", ())):
        pair.say("example-changed", "The example is another.")
    if bool(old.get("deprecated")) != bool(new.get("deprecated")):
        now = bool(new.get("deprecated"))
        pair.say(f"property-{'deprecated' if now else 'restored'}", f"This is {'' if now else 'not '}deprecated now.")
    _default(pair, old.get("default", MISSING), new.get("default", MISSING))


def reworded(keyword: str, old: object, new: object) -> str:
    """How a text changed: added, gone, or another."""
    if not old:
        return f"The {keyword} is new."
    return f"The {keyword} reads differently." if new else f"The {keyword} is gone."


def _own(pair: Pair, index: int) -> Mapping[str, Any]:
    """The keywords of a schema, those closest to its place first; beside a reference, those beside it only."""
    node = (pair.old, pair.new)[index]
    beside = node if isinstance(node, Mapping) else EMPTY
    return beside if name_of(node) is not None else {**pair.views[index].node, **beside}


def _default(pair: Pair, old: Any, new: Any) -> None:
    if old is new or (old is not MISSING and new is not MISSING and canonical(old) == canonical(new)):
        return
    if pair.direction is Direction.RESPONSE:
        rule = "response-default-changed"
    else:
        rule = f"request-default-{'added' if old is MISSING else 'changed'}"
    pair.say(rule, changed("The default", old, new))
