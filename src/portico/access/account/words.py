"""Numbers, days and moments, as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime

EVERY = {"DAY": "day", "WEEK": "week", "MONTH": "month"}


def number(value: float) -> str:
    """1,234."""
    return f"{value:,}"


def several(count: int, one: str) -> str:
    """1 request, 2 requests."""
    return f"{number(count)} {one}" if count == 1 else f"{number(count)} {one}s"


def rate(per_second: float) -> str:
    """200 requests a second; 30 requests a minute, where that is the better number."""
    for seconds, every in ((1, "second"), (60, "minute"), (3_600, "hour")):
        found = per_second * seconds
        if found >= 1 or every == "hour":
            text = f"{found:,.4g}" if found < 1_000 else f"{found:,.0f}"
            return f"{text} request{'' if text == '1' else 's'} a {every}"
    raise AssertionError


def moment(at: float) -> str:
    """3 November 2026, 14:05 UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%-d %B %Y, %H:%M UTC")


def soon(at: float) -> str:
    """3 Nov, 14:05 UTC: within a month or so."""
    return datetime.fromtimestamp(at, UTC).strftime("%-d %b, %H:%M UTC")


def day(at: date) -> str:
    """3 November."""
    return at.strftime("%-d %B")


def short_day(at: date) -> str:
    """3 Nov."""
    return at.strftime("%-d %b")
