"""Changes that every worker must hear of within two seconds: revocations, new groups, rotated keys.

Whoever changes something publishes it in the same transaction. Every worker reads what is new, twice a second, and
tells those in its process that listen. A change is of interest until `until` (when the last token that it concerns has
expired), and is deleted then.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from portico.store.database import Clock, Database
from portico.store.errors import StoreError
from portico.store.tables import changes

log = logging.getLogger("portico.store")

INTERVAL = 0.5  # seconds between two looks
SETTLING = 10.0  # seconds in which a transaction that began earlier may still commit with a smaller id (PostgreSQL)
PURGE_EVERY = 600.0  # seconds


@dataclass(frozen=True, slots=True)
class Change:
    """Something that changed.

    The kinds: `token` (a jti), `session` (an origin_jti: all that one sign-in was given), `user` (a subject: all that
    was issued up to `at`), `groups` (a subject; `value` holds the groups from now on), `client` (a client_id),
    `access_key` (an access key id), `keys` (a pool's signing keys), `roles` (a pool's roles).
    """

    kind: str
    subject: str
    at: float  # seconds since the epoch
    until: float  # seconds since the epoch
    value: Any = None


Listener = Callable[[Change], None]


def publish(connection: sa.Connection, change: Change) -> None:
    """Tell every worker, when the transaction is committed.

    Args:
        connection: of the transaction that makes the change.
        change: what changed.
    """
    connection.execute(
        changes.insert().values(
            kind=change.kind, subject=change.subject, value=change.value, at=change.at, until=change.until
        )
    )


class Feed:
    """What one process hears."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._listeners: list[Listener] = []
        self._heard: dict[int, float] = {}  # ids of the last seconds, and when each was heard
        self._floor = 0  # every change up to this id has been heard
        self._task: asyncio.Task[None] | None = None

    def listen(self, listener: Listener) -> None:
        """Call a function for every change, from the ones that still matter at the start onwards. It must not block."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Hear everything that still matters, then go on beside the server.

        Raises:
            StoreError: the database cannot be read; nobody may serve without knowing what is revoked.
        """
        await self.look()
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> None:
        """Hear what is new."""
        now = self._clock()
        for id, change in await self._db.read(_since, self._floor, now):
            if id not in self._heard:
                self._heard[id] = now
                for listener in self._listeners:
                    listener(change)
        settled = [id for id, at in self._heard.items() if at < now - SETTLING]
        for id in settled:
            del self._heard[id]
        self._floor = max(settled, default=self._floor)

    async def _follow(self) -> None:
        failing, purged = False, self._clock()
        while True:
            await asyncio.sleep(INTERVAL)
            try:
                await self.look()
                if self._clock() > purged + PURGE_EVERY:
                    purged = self._clock()
                    await self._db.tx(_purge, purged)
                failing = False
            except StoreError as error:
                if not failing:
                    log.error("revocations and other changes are not heard: %s", error)
                failing = True


def _since(connection: sa.Connection, floor: int, now: float) -> list[tuple[int, Change]]:
    rows = connection.execute(
        sa.select(changes).where(changes.c.id > floor, changes.c.until > now).order_by(changes.c.id)
    )
    return [(row.id, Change(row.kind, row.subject, row.at, row.until, row.value)) for row in rows]


def _purge(connection: sa.Connection, now: float) -> None:
    connection.execute(changes.delete().where(changes.c.until <= now))
