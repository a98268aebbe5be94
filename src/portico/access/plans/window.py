"""The days, weeks and months of quotas, in a time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import assert_never

from portico.access.plans.declared import Period

LONGEST_OFFSET: dict[Period, float] = {"DAY": 86_400.0, "WEEK": 7 * 86_400.0, "MONTH": 28 * 86_400.0}  # seconds
USUAL_LENGTH: dict[Period, int] = {"DAY": 86_400, "WEEK": 604_800, "MONTH": 2_592_000}  # seconds, for announcements


@dataclass(frozen=True, slots=True)
class Window:
    """One day, week or month of a quota."""

    name: str  # "M2026-11-01"
    begins_at: float  # seconds since the epoch
    ends_at: float  # seconds since the epoch: the first moment of the next one


def window_at(now: float, period: Period, zone: tzinfo, offset: float = 0.0) -> Window:
    """The window of a moment.

    Args:
        now: seconds since the epoch.
        period: of the calendar.
        zone: whose midnight counts; where clocks are set there, a day has 23 or 25 hours.
        offset: seconds after the calendar's beginning at which each window begins.
    """
    shift = timedelta(seconds=offset)
    local = datetime.fromtimestamp(now, zone).replace(tzinfo=None) - shift
    start = _start(local, period)
    found = _window(start, period, zone, shift)
    if now >= found.ends_at:  # the clock was set back and shows an hour again in which the next one has begun
        return _window(_next(start, period), period, zone, shift)
    if now < found.begins_at:  # the clock was set forward and never shows the moment at which it begins
        return _window(_start(start - timedelta(days=1), period), period, zone, shift)
    return found


def _window(start: datetime, period: Period, zone: tzinfo, shift: timedelta) -> Window:
    begins, ends = start + shift, _next(start, period) + shift
    return Window(f"{period[0]}{begins:%Y-%m-%d}", _epoch(begins, zone), _epoch(ends, zone))


def _start(local: datetime, period: Period) -> datetime:
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    match period:
        case "DAY":
            return midnight
        case "WEEK":
            return midnight - timedelta(days=midnight.weekday())
        case "MONTH":
            return midnight.replace(day=1)
    assert_never(period)


def _next(start: datetime, period: Period) -> datetime:
    if period == "MONTH":
        return (start + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=1 if period == "DAY" else 7)


def _epoch(local: datetime, zone: tzinfo) -> float:
    return local.replace(tzinfo=zone).astimezone(UTC).timestamp()
