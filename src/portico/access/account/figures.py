"""How a key stands: what is left of its plans, what it called. The page shows it, and its script asks for it again."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

import sqlalchemy as sa

from portico.access.account import repository
from portico.access.account.repository import Row, Sums
from portico.access.account.standing import Granted, Left, entries, spent_of, told, warning
from portico.access.account.words import day, number, several, short_day
from portico.access.keys.model import ApiKey
from portico.access.limiter import Limiter
from portico.access.throttle import Bucket, LimitStoreUnavailable
from portico.access.usage import repository as usage
from portico.store import State

FRESH = 1.0  # seconds that figures are shown to whoever asks
KEPT = 256  # keys whose figures are at hand
DAYS = 30  # that are shown
OPERATIONS = 25  # that are shown
SERIES = ("answered", "client errors", "server errors", "throttled")  # as `repository.SERIES`
HEIGHT = 100.0  # of the chart
STEPS = (1, 2, 3, 4, 6, 8, 10)  # where a chart may end: its half is a round number too

_NO_SUMS: Sums = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Column:
    """A day of the chart."""

    day: str  # "3 November"
    short: str  # "3 Nov"
    title: str  # "3 November: 1,204 requests, 4 throttled"
    bars: tuple[tuple[float, float], ...]  # top and height of each of SERIES, of a chart of 100
    numbers: tuple[str, ...]  # of each of SERIES, and of all


@dataclass(frozen=True, slots=True)
class Operation:
    """What was called of an operation."""

    name: str
    requests: str
    details: str  # "1,200 answered, 4 throttled"
    bars: tuple[tuple[float, float], ...]  # beginning and width of each of SERIES, of 100


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that changes while one looks."""

    warning: str
    today: str
    total: str
    summary: str  # the chart in a sentence
    top: str  # the number at the chart's upper edge
    limits: tuple[Left, ...]
    days: tuple[Column, ...]
    operations: tuple[Operation, ...]
    more: bool  # there are further operations
    shape: str  # changes when the page's parts do: then it is fetched anew


class Reader:
    """Reads figures."""

    def __init__(self, state: State, limiter: Limiter) -> None:
        """Make one.

        Args:
            state: of the project.
            limiter: knows its plans and the store of limits.
        """
        self._state = state
        self._limiter = limiter
        self._kept: OrderedDict[tuple[object, ...], tuple[float, asyncio.Task[Figures]]] = OrderedDict()

    async def figures(self, key: ApiKey) -> Figures:
        """How a key stands now, or stood a second ago: however many look, the database is asked once a second.

        Args:
            key: as the database has it now.

        Raises:
            StoreError: the database cannot be asked.
        """
        place = key.id, key.plans, key.quota_revision
        moment, kept = time.monotonic(), self._kept.get(place)
        if kept is not None and moment < kept[0] + FRESH:
            return await asyncio.shield(kept[1])
        task = asyncio.ensure_future(self._read(key))
        self._kept[place] = moment, task
        self._kept.move_to_end(place)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return await asyncio.shield(task)

    async def _read(self, key: ApiKey) -> Figures:
        plans, now = self._limiter.plans, self._state.clock()
        today = datetime.fromtimestamp(now, UTC).date()
        spent = spent_of(entries(key, plans, now, {}))
        since = (today - timedelta(days=DAYS - 1)).isoformat()

        def read(connection: sa.Connection) -> tuple[list[Row], list[Row], Granted]:
            return (
                repository.by_day(connection, key.id, since),
                repository.by_operation(connection, key.id, since, OPERATIONS + 1),
                usage.held(connection, spent),
            )

        days, operations, held = await self._state.db.read(read)
        some = entries(key, plans, now, held)
        limits = tuple(
            told(entry, level, held, now)
            for entry, level in zip(some, await self._levels([entry.bucket for entry in some]), strict=True)
        )
        return _figures(today, days, operations, limits)

    async def _levels(self, buckets: list[Bucket]) -> tuple[float | None, ...]:
        if not buckets:
            return ()
        try:
            return await self._limiter.store.read(buckets)
        except LimitStoreUnavailable:
            return (None,) * len(buckets)


def _figures(today: date, days: list[Row], operations: list[Row], limits: tuple[Left, ...]) -> Figures:
    of_day = {row.name: row.sums for row in days}
    shown = [today - timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]
    sums = [of_day.get(at.isoformat(), _NO_SUMS) for at in shown]
    top = _top(max(sum(one) for one in sums))
    total = tuple(map(sum, zip(*sums, strict=True)))
    most = max((sum(row.sums) for row in operations), default=1) or 1
    some = tuple(_operation(row, most) for row in operations[:OPERATIONS])
    return Figures(
        warning=warning(limits),
        today=number(sum(sums[-1])),
        total=number(sum(total)),
        summary=f"{several(sum(total), 'request')} in {DAYS} days: {_details(total)}.",
        top=number(top),
        limits=limits,
        days=tuple(_column(at, one, top) for at, one in zip(shown, sums, strict=True)),
        operations=some,
        more=len(operations) > OPERATIONS,
        shape="\n".join(f"{one.plan} {one.operation} {one.kind} {one.allows}" for one in limits),
    )


def _column(at: date, sums: Sums, top: int) -> Column:
    edges = [HEIGHT * so_far / top for so_far in accumulate(sums)]
    bars = tuple((round(HEIGHT - edge, 2), round(HEIGHT * one / top, 2)) for edge, one in zip(edges, sums, strict=True))
    title = f"{day(at)}: {several(sum(sums), 'request')}"
    bad = _details(sums, some=SERIES[1:])
    return Column(
        day=day(at),
        short=short_day(at),
        title=f"{title}, {bad}" if bad else title,
        bars=bars,
        numbers=(*(number(one) for one in sums), number(sum(sums))),
    )


def _operation(row: Row, most: int) -> Operation:
    edges = [0, *accumulate(row.sums)]
    bars = tuple(
        (round(100.0 * edge / most, 2), round(100.0 * one / most, 2))
        for edge, one in zip(edges, row.sums, strict=False)
    )
    return Operation(row.name, number(sum(row.sums)), _details(row.sums), bars)


def _details(sums: Sums, *, some: tuple[str, ...] = SERIES) -> str:
    found = [
        f"{number(one)} {name.removesuffix('s') if one == 1 else name}"
        for one, name in zip(sums, SERIES, strict=True)
        if one and name in some
    ]
    return ", ".join(found) or ("" if len(some) < len(SERIES) else "none")


def _top(most: int) -> int:
    """The round number that the chart ends at."""
    if most <= 10:
        return 10
    size = int("1" + "0" * (len(str(most)) - 1))
    return next(step for step in (size * times for times in STEPS) if step >= most)
