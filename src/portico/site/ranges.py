"""Which parts of a file a `Range` header asks for (RFC 9110 section 14). Pure functions."""

from __future__ import annotations

import re

RANGES = 16  # in one request; more are an attack or a mistake, and are answered with the whole file (section 14.2)

_ONE = re.compile(r"(\d{0,18})\s*-\s*(\d{0,18})", re.ASCII)


class RangeNotSatisfiable(ValueError):
    """None of the ranges lies within the file: 416."""


def parse(header: str, size: int) -> list[tuple[int, int]] | None:
    """The parts asked for, as (start, end) with the end left out, in the order of the request.

    Args:
        header: the value of `Range`.
        size: bytes of the whole file.

    Returns:
        None when the header is to be ignored: another unit, not understood, or wasteful.

    Raises:
        RangeNotSatisfiable: every range lies beyond the end.
    """
    unit, equals, rest = header.partition("=")
    parts = rest.split(",", RANGES + 1)
    if unit.strip().lower() != "bytes" or not equals or len(parts) > RANGES:
        return None
    asked: list[tuple[int, int]] = []
    for part in parts:
        found = _ONE.fullmatch(part.strip())
        if found is None or found[0].strip() == "-":
            return None
        span = _span(found[1], found[2], size)
        if span is None:
            return None
        asked.append(span)
    within = [(start, min(end, size)) for start, end in asked if start < min(end, size)]
    if not within:
        raise RangeNotSatisfiable(header)
    if len(within) > 1 and sum(end - start for start, end in within) >= size:
        return None  # overlapping parts would multiply the traffic
    return within


def _span(first: str, last: str, size: int) -> tuple[int, int] | None:
    if not first:  # "-500": the last 500 bytes
        length = int(last)
        return (max(size - length, 0), size) if length else (size, size)
    start = int(first)
    if not last:
        return start, max(size, start)
    return (start, int(last) + 1) if int(last) >= start else None
