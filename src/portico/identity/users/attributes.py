"""The custom attributes of users, checked against what the pool declares."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping
from typing import Any

from portico.identity.settings import Attribute
from portico.identity.users.errors import Invalid

_WORDS = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}
Value = str | float | int | bool


def merged(
    declared: Mapping[str, Attribute], held: Mapping[str, Any], given: Mapping[str, Any], *, by_user: bool
) -> dict[str, Value]:
    """The attributes after a change.

    Args:
        declared: by the pool.
        held: what the user has.
        given: what changes; None or an empty text takes an attribute away. Forms give texts, which are converted.
        by_user: whether the user changes them, who may set an immutable one only once.

    Raises:
        Invalid: with what is wrong, attribute by attribute.
    """
    result, faults = dict(held), {}
    for name, value in given.items():
        rule = declared.get(name)
        if rule is None:
            faults[name[:64]] = "There is no such attribute."
        elif by_user and not rule.mutable and name in held and value != held[name]:
            faults[name] = "This cannot be changed."
        elif value is None or value == "":
            result.pop(name, None)
        else:
            try:
                result[name] = _checked(rule, value)
            except ValueError as error:
                faults[name] = str(error)
    faults |= {
        name: "This is needed."
        for name, rule in declared.items()
        if by_user and rule.required and name not in result and name not in faults
    }
    if faults:
        raise Invalid(faults)
    return result


def _checked(rule: Attribute, value: object) -> Value:
    if rule.type == "boolean":
        return _boolean(value)
    if rule.type == "number":
        return _number(rule, value)
    if not isinstance(value, str):
        raise ValueError("This must be a text.")
    if len(value) > rule.max_length:
        raise ValueError(f"Use at most {rule.max_length} characters.")
    if any(ord(one) < 32 and one not in "\t\n" for one in value):
        raise ValueError("This holds characters that cannot be shown.")
    if rule.type == "date":
        return _date(value)
    if rule.pattern is not None and not re.fullmatch(rule.pattern, value):
        raise ValueError("This does not have the right form.")
    return value


def _boolean(value: object) -> bool:
    found = value if isinstance(value, bool) else _WORDS.get(str(value).casefold())
    if found is None:
        raise ValueError("This must be true or false.")
    return found


def _number(rule: Attribute, value: object) -> float | int:
    try:
        number = value if isinstance(value, int | float) else float(str(value)[:64])
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise ValueError("This must be a number.")
    if rule.minimum is not None and number < rule.minimum:
        raise ValueError(f"This must be {rule.minimum:g} or more.")
    if rule.maximum is not None and number > rule.maximum:
        raise ValueError(f"This must be {rule.maximum:g} or less.")
    return int(number) if float(number).is_integer() else number


def _date(value: str) -> str:
    try:
        return datetime.date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError("This must be a date, such as 1815-12-10.") from None
