"""Days, weeks and months of quotas."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portico.access.plans.declared import Period
from portico.access.plans.window import LONGEST_OFFSET, window_at

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("moment", "period", "offset", "name", "begins", "ends"),
    [
        ("2026-11-21T22:59:59Z", "DAY", 0, "D2026-11-21", "2026-11-20T23:00Z", "2026-11-21T23:00Z"),
        ("2026-11-21T23:00:00Z", "DAY", 0, "D2026-11-22", "2026-11-21T23:00Z", "2026-11-22T23:00Z"),
        ("2026-11-22T04:59:59Z", "DAY", 6 * 3_600, "D2026-11-21", "2026-11-21T05:00Z", "2026-11-22T05:00Z"),
        ("2026-11-21T12:00:00Z", "WEEK", 0, "W2026-11-16", "2026-11-15T23:00Z", "2026-11-22T23:00Z"),
        ("2026-11-21T12:00:00Z", "WEEK", 5 * 86_400, "W2026-11-21", "2026-11-20T23:00Z", "2026-11-27T23:00Z"),
        ("2026-11-20T12:00:00Z", "WEEK", 5 * 86_400, "W2026-11-14", "2026-11-13T23:00Z", "2026-11-20T23:00Z"),
        ("2026-02-28T23:30:00Z", "MONTH", 0, "M2026-03-01", "2026-02-28T23:00Z", "2026-03-31T22:00Z"),
        ("2026-03-10T12:00:00Z", "MONTH", 14 * 86_400, "M2026-02-15", "2026-02-14T23:00Z", "2026-03-14T23:00Z"),
        ("2026-12-31T22:59:59Z", "MONTH", 0, "M2026-12-01", "2026-11-30T23:00Z", "2026-12-31T23:00Z"),
        ("2026-03-29T12:00:00Z", "DAY", 0, "D2026-03-29", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),  # has 23 hours
        ("2026-10-25T12:00:00Z", "DAY", 0, "D2026-10-25", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),  # has 25
    ],
)
def test_a_moment_is_in_the_window_of_its_zone(
    moment: str, period: Period, offset: float, name: str, begins: str, ends: str
) -> None:
    window = window_at(at(moment), period, BERLIN, offset)
    assert (window.name, window.begins_at, window.ends_at) == (name, at(begins), at(ends))


@given(
    some.floats(0, 4e9),
    some.sampled_from(["DAY", "WEEK", "MONTH"]),
    some.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"]),
    some.floats(0, 1, exclude_max=True),
)
def test_each_moment_is_in_its_window_and_windows_follow_one_another(
    now: float, period: Period, zone: str, part: float
) -> None:
    offset = part * LONGEST_OFFSET[period] // 3_600 * 3_600
    window = window_at(now, period, ZoneInfo(zone), offset)
    assert window.begins_at <= now < window.ends_at or _is_set_back(now, zone)
    following = window_at(window.ends_at + 7_200, period, ZoneInfo(zone), offset)
    assert following.name > window.name


def _is_set_back(now: float, zone: str) -> bool:
    """Whether the clock shows this hour twice, or a day was left out, near this moment."""
    here = datetime.fromtimestamp(now, UTC)
    offsets = {
        datetime.fromtimestamp(now + hours * 3_600, ZoneInfo(zone)).utcoffset()
        for hours in (-36, -24, -3, 0, 3, 24, 36)
    }
    return here is not None and len(offsets) > 1


@pytest.mark.parametrize("day", ["2026-10-25T00:00Z", "2026-03-29T00:00Z"])
def test_a_window_that_begins_in_an_hour_shown_twice_or_never_comes_once(day: str) -> None:
    """Else the quota of the day before could be used again, or a call be told to come back before it was made."""
    moments = [at(day) + minutes * 60 for minutes in range(-60, 240, 5)]
    windows = [window_at(moment, "DAY", BERLIN, 2.5 * 3_600) for moment in moments]
    assert all(window.begins_at <= moment < window.ends_at for moment, window in zip(moments, windows, strict=True))
    names = [window.name for window in windows]
    assert names == sorted(names)
    assert len({(window.name, window.begins_at, window.ends_at) for window in windows}) == 2
