"""How values of documents are told: short, whatever they are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

MISSING: Final = object()
"""Stands for a keyword that is not there: null is a value."""

_VALUE = 60  # characters
_LISTED = 8  # values


def cut(text: str, longest: int = _VALUE) -> str:
    """A text, or its beginning."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def shown(value: Any) -> str:
    """A value as JSON writes it."""
    if isinstance(value, str):
        return json.dumps(cut(value), ensure_ascii=False)
    if isinstance(value, list | dict) and len(value) > _VALUE:
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value):,} entries"
    return cut(json.dumps(value, ensure_ascii=False))


def listed(values: Sequence[Any]) -> str:
    """Some values, and how many more there are."""
    more = len(values) - _LISTED
    text = ", ".join(shown(value) for value in values[:_LISTED])
    return f"{text} and {more:,} more" if more > 0 else text


def named(names: Sequence[str]) -> str:
    """Some names, and how many more there are."""
    more = len(names) - _LISTED
    text = ", ".join(cut(name) for name in names[:_LISTED])
    return f"{text} and {more:,} more" if more > 0 else text


def changed(keyword: str, old: Any, new: Any) -> str:
    """How a keyword changes."""
    if old is MISSING:
        return f"{keyword} is {shown(new)}, and was not there."
    if new is MISSING:
        return f"{keyword} was {shown(old)}, and is not there any more."
    return f"{keyword} changes from {shown(old)} to {shown(new)}."


def canonical(value: Any) -> str:
    """A text that two values share when they are the same in JSON: 1 is 1.0 and is not true."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)
