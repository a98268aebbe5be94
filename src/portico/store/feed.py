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
from portico.store.tables import changes

log = logging.getLogger("portico.store")

INTERVAL = 0.5  # seconds between two looks
PURGE_EVERY = 600.0  # seconds
_THIS_TRANSACTION = sa.text("CAST(CAST(pg_current_xact_id() AS text) AS bigint)")


@dataclass(frozen=True, slots=True)
class Change:
    """Something that changed.

    The kinds: `token` (a jti), `session` (an origin_jti: all that one sign-in was given), `user` (a subject: all that
    was issued up to `at`), `groups` (a subject; `value` holds the groups from now on), `client` (a client_id),
    `access_key` (an access key id), `api_key` (the id of an API key; `value` holds the beginnings of new digests),
    `api_keys` (any number of them), `keys` (a pool's signing keys), `roles` (a pool's roles).
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
    row = {
        "kind": change.kind,
        "subject": change.subject,
        "value": change.value,
        "at": change.at,
        "until": change.until,
    }
    if connection.dialect.name == "postgresql":
        connection.execute(changes.insert().values(**row, transaction=_THIS_TRANSACTION))
    else:
        connection.execute(changes.insert().values(**row))


class Feed:
    """What one process hears."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._listeners: list[Listener] = []
        self._position = 0  # everything before it has been heard
        self._heard: frozenset[int] = frozenset()  # ids of what has been heard at or after it
        self._one_at_a_time = asyncio.Lock()
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
        async with self._one_at_a_time:
            found, horizon = await self._db.read(_since, self._position, self._clock())
            for one in found:
                if one.id not in self._heard:
                    self._tell(one.change)
            self._heard = frozenset(one.id for one in found if one.position >= horizon)
            self._position = horizon

    def _tell(self, change: Change) -> None:
        for listener in self._listeners:
            try:
                listener(change)
            except Exception:
                log.exception("a change of kind %s was not taken in", change.kind)

    async def _follow(self) -> None:
        failing, purged = False, self._clock()
        while True:
            await asyncio.sleep(INTERVAL)
            try:
                await self.look()
                if self._clock() > purged + PURGE_EVERY:
                    purged = self._clock()
                    await self._db.tx(_purge, purged)
                if failing:
                    log.warning("revocations and other changes are heard again")
                failing = False
            except Exception as error:  # whatever it is: who stops listening serves what is revoked
                if not failing:
                    log.error("revocations and other changes are not heard: %s", error)
                failing = True


@dataclass(frozen=True, slots=True)
class _Found:
    id: int
    position: int
    change: Change


def _since(connection: sa.Connection, position: int, now: float) -> tuple[list[_Found], int]:
    """What is at or after a position, and the first position at which something may still appear.

    SQLite has one writer at a time, so ids appear in their order. PostgreSQL commits in any order: there the position
    is the transaction's number, and all before the oldest that still runs have ended (`pg_snapshot_xmin`). Where a
    replica took over that did not have the last ones, the numbers begin earlier again.
    """
    if connection.dialect.name == "postgresql":
        order = changes.c.transaction
        horizon = connection.execute(_OLDEST_RUNNING).scalar_one()
    else:
        order = changes.c.id
        horizon = connection.execute(_NEXT_ID, {"position": position}).scalar_one()
    where = (order >= min(position, horizon), changes.c.until > now)
    rows = connection.execute(sa.select(changes, order.label("position")).where(*where).order_by(changes.c.id))
    found = [_Found(row.id, row.position, Change(row.kind, row.subject, row.at, row.until, row.value)) for row in rows]
    return found, horizon


_OLDEST_RUNNING = sa.text("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)")
_NEXT_ID = sa.select(sa.func.coalesce(sa.func.max(changes.c.id) + 1, sa.bindparam("position", type_=sa.Integer)))


def _purge(connection: sa.Connection, now: float) -> None:
    connection.execute(changes.delete().where(changes.c.until <= now))
