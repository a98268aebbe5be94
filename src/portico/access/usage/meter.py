"""Counting in one process what API keys call: plain integers on the hot path, batches in the database.

A request is counted in its `Count` when it ends, and what it takes from a quota when it is admitted. Twice a second all
that has come is added to the database in one transaction, with a number: when nobody heard whether it was committed, it
is sent again and added once. A process that is killed takes what it has counted since its last batch with it: at most
a second's worth, and with a store of limits that others share, the limits themselves lose nothing.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from portico.access.usage import repository
from portico.access.usage.repository import Batch, Cell, Held, Spent
from portico.store import State, StoreError

log = logging.getLogger("portico.access")

INTERVAL = 0.5  # seconds between two batches
TIDY_EVERY = 3_600.0  # seconds
OUTCOMES = ("throttled", "1xx", "2xx", "3xx", "4xx", "5xx")
LONGEST = 256  # characters of an operation's name, in the database
THROTTLED = 0
NOTHING = Held(0, 0)
UNTOUCHED: list[int] = []  # of most keys, most of the time; nobody writes to it


class Count:
    """What one key called of one operation since the last batch."""

    __slots__ = ("_meter", "key_id", "operation", "outcomes", "spent", "taken", "touched")

    def __init__(self, meter: Meter, key_id: str, operation: str, spent: tuple[Spent, ...]) -> None:
        """Count.

        Args:
            meter: adds it to the database.
            key_id: of whom.
            operation: "concierge.sendMessage".
            spent: the quotas that each request is taken from.
        """
        self._meter = meter
        self.key_id = key_id
        self.operation = operation
        self.spent = spent
        self.taken = 0  # from each of them
        self.outcomes = UNTOUCHED  # as OUTCOMES has them
        self.touched = False

    def take(self, cost: int) -> None:
        """A request was admitted."""
        self.taken += cost
        if not self.touched:
            self._touch()

    def end(self, status: int) -> None:
        """A request that was admitted has ended."""
        if not self.touched:
            self._touch()
        self.outcomes[status // 100 if 100 <= status < 600 else 4] += 1

    def refuse(self) -> None:
        """A request was not admitted."""
        if not self.touched:
            self._touch()
        self.outcomes[THROTTLED] += 1

    def _touch(self) -> None:
        self.touched = True
        self.outcomes = [0, 0, 0, 0, 0, 0]
        self._meter.touched.append(self)


class Meter:
    """Adds to the database what a process has counted."""

    def __init__(self, state: State) -> None:
        self.touched: list[Count] = []
        self._state = state
        self._process = uuid.uuid4().hex
        self._number = 0
        self._waiting: Batch | None = None  # whose transaction has failed, or nobody knows
        self._one_at_a_time = asyncio.Lock()
        self._asking: list[tuple[Sequence[Spent], asyncio.Future[tuple[Held, ...]]]] = []
        self._answering: asyncio.Task[None] | None = None
        self._failing = False
        self._tidied = 0.0  # seconds since the epoch

    def count(self, key_id: str, operation: str, spent: tuple[Spent, ...] = ()) -> Count:
        """Where the requests of a key to an operation are counted. Keep it.

        Args:
            key_id: of whom.
            operation: "concierge.sendMessage".
            spent: the quotas that each request is taken from.
        """
        return Count(self, key_id, operation[:LONGEST], spent)

    async def flush(self) -> None:
        """Add everything that has been counted until now.

        Raises:
            StoreError: the database cannot be used. Nothing is lost, it is tried again with the next batch.
        """
        async with self._one_at_a_time:
            await self._flush()

    async def held(self, wanted: Sequence[Spent]) -> tuple[Held, ...]:
        """What was used of quotas, by this process and, up to a moment ago, by others.

        Args:
            wanted: which.

        Raises:
            StoreError: the database cannot be used.
        """
        async with self._one_at_a_time:
            if self._waiting is not None or any(count.taken for count in self.touched):
                await self._flush()
            found = await self._state.db.read(repository.held, wanted)
            return self._with_pending(wanted, found)

    async def held_for_all(self, wanted: Sequence[Spent]) -> tuple[Held, ...]:
        """`held`, asked once for all who ask meanwhile: at the beginning of a day, each key asks.

        Between the answer and whoever waits for it, others may run. So it is for quotas of which nothing is admitted
        before it is known.

        Args:
            wanted: which.

        Raises:
            StoreError: the database cannot be used.
        """
        answer: asyncio.Future[tuple[Held, ...]] = asyncio.get_running_loop().create_future()
        self._asking.append((wanted, answer))
        if self._answering is None:
            self._answering = asyncio.create_task(self._answer())
        return await answer

    async def _answer(self) -> None:
        asking: list[tuple[Sequence[Spent], asyncio.Future[tuple[Held, ...]]]] = []
        try:
            while self._asking:
                asking, self._asking = self._asking, []
                all_wanted = list({one: None for wanted, _ in asking for one in wanted})
                held = dict(zip(all_wanted, await self.held(all_wanted), strict=True))
                for wanted, answer in asking:
                    if not answer.done():
                        answer.set_result(tuple(held[one] for one in wanted))
        except BaseException as error:  # whatever it is: those who wait must hear of it
            for _, answer in (*asking, *self._asking):
                if not answer.done():
                    answer.set_exception(error if isinstance(error, Exception) else StoreError("The server ends."))
            self._asking.clear()
            if not isinstance(error, Exception):
                raise
        finally:
            self._answering = None

    def _with_pending(self, wanted: Sequence[Spent], found: dict[tuple[str, str, str], Held]) -> tuple[Held, ...]:
        """With what was admitted while the database was asked."""
        pending: dict[Spent, int] = {}
        for count in self.touched:
            for one in count.spent if count.taken else ():
                pending[one] = pending.get(one, 0) + count.taken
        several = [(one, found.get((one.key_id, one.name, one.window), NOTHING)) for one in wanted]
        return tuple(Held(known.used + pending.get(one, 0), known.granted) for one, known in several)

    async def _flush(self) -> None:
        """Two batches at most. What comes meanwhile is the next one's: under load there is always some."""
        await self._send()
        if self.touched:
            self._waiting = self._collect()
            await self._send()

    async def _send(self) -> None:
        if self._waiting is not None:
            await self._state.db.tx(repository.add, self._waiting, self._state.clock())
            self._waiting = None

    async def run(self) -> None:
        """Add beside the server, until cancelled."""
        try:
            while True:
                await asyncio.sleep(INTERVAL)
                await self._quietly()
        finally:
            try:
                await self.flush()
            except StoreError as error:
                log.error("the last usage of API keys is not recorded: %s", error)

    async def _quietly(self) -> None:
        try:
            await self.flush()
            now = self._state.clock()
            if now > self._tidied + TIDY_EVERY:
                self._tidied = now
                await self._state.db.tx(repository.tidy, now)
            if self._failing:
                log.warning("the usage of API keys is recorded again")
            self._failing = False
        except Exception as error:  # whatever it is: who stops here counts nothing any more
            if not self._failing:
                log.error("the usage of API keys is not recorded; it is kept and tried again: %s", error)
            self._failing = True

    def _collect(self) -> Batch:
        touched, self.touched = self.touched, []
        cells: dict[Cell, int] = {}
        spent: dict[Spent, int] = {}
        today = _day(int(self._state.clock() // 86_400))
        for count in touched:
            count.touched = False
            for outcome, requests in zip(OUTCOMES, count.outcomes, strict=True):
                if requests:
                    cell = Cell(count.key_id, today, count.operation, outcome)
                    cells[cell] = cells.get(cell, 0) + requests
            for one in count.spent if count.taken else ():
                spent[one] = spent.get(one, 0) + count.taken
            count.outcomes, count.taken = UNTOUCHED, 0
        self._number += 1
        return Batch(self._process, self._number, cells, spent)


@lru_cache(maxsize=2)
def _day(number: int) -> str:
    return datetime.fromtimestamp(number * 86_400, UTC).strftime("%Y-%m-%d")
