"""The types of values, null among them, and their formats."""

from __future__ import annotations

from typing import Any

from portico.design.compare.pairs import Pair
from portico.design.compare.phrases import MISSING, changed
from portico.design.compare.views import NULL, View

Types = frozenset[str] | None  # None: any

_OF_PYTHON = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
_TYPED = frozenset(["date", "date-time", "uuid", "byte", "binary", "decimal", "int64"])
"""The formats of which SDKs make a type of its own: every change of one is another type."""


def compare(pair: Pair) -> bool:
    """Note changes of type and format. Whether values of one type are left to compare."""
    old, new = pair.views
    if not _types(pair, types(old), types(new)):
        return False
    _format(pair, old.node.get("format"), new.node.get("format"))
    return True


def types(view: View) -> Types:
    """The types that a schema allows, without null: as declared, else those of the listed values."""
    if view.never:
        return frozenset()
    declared = view.node.get("type")
    if declared is not None:
        return frozenset([declared] if isinstance(declared, str) else declared) - {NULL}
    values = view.node.get("enum", [view.node["const"]] if "const" in view.node else None)
    if values is None:
        return None
    return frozenset(_OF_PYTHON[type(value)] for value in values if value is not None)


def compare_null(pair: Pair) -> None:
    """Note that null is taken, or not any more."""
    old, new = pair.views
    if old.nullable is None or new.nullable is None or old.nullable == new.nullable:
        return
    if pair.direction.value == "request":
        rule = "request-null-accepted" if new.nullable else "request-null-refused"
    else:
        rule = "response-null-added" if new.nullable else "response-null-removed"
    pair.say(rule, "The value may be null now." if new.nullable else "The value may not be null any more.")


def _types(pair: Pair, old: Types, new: Types) -> bool:
    if old == new:
        return True
    text = f"The type changes from {_told(old)} to {_told(new)}."
    if _within(new, old):
        pair.say("*-type-narrowed", text)
    elif _within(old, new):
        pair.say("*-type-widened", text)
    else:
        pair.say("*-type-changed", text)
        return False
    return True


def _within(few: Types, many: Types) -> bool:
    """Whether all values of some types are of others: every integer is a number."""
    if many is None or few is None:
        return many is None
    return few <= many | ({"integer"} if "number" in many else set())


def _told(types: Types) -> str:
    if types is None:
        return "any"
    return " or ".join(sorted(types)) or "nothing"


def _format(pair: Pair, old: Any, new: Any) -> None:
    if old == new:
        return
    text = changed("format", MISSING if old is None else old, MISSING if new is None else new)
    if {old, new} & _TYPED or (old and new):
        pair.say("*-format-changed", text)
    else:
        pair.say("*-constraint-tightened" if new else "*-constraint-loosened", text)
