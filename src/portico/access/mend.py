"""What msgspec says of a declaration, as a sentence that says what to write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from msgspec import inspect

_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_NO_CHOICE = re.compile(r"Invalid enum value '?(.*?)'?", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(?:[0-9]+|\.\.\.)\]")
_WORDS = {  # msgspec names types as Python and JSON do; the file is YAML
    "object": "a mapping",
    "array": "a list",
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
}


def unknown_field(message: str) -> str | None:
    """The key that there is not, where a message of msgspec is about one."""
    found = _UNKNOWN.fullmatch(message)
    return None if found is None else found[1]


def sentence(kind: Any, path: str, message: str) -> str:
    """What is wrong, and what to write instead.

    Args:
        kind: what was converted to.
        path: where in it the fault is, as msgspec writes it: ".throttle.rate".
        message: of msgspec's error, without the path.
    """
    types = list(_at(kind, path))
    field = unknown_field(message)
    if field is not None:
        fields = [one.encode_name for each in types if isinstance(each, inspect.StructType) for one in each.fields]
        return f"There is no key {field!r}. {_meant(field, fields)}"
    choice = _NO_CHOICE.fullmatch(message)
    values = [str(one) for each in types if isinstance(each, inspect.LiteralType) for one in each.values]
    if choice is not None and values:
        return f"{choice[1]!r} is none of {', '.join(values)}."
    if message.startswith("Expected"):
        message = re.sub(r"`([a-z |]+)`", _typed, message)
    return f"{message}."


def _meant(said: str, known: list[str]) -> str:
    close = get_close_matches(said, known, n=1)
    return f"Did you mean {close[0]}?" if close else f"There are: {', '.join(known)}."


def _typed(found: re.Match[str]) -> str:
    kinds = [kind for kind in found[1].split(" | ") if kind != "null"]
    return " or ".join(_WORDS.get(kind, kind) for kind in kinds or ["null"])


def _at(kind: Any, path: str) -> Iterator[inspect.Type]:
    """The types that may stand at a place: several where one is a union."""
    types = list(_members(inspect.type_info(kind)))
    for step in _STEP.finditer(path):
        types = [one for each in types for within in _within(each, step[1]) for one in _members(within)]
    yield from types


def _within(each: inspect.Type, name: str | None) -> Iterator[inspect.Type]:
    if isinstance(each, inspect.StructType):
        yield from (field.type for field in each.fields if field.encode_name == name)
    elif isinstance(each, inspect.DictType):
        yield each.value_type
    elif isinstance(each, inspect.CollectionType):
        yield each.item_type


def _members(each: inspect.Type) -> Iterator[inspect.Type]:
    if isinstance(each, inspect.UnionType):
        for one in each.types:
            yield from _members(one)
    elif isinstance(each, inspect.Metadata):
        yield from _members(each.type)
    else:
        yield each
