"""Buckets in a file of SQLite, which the workers of one machine share.

A take is a transaction: read, decide, write. Measured against one statement that does all (`INSERT ... SELECT ... WHERE
NOT EXISTS ... RETURNING`) it is as fast, costs half where it refuses, and the decision is Python's like elsewhere.
Who has just been refused begins as a reader, since a key past its limit will most likely be refused again: so a flood
of refusals keeps nobody from writing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path

import msgspec

from portico.access.throttle.bucket import ADDRESS, JUMP, Bucket, Taken, settle, told, weigh
from portico.access.throttle.bucket import State as Settled
from portico.access.throttle.sqlite_file import READ, WRITE, Execute, SharedFile

Clock = Callable[[], float]

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


class SQLiteStore:
    """Keeps buckets in a file. To be used from the event loop's thread; its calls never wait longer than half a second.

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

    def take(self, buckets: Sequence[Bucket], cost: float) -> Taken:
        """See `LimitStore`."""
        try:
            admitted, levels = self._file.transact(self._begin, lambda execute: self._take(execute, buckets, cost))
        except UnicodeEncodeError:
            return self.take([_encodable(bucket) for bucket in buckets], cost)
        self._begin = WRITE if admitted else READ
        return told(admitted, levels)

    async def read(self, buckets: Sequence[Bucket]) -> tuple[float | None, ...]:
        """See `LimitStore`."""
        buckets = [_encodable(bucket) for bucket in buckets]
        found = self._file.transact(READ, lambda execute: _states(execute, buckets))
        return tuple(_level(found, bucket, self._clock()) for bucket in buckets)

    async def seed(self, levels: Sequence[tuple[Bucket, float]]) -> None:
        """See `LimitStore`."""
        buckets = [_encodable(bucket) for bucket, _ in levels]

        def write(execute: Execute) -> None:
            found, now = _states(execute, buckets), self._clock()
            values: list[object] = []
            for bucket, (_, level) in zip(buckets, levels, strict=True):
                values += bucket.name, max(level, _level(found, bucket, now) or 0.0), now, bucket.rate, bucket.keep
            execute(_replace(len(buckets)), values)

        if buckets:
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

    def _take(self, execute: Execute, buckets: Sequence[Bucket], cost: float) -> tuple[bool, list[float]]:
        found = _states(execute, buckets)
        admitted, levels, moments, _, set_back = weigh(buckets, found, cost, self._clock())
        if admitted or set_back:
            values: list[object] = []
            number = 0
            for bucket, level, at in zip(buckets, levels, moments):  # noqa: B905 - of one length; saying so costs time
                if admitted or bucket.name in found:
                    values += bucket.name, level, at, bucket.rate, bucket.keep
                    number += 1
            execute(_replace(number), values)
        return admitted, levels

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


def _states(execute: Execute, buckets: Sequence[Bucket]) -> dict[str, tuple[float, float]]:
    rows = execute(_select(len(buckets)), [bucket.name for bucket in buckets]).fetchall()
    return {name: (level, at) for name, level, at in rows}


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
