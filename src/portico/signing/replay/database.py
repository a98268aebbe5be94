"""A guard for many machines: the database that they share."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from portico.signing.errors import ReplayGuardFull
from portico.signing.replay import repository
from portico.store import Database

_TIDYING = 30.0  # seconds between two
_LEEWAY = 60.0  # seconds that the clocks of machines may differ


class DatabaseReplayGuard:
    """Remembers signatures in a table, a row each."""

    def __init__(self, db: Database, *, limit: int = 5_000_000) -> None:
        """Remember what the table holds.

        Args:
            db: that all machines use.
            limit: rows that the table may have.
        """
        self._db = db
        self._limit = limit
        self._tidied = 0.0  # seconds since the epoch
        self._left = 0  # rows, about

    async def first_seen(self, signature: str, until: float, now: float) -> bool:
        """See `ReplayGuard`."""
        if now >= self._tidied + _TIDYING or now < self._tidied:
            self._tidied = now
            self._left = await self._db.tx(repository.forget, now - _LEEWAY)
        if self._left >= self._limit:
            raise ReplayGuardFull("Too many signed requests are remembered now. Try again shortly.")
        try:
            await self._db.tx(repository.remember, signature, until)
        except IntegrityError:
            return False
        self._left += 1
        return True

    async def close(self) -> None:
        """See `ReplayGuard`. The database is its owner's."""
