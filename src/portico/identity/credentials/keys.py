"""Long-lived access keys: made, rotated, disabled and deleted by an operator."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import sqlalchemy as sa

from portico.access import Roles
from portico.identity.audit import AuditLog, Event
from portico.identity.credentials import repository
from portico.identity.credentials.errors import AccessKeyUnknown, RoleUnknown, TooManyAccessKeys
from portico.identity.credentials.model import LASTING, TEMPORARY, AccessKey
from portico.identity.credentials.tables import PURPOSE
from portico.identity.credentials.token import new_id, new_secret
from portico.identity.pool import LONGEST, Pool
from portico.identity.source import Source
from portico.secret import Secret
from portico.store.feed import Change, publish

MOST = 10_000  # access keys of a project; each worker keeps their ids
NAME = 64  # characters of a name


@dataclass(frozen=True, slots=True)
class NewAccessKey:
    """An access key that was just made: the only time that its secret is seen."""

    key: AccessKey
    secret_key: Secret


class AccessKeys:
    """The access keys of a project."""

    def __init__(self, pool: Pool, *, roles: Roles, audit: AuditLog) -> None:
        self._pool = pool
        self._roles = roles
        self._audit = audit

    async def create(
        self, role: str, *, name: str = "", expires_at: float | None = None, source: Source
    ) -> NewAccessKey:
        """Make an access key.

        Args:
            role: what it may do.
            name: what people call it.
            expires_at: seconds since the epoch; None: it has no end.
            source: who makes it.

        Raises:
            RoleUnknown: there is no such role.
            TooManyAccessKeys: there are 10,000 already.
        """
        if role not in self._roles.all:
            raise RoleUnknown(f"auth/roles.yaml has no role {role!r}. It has: {', '.join(self._roles.all) or 'none'}.")
        made, sealed = self._make(role, name[:NAME], expires_at)
        await self._pool.db.tx(self._add, made.key, sealed, source)
        return made

    async def rotate(self, id: str, *, overlap: float, expires_at: float | None = None, source: Source) -> NewAccessKey:
        """Make an access key for the same role and name; the old one ends after a while.

        Args:
            id: the old one.
            overlap: seconds in which both are good.
            expires_at: of the new one, in seconds since the epoch; None: it has no end.
            source: who does it.

        Raises:
            AccessKeyUnknown: there is no such key.
        """
        old = (await self._stored(id)).key
        made, sealed = self._make(old.role, old.name, expires_at)
        await self._pool.db.tx(self._replace, old, made.key, sealed, overlap, source)
        return made

    async def set_enabled(self, id: str, enabled: bool, *, source: Source) -> None:
        """Enable or disable one, within two seconds on every worker. An id of temporary credentials can be disabled.

        Args:
            id: an access key id.
            enabled: whether it may be used.
            source: who does it.

        Raises:
            AccessKeyUnknown: there is no such key.
        """
        if id.startswith(TEMPORARY) and not enabled:
            await self._pool.db.tx(self._record, Event.CREDENTIALS_REVOKED, id, source)
            return
        await self._pool.db.tx(self._switch, id, enabled, source)

    async def delete(self, id: str, *, source: Source) -> None:
        """Remove one, within two seconds on every worker.

        Args:
            id: its access key id.
            source: who does it.

        Raises:
            AccessKeyUnknown: there is no such key.
        """
        await self._pool.db.tx(self._remove, id, source)

    async def all(self) -> list[AccessKey]:
        """All of them, the oldest first."""
        return await self._pool.db.read(repository.all_keys)

    async def _stored(self, id: str) -> repository.StoredKey:
        found = await self._pool.db.read(repository.by_id, id)
        if found is None:
            raise AccessKeyUnknown(id)
        return found

    def _make(self, role: str, name: str, expires_at: float | None) -> tuple[NewAccessKey, bytes]:
        id, secret = new_id(LASTING), base64.b64encode(new_secret())
        key = AccessKey(id, name, role, True, self._pool.clock(), expires_at, None)
        return NewAccessKey(key, Secret(secret.decode())), self._pool.secrets.seal(PURPOSE, secret, bound_to=id)

    def _add(self, connection: sa.Connection, key: AccessKey, sealed: bytes, source: Source) -> None:
        if repository.count(connection) >= MOST:
            raise TooManyAccessKeys(f"There are {MOST:,} access keys. Delete some: portico credentials delete ID")
        repository.add(connection, key, sealed)
        self._record(connection, Event.ACCESS_KEY_CREATED, key.id, source, role=key.role, name=key.name)

    def _replace(
        self, connection: sa.Connection, old: AccessKey, new: AccessKey, sealed: bytes, overlap: float, source: Source
    ) -> None:
        self._add(connection, new, sealed, source)
        ends = self._pool.clock() + overlap
        repository.set_end(connection, old.id, ends)
        self._record(connection, Event.ACCESS_KEY_ROTATED, old.id, source, new=new.id, ends_at=ends)

    def _switch(self, connection: sa.Connection, id: str, enabled: bool, source: Source) -> None:
        if not repository.set_enabled(connection, id, enabled):
            raise AccessKeyUnknown(id)
        self._record(connection, Event.ACCESS_KEY_ENABLED if enabled else Event.ACCESS_KEY_DISABLED, id, source)

    def _remove(self, connection: sa.Connection, id: str, source: Source) -> None:
        if not repository.delete(connection, id):
            raise AccessKeyUnknown(id)
        self._record(connection, Event.ACCESS_KEY_DELETED, id, source)

    def _record(
        self, connection: sa.Connection, /, event: Event, id: str, source: Source, **details: str | float | None
    ) -> None:
        now = self._pool.clock()
        self._audit.record(connection, event, source=source, details={"access_key": id, **details})
        publish(connection, Change("access_key", id, at=now, until=now + LONGEST))
