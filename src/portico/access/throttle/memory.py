"""Buckets in this process: for one worker, and where the store that workers share cannot be reached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from portico.access.throttle.bucket import ADDRESS, Bucket, Taken, told, weigh

MOST = 100_000  # buckets of addresses: some 30 MB
PORTION = 2_000  # buckets that are looked at in one turn of the event loop

Kept = tuple[float, float, float, float]
"""Level, at, rate, keep: a tuple of numbers, which the garbage collector does not visit."""


class MemoryStore:
    """Keeps buckets in a dictionary.

    Whoever has many addresses could fill it with theirs, so there is an end to those: past `most` the oldest are
    forgotten, a portion at a time so that no request pays for all. Somebody who wants a used-up bucket of an address
    forgotten must first send from as many others. Buckets of keys and users, of which there are only as many as were
    given out, do not count towards it and are never forgotten before they are full.
    """

    name = "memory"

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        wall: Callable[[], float] = time.time,
        most: int = MOST,
    ) -> None:
        self._clock = clock
        self._wall = wall
        self._most = most
        self._kept: dict[str, Kept] = {}
        self._addresses: dict[str, None] = {}  # names among them, the oldest first

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, buckets: Sequence[Bucket], cost: float) -> Taken:
        """See `LimitStore`."""
        kept = self._kept
        admitted, levels, moments, fresh, set_back = weigh(buckets, kept, cost, self._clock())
        if admitted:
            for bucket, level, at in zip(buckets, levels, moments):  # noqa: B905 - of one length; saying so costs time
                kept[bucket.name] = (level, at, bucket.rate, bucket.keep)
            if fresh:
                self._enlist(buckets)
            return Taken(True, tuple(levels))
        if set_back:
            for bucket, level, at in zip(buckets, levels, moments, strict=True):
                if bucket.name in kept:
                    kept[bucket.name] = (level, at, bucket.rate, bucket.keep)
        return told(False, levels)

    async def read(self, buckets: Sequence[Bucket]) -> tuple[float | None, ...]:
        """See `LimitStore`."""
        now = self._clock()
        return tuple(self._level(bucket, now) for bucket in buckets)

    async def seed(self, levels: Sequence[tuple[Bucket, float]]) -> None:
        """See `LimitStore`."""
        now = self._clock()
        for bucket, level in levels:
            known = self._level(bucket, now)
            self._kept[bucket.name] = (max(level, known or 0.0), now, bucket.rate, bucket.keep)

    async def sweep(self) -> None:
        """See `LimitStore`. Between portions others run."""
        names = list(self._kept)
        for start in range(0, len(names), PORTION):
            now, wall = self._clock(), self._wall()
            for name in names[start : start + PORTION]:
                state = self._kept.get(name)
                if state is not None and _over(state, now, wall):
                    self._forget(name)
            await asyncio.sleep(0)

    def forget(self, names: Iterable[str]) -> None:
        """Forget buckets, those of addresses excepted.

        Args:
            names: of the buckets.
        """
        for name in names:
            self._kept.pop(name, None)

    async def close(self) -> None:
        """See `LimitStore`."""
        self._kept.clear()
        self._addresses.clear()

    def _level(self, bucket: Bucket, now: float) -> float | None:
        state = self._kept.get(bucket.name)
        if state is None:
            return 0.0 if bucket.rate else None
        return max(state[0] - max(now - state[1], 0.0) * bucket.rate, 0.0)

    def _enlist(self, buckets: Sequence[Bucket]) -> None:
        for bucket in buckets:
            if bucket.name.startswith(ADDRESS):
                self._addresses[bucket.name] = None
        if len(self._addresses) > self._most:
            for name in list(islice(self._addresses, min(PORTION, self._most // 10 + 1))):
                self._forget(name)

    def _forget(self, name: str) -> None:
        del self._kept[name]
        self._addresses.pop(name, None)


def _over(state: Kept, now: float, wall: float) -> bool:
    """Whether a bucket is full again, or a quota's window has ended."""
    level, at, rate, keep = state
    return level <= (now - at) * rate if rate else keep <= wall
