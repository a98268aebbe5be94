"""Bytes become text, text becomes a JSON value. JSON is read as JSON, everything else as YAML."""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import Any, NoReturn

from portico.design import yaml
from portico.design.limits import MAX_DEPTH, Unreadable
from portico.design.position import repeated_key

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def text_of(data: bytes) -> str:
    """The text of a file: UTF-8, or what its byte order mark says (YAML 1.2.2, 5.2).

    Raises:
        Unreadable: the bytes are not in that encoding.
    """
    encoding = "utf-8"
    for bom, named in _BOMS:
        if data.startswith(bom):
            data, encoding = data[len(bom) :], named
            break
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start]
        raise Unreadable(
            "unreadable-file",
            f"The file is not {encoding.upper()}: {error.reason} at byte {error.start}.",
            before.count(b"\n") + 1,
            error.start - (before.rfind(b"\n") + 1) + 1,
        ) from None


def is_json(text: str, name: str) -> bool:
    """Whether a text is to be read as JSON: by its file's name, or because it begins like JSON's objects do."""
    if name.endswith(".json"):
        return True
    if name.endswith((".yaml", ".yml")) or not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def value_of(text: str, *, as_json: bool) -> Any:
    """The JSON value that a text stands for.

    Raises:
        Unreadable: the text is not JSON or YAML of the kind that a design may be.
    """
    if not as_json:
        return yaml.load(text)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise Unreadable("unreadable-file", f"This is not JSON: {error.msg}.", error.lineno, error.colno) from None
    except _DuplicateKeyError as error:
        raise Unreadable("duplicate-key", str(error), *repeated_key(text)) from None
    except RecursionError:
        raise Unreadable("too-deep", f"The file is nested more than {MAX_DEPTH} levels deep.") from None
    except ValueError as error:  # int() refuses more than 4,300 digits
        reason = "a number has too many digits" if "digits" in str(error) else str(error)
        raise Unreadable("unreadable-file", f"This is not JSON: {reason}.") from None
    return check_value(value, surrogates=_SURROGATE.search(text) is not None)


def check_value(value: Any, *, surrogates: bool) -> Any:
    """Refuse what JSON Schema's engines cannot take: infinite numbers, lone surrogates, absurd depth."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        part, depth = waiting.pop()
        kind = type(part)
        if kind is dict or kind is list:
            if depth >= MAX_DEPTH:
                raise Unreadable("too-deep", f"The file is nested more than {MAX_DEPTH} levels deep.")
            below = depth + 1
            if kind is list:
                waiting.extend([(item, below) for item in part])
            else:
                waiting.extend([(item, below) for item in part.values()])
                if surrogates:
                    waiting.extend([(key, below) for key in part])
        elif kind is float:
            if not math.isfinite(part):
                raise Unreadable("unreadable-file", "A number is too large.")
        elif surrogates and kind is str:
            try:
                part.encode()
            except UnicodeEncodeError:
                raise Unreadable("unreadable-file", "A text holds half of a surrogate pair.") from None
    return value


class _DuplicateKeyError(Exception):
    """An object has a key twice; the decoder does not say where."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        key = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise _DuplicateKeyError(f"The key {key!r} is in an object twice.")
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise Unreadable("unreadable-file", f"JSON has no {name}.")
