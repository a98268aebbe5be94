"""Texts and numbers that fit a schema, for examples."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from portico.design import patterns

FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "P1DT2H",
    "email": "ada@example.com",
    "idn-email": "ada@example.com",
    "hostname": "www.example.com",
    "idn-hostname": "www.example.com",
    "host": "www.example.com",
    "ipv4": "192.0.2.1",
    "ip": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/a",
    "url": "https://example.com/a",
    "iri": "https://example.com/a",
    "uri-reference": "/a/b",
    "iri-reference": "/a/b",
    "uri-template": "/a/{id}",
    "uuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "guid": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "json-pointer": "/a/b",
    "relative-json-pointer": "0/a",
    "regex": "^[a-z]+$",
    "byte": "aGVsbG8=",
    "base64url": "aGVsbG8",
    "binary": "content",
    "decimal": "10.00",
    "int32": "1",
    "int64": "1",
    "password": "correct horse battery staple",
    "phone": "+15550100",
    "currency": "EUR",
    "country-code": "DE",
    "color": "#336699",
    "timestamp": "2026-01-31T12:00:00Z",
}
_STRETCHED = frozenset({"email", "idn-email", "uri", "url", "iri", "uri-reference", "iri-reference", "uri-template"})
LONGEST = 10_000  # characters of a text that is made long because it must be


def texts(node: Mapping[str, Any], name: str = "", nth: int = 0) -> Iterator[str]:
    """Texts that probably fit, the most telling first.

    Args:
        node: the schema.
        name: what the value is called, to make a telling text of.
        nth: which of several different ones.
    """
    least, most = int(node.get("minLength", 0)), int(node.get("maxLength", LONGEST))
    if least > LONGEST:
        return
    pattern = node.get("pattern")
    if (
        isinstance(pattern, str)
        and (text := patterns.matching(pattern, least, min(most, patterns.LONGEST), nth)) is not None
    ):
        yield text
    kind = str(node.get("format", "")).lower()
    known = FORMATS.get(kind, "")
    if kind in _STRETCHED:
        known = known.replace("a", "a" * max(1, least - len(known) + 1), 1)
    if known and least <= len(known) <= most:
        yield known if nth == 0 else _nth(known, nth, most)
    if node.get("contentEncoding") in ("base64", "base64url"):
        yield FORMATS["base64url"][: most - most % 4]
    text = _sized(name or "text", least, most)
    yield text if nth == 0 else _nth(text, nth, most)


def _nth(text: str, nth: int, most: int) -> str:
    """A text that differs for each `nth`, where several must differ."""
    tail = str(nth + 1)
    return f"{text[: max(0, most - len(tail))]}{tail}"


def _sized(text: str, least: int, most: int) -> str:
    if len(text) < least:
        text = (text + " ") * (least // (len(text) + 1) + 1)
    return text[: max(least, min(most, len(text)))] if len(text) > most or least else text


def number(node: Mapping[str, Any], nth: int = 0, *, whole: bool) -> int | float | None:
    """A number that fits; None where there is none.

    Args:
        node: the schema.
        nth: which of several different ones.
        whole: an integer is asked for.
    """
    try:
        low, high = _bound(node, "minimum", "exclusiveMinimum", max), _bound(node, "maximum", "exclusiveMaximum", min)
        step = Fraction(str(node["multipleOf"])) if node.get("multipleOf") else None
    except (ValueError, OverflowError, ZeroDivisionError):
        return None
    if step is None and not whole:
        return _between(low, high, nth)
    step = _whole(step) if whole else step
    assert step is not None  # noqa: S101 — one of the two branches above gave one
    count = _count(low, high, step)
    if count is None:
        return None
    return _plain((count + nth) * step)


def _whole(step: Fraction | None) -> Fraction:
    """The integers among the multiples of a step are the multiples of its numerator."""
    return Fraction(1) if step is None else Fraction(step.numerator)


_Bound = tuple[Fraction, bool]  # the limit, and whether it is excluded


def _bound(node: Mapping[str, Any], inclusive: str, exclusive: str, choose: Any) -> _Bound | None:
    found = [(Fraction(str(node[key])), key == exclusive) for key in (inclusive, exclusive) if key in node]
    if not found:
        return None
    limit = choose(value for value, _ in found)
    return limit, any(excluded for value, excluded in found if value == limit)


def _count(low: _Bound | None, high: _Bound | None, step: Fraction) -> int | None:
    """How many steps from zero: one where that fits, else the nearest."""
    least = None if low is None else math.ceil(low[0] / step)
    if low is not None and low[1] and least == low[0] / step:
        least = math.floor(low[0] / step) + 1
    most = None if high is None else math.floor(high[0] / step)
    if high is not None and high[1] and most == high[0] / step:
        most = math.ceil(high[0] / step) - 1
    if least is not None and most is not None and least > most:
        return None
    return max(least if least is not None else 1, 1) if most is None or most >= max(least or 1, 1) else most


def _between(low: _Bound | None, high: _Bound | None, nth: int) -> int | float | None:
    for value in (Fraction(1) + nth, Fraction(0), *_near(low, high)):
        if _fits(value, low, high):
            return _plain(value)
    return None


def _near(low: _Bound | None, high: _Bound | None) -> Iterator[Fraction]:
    if low is not None:
        yield math.ceil(low[0]) + Fraction(0)
        yield low[0]
        yield low[0] + 1
    if high is not None:
        yield high[0]
        yield high[0] - 1
    if low is not None and high is not None:
        yield (low[0] + high[0]) / 2


def _fits(value: Fraction, low: _Bound | None, high: _Bound | None) -> bool:
    if low is not None and (value < low[0] or (low[1] and value == low[0])):
        return False
    return high is None or value < high[0] or (value == high[0] and not high[1])


def _plain(value: Fraction) -> int | float | None:
    if value.denominator == 1:
        return int(value)
    try:
        return float(value)
    except OverflowError:
        return None
