"""JSON as bytes. The fast way is that of the standard library; digits of decimals go through it as marked texts."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

from .errors import BadArgument
from .values import Number

MARK = f"number-{secrets.token_hex(16)}:"  # made anew by every process: no text of anybody can hold it
_MARKED = re.compile(f'"{MARK}([0-9.eE+-]*)"')
_compact = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")).encode
_ascii = json.JSONEncoder(ensure_ascii=True, allow_nan=False, check_circular=False, separators=(",", ":")).encode


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


_exact = json.JSONDecoder(parse_float=Number, parse_constant=_no_constant).decode
_quick = json.JSONDecoder(parse_constant=_no_constant).decode


def digits(text: str) -> str:
    """Stands for a number until `write` puts its digits in.

    Args:
        text: the digits, as JSON has them.
    """
    return MARK + text


def unmarked(text: str) -> str:
    """The digits that a text stands for, outside of JSON; any other text as it is.

    Args:
        text: perhaps of `digits`.
    """
    return text.removeprefix(MARK)


def write(value: Any) -> bytes:
    """JSON as bytes.

    Args:
        value: of what JSON has; numbers as `digits`.

    Raises:
        BadArgument: there is something in it that JSON has not.
    """
    try:
        text = _compact(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise BadArgument(f"This cannot be sent as JSON: {error}") from None
    if MARK in text:
        text = _MARKED.sub(r"\1", text)
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: JSON can only escape it
        return _MARKED.sub(r"\1", _ascii(value)).encode()


def read(body: bytes, *, exact: bool = False) -> Any:
    """The value of a JSON text.

    Args:
        body: the text, in UTF-8.
        exact: whether numbers remember their digits.

    Raises:
        ValueError: it is none.
    """
    try:
        text = body.decode(json.detect_encoding(body), "surrogatepass")
        return _exact(text) if exact else _quick(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
