"""A project with API keys and no user pool, on each database, with a feed that is looked at on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from tests.portico.clocks import ManualClock

from portico.access.keys import NewApiKey
from portico.access.keys.ring import KeyRing, Known
from portico.access.keys.service import ApiKeys
from portico.identity.audit import AuditLog
from portico.identity.audit.tables import audit
from portico.identity.source import LOCAL
from portico.store import Database, Secrets, State
from portico.store.feed import Feed


@dataclass
class Worker:
    """One process that serves."""

    ring: KeyRing
    feed: Feed


@dataclass
class World:
    """Everything that a test of keys touches."""

    state: State
    clock: ManualClock
    keys: ApiKeys
    audit: AuditLog
    workers: list[Worker] = field(default_factory=list)

    def worker(self, state: State | None = None) -> Worker:
        used = state or self.state
        made = Worker(KeyRing(used), Feed(used.db, used.clock))
        made.feed.listen(made.ring.hear)
        self.workers.append(made)
        return made

    @property
    def ring(self) -> KeyRing:
        """The ring of the first worker."""
        return (self.workers or [self.worker()])[0].ring

    async def heard(self) -> None:
        """Everybody has heard what there is to hear."""
        for worker in self.workers or [self.worker()]:
            await worker.feed.look()

    async def made(self, name: str = "acme", plans: Sequence[str] = ("partner",), **more: Any) -> NewApiKey:
        made = await self.keys.create(name, plans, source=LOCAL, **more)
        await self.heard()
        return made

    async def resolve(self, new: NewApiKey | str | bytes, ring: KeyRing | None = None) -> Known:
        secret = new.secret.reveal() if isinstance(new, NewApiKey) else new
        raw = secret.encode() if isinstance(secret, str) else secret
        found = (ring or self.ring).resolve(raw, self.clock())
        return found if isinstance(found, Known) else await found

    async def of_user(self, id: str) -> Known | None:
        found = self.ring.of_user(id, self.clock())
        return found if found is None or isinstance(found, Known) else await found

    async def of_client(self, id: str) -> Known | None:
        found = self.ring.of_client(id, self.clock())
        return found if found is None or isinstance(found, Known) else await found

    async def audited(self) -> list[Any]:
        return await self.state.db.read(
            lambda connection: list(connection.execute(sa.select(audit).order_by(audit.c.id)))
        )

    async def rows(self, *tables: sa.Table) -> list[Any]:
        return await self.state.db.read(
            lambda connection: [row for table in tables for row in connection.execute(sa.select(table))]
        )

    def with_secrets(self, secrets: Secrets) -> State:
        return replace(self.state, secrets=secrets)


class Queries:
    """Counts what reaches the tables of keys."""

    def __init__(self, db: Database) -> None:
        self.count = 0
        event.listen(db.engine, "before_cursor_execute", self._one)

    def _one(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        self.count += "api_key" in statement


@pytest.fixture
def world(database: Database, clock: ManualClock, tmp_path: Path) -> World:
    state = State(tmp_path, database, Secrets(Secrets.generate()), clock)
    log = AuditLog(state)
    return World(state, clock, ApiKeys(state, log), log)


@pytest.fixture
def queries(world: World) -> Queries:
    return Queries(world.state.db)
