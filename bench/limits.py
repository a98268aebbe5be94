"""What is measured of limits beside the cases: whether they are exact, and what many keys cost."""

# ruff: noqa: RUF001 - a ratio is written with the sign for it

from __future__ import annotations

from dataclasses import dataclass

from bench import exact, many
from bench.exact import MANY_MOST, MOST, QUOTA, Exact
from bench.goals import MEGABYTE, Goal
from bench.many import Many

EXACT = ("one key, 200/s, burst 50, 10 s", "sent", "admitted", "1,000 keys: sent", "admitted", "of one key", "quota")
KILLED = ("a worker is killed", "admitted", "answered", "in flight", "used, in the database", "its last second")
KEYS = ("keys and plans", "10 and 1", "100,000 and 1,000")
LEAST = 2_030  # of MOST, that must be admitted
Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Limits:
    """Everything."""

    exact: list[Exact]
    many: Many


def measure() -> Limits:
    """Measure all of it; a few minutes."""
    return Limits(exact.measure(), many.measure())


def exact_rows(limits: Limits) -> Rows:
    """What was sent and admitted."""
    return [
        (
            one.name,
            f"{one.sent:,}",
            f"{one.admitted:,}",
            f"{one.many_sent:,}",
            f"{one.many:,}",
            f"{one.many_least} to {one.many_most}",
            f"{one.quota:,}",
        )
        for one in limits.exact
    ]


def killed_rows(limits: Limits) -> Rows:
    """What a quota came to whose requests a worker died over."""
    return [
        (one.name, *(f"{number:,}" for number in (kill.admitted, kill.answered, kill.lost, kill.used, kill.second)))
        for one in limits.exact
        if (kill := one.kill) is not None
    ]


def key_rows(limits: Limits) -> Rows:
    """What many keys cost."""
    found = limits.many
    rows: Rows = [
        ("look-up of a key at hand, ten in turn, µs", f"{found.few.same:.2f}", f"{found.many.same:.2f}"),
        (f"the same, {many.AT_HAND:,} in turn, µs", "", f"{found.many.at_hand:.2f}"),
        ("first look-up of a key, µs", f"{found.few.first:.0f}", f"{found.many.first:.0f}"),
        ("refusal of an unknown secret, µs", f"{found.few.unknown:.1f}", f"{found.many.unknown:.1f}"),
        ("import, s", "", f"{found.importing:.1f}"),
    ]
    for name, (few, lots) in found.memory.items():
        rows.append((f"memory, {name}, MB", f"{few / MEGABYTE:.0f}", f"{lots / MEGABYTE:.0f}"))
    return rows


def goals(limits: Limits) -> list[Goal]:
    """The goals of limits."""
    found = []
    for one in limits.exact:
        text = f"{one.name}: admitted of one key"
        right = LEAST <= one.admitted <= MOST
        found.append(Goal(text, f"{LEAST:,} to {MOST:,}", f"{one.admitted:,}", right))
        most = f"{one.many_most} ({one.many:,} together)"
        found.append(Goal(f"{one.name}: admitted of the worst of 1,000", f"≤ {MANY_MOST}", most, _is_bounded(one)))
        found.append(Goal(f"{one.name}: a quota of {QUOTA:,}", f"{QUOTA:,}", f"{one.quota:,}", one.quota == QUOTA))
        if (kill := one.kill) is not None:
            text = f"{one.name}, one killed: not in the database of {kill.admitted:,} admitted"
            missing, whole = kill.admitted - kill.used, kill.admitted == exact.LONGER_QUOTA
            most = kill.second + kill.lost
            met = whole and kill.answered <= kill.admitted and 0 <= missing <= most and kill.used == kill.counted
            found.append(Goal(text, f"0 to {most:,}", f"{missing:,}", met))
    few, lots = limits.many.few.same, limits.many.many.same
    found.append(
        Goal(
            "look-up of ten keys among 100,000, against ten alone", "≤ 1.1 ×", f"{lots / few:.2f} ×", lots <= few * 1.1
        )
    )
    for name, (before, after) in limits.many.memory.items():
        more = after - before
        found.append(Goal(f"100,000 keys in {name}", "< 40 MB", f"{more / MEGABYTE:.0f} MB", more < 40 * MEGABYTE))
    seconds = limits.many.importing
    found.append(Goal("import of 100,000 keys", "< 30 s", f"{seconds:.1f} s", seconds < 30))
    return found


def _is_bounded(one: Exact) -> bool:
    return one.many_most <= MANY_MOST and one.many <= MANY_MOST * exact.MANY


NOTES = f"""Real `portico serve` processes on both cores, {exact.RATE}/s and a burst of {exact.BURST} for one key, then
{exact.MANY:,} keys in turn of which each has {exact.MANY_RATE}/s and a burst of {exact.MANY_BURST}, from connections
that send the next request when the last one is answered. Counted is what was answered within {exact.SECONDS:g} s of the
first request sent, so that all of it was decided within that time: at most {MOST:,} for one key, {MANY_MOST} for each
of many. Two machines are two servers with a folder of their own, one database and one Redis. The worker is killed with
SIGKILL while a quota of {exact.LONGER_QUOTA:,} is used up; "in flight" is what it left unanswered, "its last second"
what it answered with 200 in the second before: no more than both may be missing in the database, and nothing may be
there twice. Memory is resident after {many.USED:,} requests, each with another key where there are as many.
"""
