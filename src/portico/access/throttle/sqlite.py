"""Buckets in a file of SQLite, which the workers of one machine share.

Taking is a transaction: read, decide, write. All requests that arrive in one turn of the event loop share one, in their
order, so a loaded process pays for it once in many requests. Who has just been refused begins as a reader, since a key
past its limit will most likely be refused again: so a flood of refusals keeps nobody from writing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from portico.access.throttle.bucket import ADDRESS, JUMP, Bucket, Taken, settle, told, weigh
from portico.access.throttle.bucket import State as Settled
from portico.access.throttle.sqlite_file import READ, WRITE, Execute, SharedFile

T = TypeVar("T")
Clock = Callable[[], float]
Row = tuple[str, float, float, float, float]  # name, level, at, rate, keep

SIZES = (64, 32, 16, 8, 4, 3, 2, 1)  # rows of one statement
TOGETHER = 128  # requests in one transaction: others wait for it, here and in other processes
PORTION = 500  # rows that one turn of the event loop sweeps
MOST = 200_000  # buckets of addresses that a sweep leaves: some 20 MB
SAMPLE = 50  # one in so many addresses tells how old they are

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, level REAL NOT NULL, at REAL NOT NULL,"
    " rate REAL NOT NULL, keep REAL NOT NULL) WITHOUT ROWID"
)
_BETWEEN = "name > :after AND name <= :last"
_OVER = "CASE WHEN rate > 0 THEN level <= (:now - at) * rate ELSE keep <= :wall END"
_LATER = f"at > :now + {JUMP}"
# All of these are made of constants only:
_LOOK = f"SELECT name, at, {_OVER} OR {_LATER} FROM buckets WHERE name > :after ORDER BY name LIMIT {PORTION}"  # noqa: S608
_SET_BACK = f"UPDATE buckets SET at = :now WHERE {_BETWEEN} AND {_LATER}"  # noqa: S608
_FORGET = f"DELETE FROM buckets WHERE {_BETWEEN} AND {_OVER}"  # noqa: S608
_FORGET_OLD = f"DELETE FROM buckets WHERE {_BETWEEN} AND at < :before"  # noqa: S608
_PORTION_END = (
    "SELECT name FROM buckets WHERE name > :after AND name < :end"  # noqa: S608
    f" ORDER BY name LIMIT 1 OFFSET {PORTION - 1}"
)
_END = ADDRESS[:-1] + chr(ord(ADDRESS[-1]) + 1)  # the first text after all that begin so


class Request(NamedTuple):
    """Asks to take from buckets."""

    buckets: Sequence[Bucket]
    cost: float


class SQLiteStore:
    """Keeps buckets in a file. To be used from the event loop's thread, which it never keeps longer than half a second.

    Whoever has many addresses could fill it with theirs: what they leave is forgotten when it is full again, and past
    `most` the oldest of them go. Others go only when they are full.
    """

    name = "sqlite"

    def __init__(self, path: Path, clock: Clock = time.monotonic, *, wall: Clock = time.time, most: int = MOST) -> None:
        """Nothing is opened before the first use.

        Args:
            path: the file; it is made where there is none.
            clock: seconds, the same in all processes of the machine. After a restart of the machine it may begin anew.
            wall: seconds since the epoch.
            most: buckets of addresses that a sweep leaves.
        """
        self._file = SharedFile(path, SCHEMA, clock)
        self._clock = clock
        self._wall = wall
        self._most = most
        self._begin = WRITE
        self._waiting: list[tuple[Request, asyncio.Future[Taken]]] = []

    def take(self, buckets: Sequence[Bucket], cost: float) -> Awaitable[Taken]:
        """See `LimitStore`. It is taken in the event loop's next turn, together with all that come in this one."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Taken] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._answer)
        self._waiting.append((Request(buckets, cost), answer))
        return answer

    def take_at_once(self, requests: Sequence[Request]) -> list[Taken]:
        """What becomes of several requests, in their order, in one transaction.

        Args:
            requests: at most `TOGETHER`.

        Raises:
            LimitStoreUnavailable: nobody can say; nothing is taken.
        """
        try:
            found = self._file.transact(self._begin, lambda execute: self._take(execute, requests))
        except UnicodeEncodeError:
            encodable = [Request([_encodable(bucket) for bucket in one.buckets], one.cost) for one in requests]
            return self.take_at_once(encodable)
        self._begin = WRITE if any(one.admitted for one in found) else READ
        return found

    async def read(self, buckets: Sequence[Bucket]) -> tuple[float | None, ...]:
        """See `LimitStore`."""
        buckets = [_encodable(bucket) for bucket in buckets]
        found = self._file.transact(READ, lambda execute: _states(execute, [bucket.name for bucket in buckets]))
        return tuple(_level(found, bucket, self._clock()) for bucket in buckets)

    async def seed(self, levels: Sequence[tuple[Bucket, float]]) -> None:
        """See `LimitStore`."""
        buckets = [_encodable(bucket) for bucket, _ in levels]

        def write(execute: Execute) -> None:
            found, now = _states(execute, [bucket.name for bucket in buckets]), self._clock()
            rows: list[Row] = []
            for bucket, (_, level) in zip(buckets, levels, strict=True):
                rows.append((bucket.name, max(level, _level(found, bucket, now) or 0.0), now, bucket.rate, bucket.keep))
            _write(execute, rows)

        self._file.transact(WRITE, write)

    async def sweep(self) -> None:
        """See `LimitStore`. Between portions others run, here and in other processes."""
        ages: list[float] = []  # of a sample of the addresses
        number = 0
        after: str | None = ""
        while after is not None:
            rows = self._file.transact(READ, partial(self._look, after))
            if any(due for _, _, due in rows):
                self._file.transact(WRITE, partial(self._forget, after, rows[-1][0]))
            for name, at, due in rows:
                if not due and name.startswith(ADDRESS):
                    number += 1
                    if number % SAMPLE == 0:
                        ages.append(at)
            after = rows[-1][0] if len(rows) == PORTION else None
            await asyncio.sleep(0)
        if number > self._most and ages:
            await self._forget_addresses(before=sorted(ages)[(number - self._most) // SAMPLE])

    async def close(self) -> None:
        """See `LimitStore`."""
        self._file.close()

    def _answer(self) -> None:
        """Take for all who wait."""
        waiting, self._waiting = self._waiting, []
        waiting = [one for one in waiting if not one[1].done()]  # who was cancelled takes nothing
        for start in range(0, len(waiting), TOGETHER):
            portion = waiting[start : start + TOGETHER]
            try:
                taken = self.take_at_once([request for request, _ in portion])
            except Exception as error:  # whatever it is: those who wait must hear of it
                for _, answer in portion:
                    answer.set_exception(error)
            else:
                for (_, answer), one in zip(portion, taken, strict=True):
                    answer.set_result(one)

    def _take(self, execute: Execute, requests: Sequence[Request]) -> list[Taken]:
        named = {bucket.name: bucket for request in requests for bucket in request.buckets}
        kept = _states(execute, named)
        now = self._clock()
        changed: dict[str, Bucket] = {}
        taken = []
        for buckets, cost in requests:
            admitted, levels, moments, _, set_back = weigh(buckets, kept, cost, now)
            if admitted or set_back:
                for bucket, level, at in zip(buckets, levels, moments):  # noqa: B905 - of one length; saying so costs time
                    name = bucket.name
                    if admitted or name in kept:
                        kept[name] = (level, at)
                        changed[name] = bucket
            taken.append(told(admitted, levels))
        _write(execute, [(name, *kept[name], bucket.rate, bucket.keep) for name, bucket in changed.items()])
        return taken

    def _look(self, after: str, execute: Execute) -> list[tuple[str, float, bool]]:
        return execute(_LOOK, self._values(after)).fetchall()

    def _forget(self, after: str, last: str, execute: Execute) -> None:
        values = self._values(after, last)
        execute(_FORGET, values)
        execute(_SET_BACK, values)

    async def _forget_addresses(self, *, before: float) -> None:
        after: str | None = ADDRESS
        while after is not None:
            after = self._file.transact(WRITE, partial(self._forget_portion, after, before))
            await asyncio.sleep(0)

    @staticmethod
    def _forget_portion(after: str, before: float, execute: Execute) -> str | None:
        found = execute(_PORTION_END, {"after": after, "end": _END}).fetchone()
        execute(_FORGET_OLD, {"after": after, "last": found[0] if found else _END, "before": before})
        return str(found[0]) if found else None

    def _values(self, after: str, last: str = "") -> dict[str, object]:
        return {"after": after, "last": last, "now": self._clock(), "wall": self._wall()}


def _states(execute: Execute, names: Iterable[str]) -> dict[str, tuple[float, float]]:
    """What there is of buckets: level and moment."""
    found: dict[str, tuple[float, float]] = {}
    for size, some in _in_sizes(list(names)):
        for name, level, at in execute(_select(size), some):
            found[name] = (level, at)
    return found


def _write(execute: Execute, rows: Sequence[Row]) -> None:
    for size, some in _in_sizes(rows):
        execute(_replace(size), [value for row in some for value in row])


def _in_sizes(several: Sequence[T]) -> Iterator[tuple[int, Sequence[T]]]:
    """Cut into pieces of few sizes, so that there are few statements, which SQLite keeps prepared."""
    start = 0
    for size in SIZES:
        while len(several) - start >= size:
            yield size, several[start : start + size]
            start += size


def _level(found: dict[str, tuple[float, float]], bucket: Bucket, now: float) -> float | None:
    state = found.get(bucket.name)
    settled = settle(Settled(*state) if state else None, bucket.rate, now)
    return None if settled is None else settled.level


def _encodable(bucket: Bucket) -> Bucket:
    """The same bucket, named so that UTF-8 can say it: what a client sent may hold half a character."""
    try:
        bucket.name.encode()
    except UnicodeEncodeError:
        return msgspec.structs.replace(bucket, name="half:" + bucket.name.encode("utf-8", "surrogatepass").hex())
    return bucket


@cache
def _select(number: int) -> str:
    return f"SELECT name, level, at FROM buckets WHERE name IN ({', '.join('?' * number)})"  # noqa: S608 - question marks


@cache
def _replace(number: int) -> str:
    rows = ", ".join(["(?, ?, ?, ?, ?)"] * number)
    return f"REPLACE INTO buckets (name, level, at, rate, keep) VALUES {rows}"  # noqa: S608 - question marks
