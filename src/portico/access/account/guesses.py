"""Wrong keys, held back by address.

Nobody guesses 256 bits; imported keys may be weaker, and every look costs. The bucket is in the store of limits, so
all workers and machines count together. Right keys take nothing from it.
"""

from __future__ import annotations

from collections.abc import Awaitable

from portico.access.account.errors import TooManyGuesses
from portico.access.throttle import Bucket, LimitStore, LimitStoreUnavailable, MemoryStore
from portico.access.throttle.bucket import ADDRESS
from portico.identity.source import network

WRONG = 10  # keys of one address, or of one subscriber's network of IPv6, in a minute
RATE = WRONG / 60.0  # that come back in a second


class Guesses:
    """Counts the wrong keys of addresses."""

    def __init__(self, store: LimitStore) -> None:
        """Count.

        Args:
            store: of the project's limits. Where it cannot be reached, this process counts alone.
        """
        self._store = store
        self._local = MemoryStore()

    async def check(self, address: str) -> None:
        """See whether a further key may be tried.

        Args:
            address: of who tries.

        Raises:
            TooManyGuesses: too many wrong ones came from there.
        """
        bucket = _bucket(address)
        try:
            (level,) = await self._store.read([bucket])
        except LimitStoreUnavailable:
            (level,) = await self._local.read([bucket])
        over = (level or 0.0) + 1.0 - bucket.capacity
        if over > 0.0:
            raise TooManyGuesses(over / RATE)

    async def wrong(self, address: str) -> None:
        """A wrong key came.

        Args:
            address: of who sent it.

        Raises:
            TooManyGuesses: one too many; several came at the same moment.
        """
        bucket = _bucket(address)
        try:
            taken = self._store.take([bucket], 1.0)
            found = await taken if isinstance(taken, Awaitable) else taken
        except LimitStoreUnavailable:
            found = self._local.take([bucket], 1.0)
        if not found.admitted:
            raise TooManyGuesses(1.0 / RATE)


def _bucket(address: str) -> Bucket:
    return Bucket(f"{ADDRESS}/account:{network(address)}", float(WRONG), RATE)
