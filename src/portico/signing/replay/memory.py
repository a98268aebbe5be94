"""A guard for one process."""

from __future__ import annotations

from array import array
from bisect import bisect_left

from portico.signing.errors import ReplayGuardFull

_BUCKET, _IN_SET, _IN_ARRAY = 500, 80, 8  # bytes that a bucket takes, and a mark in its set or in its array
_DIGITS = 15  # hexadecimal digits of a signature that are kept: 60 bits fit into two digits of Python's integers


class _Bucket:
    """What loses its meaning in one second: a sorted array of most of it, a set of what came since."""

    __slots__ = ("fresh", "packed")

    def __init__(self) -> None:
        self.fresh: set[int] = set()
        self.packed: array[int] | None = None

    @property
    def size(self) -> int:
        return _BUCKET + _IN_SET * len(self.fresh) + _IN_ARRAY * len(self.packed or ())

    def holds(self, mark: int) -> bool:
        if mark in self.fresh:
            return True
        packed = self.packed
        if packed is None:
            return False
        place = bisect_left(packed, mark)
        return place < len(packed) and packed[place] == mark

    def pack(self) -> None:
        self.packed, self.fresh = array("Q", sorted(self.fresh)), set()


class MemoryReplayGuard:
    """Remembers 60 bits of each signature, by the second in which it loses its meaning.

    What comes in lies in sets. A second later they are packed into sorted arrays, a tenth of their size: a request that
    is repeated late is looked up by bisection.
    """

    def __init__(self, limit: int = 64 * 1024 * 1024) -> None:
        """Remember nothing yet.

        Args:
            limit: bytes, about, that it may take. 20,000 requests a second, for 300 seconds, take 50 million.
        """
        self._limit = limit
        self._size = 0  # bytes, about
        self._buckets: dict[int, _Bucket] = {}
        self._open: list[int] = []  # seconds of buckets that were never packed
        self._second = 0  # of the last tidying

    @property
    def size(self) -> int:
        """The bytes that it takes, about."""
        return self._size

    def first_seen(self, signature: str, until: float, now: float) -> bool:
        """See `ReplayGuard`."""
        if int(now) != self._second:
            self._tidy(int(now))
        second, mark = int(until), int(signature[:_DIGITS], 16)
        bucket = self._buckets.get(second)
        if bucket is not None and bucket.holds(mark):
            return False
        if self._size >= self._limit:
            raise ReplayGuardFull("Too many signed requests are remembered now. Try again shortly.")
        if bucket is None:
            bucket = self._buckets[second] = _Bucket()
            self._open.append(second)
            self._size += _BUCKET
        bucket.fresh.add(mark)
        self._size += _IN_SET
        return True

    async def close(self) -> None:
        """See `ReplayGuard`."""

    def _tidy(self, current: int) -> None:
        """Forget what lost its meaning, and pack what came in."""
        passed = range(self._second, current)
        if len(passed) >= len(self._buckets) or current % 60 == 0:  # the clock may have been set back meanwhile
            gone = [second for second in self._buckets if second < current]
        else:
            gone = [second for second in passed if second in self._buckets]
        for second in gone:
            self._size -= self._buckets.pop(second).size
        for second in self._open:
            if (bucket := self._buckets.get(second)) is not None:
                self._size -= bucket.size
                bucket.pack()
                self._size += bucket.size
        self._open = []
        self._second = max(current, self._second)
