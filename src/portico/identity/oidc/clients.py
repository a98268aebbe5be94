"""The clients of a pool: those in `auth/pool.yaml`, and those that commands or registrations put in the database."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping

import sqlalchemy as sa

from portico.identity.audit import AuditLog, Event
from portico.identity.oidc import client_repository as stored
from portico.identity.oidc import repository
from portico.identity.oidc.client import Client, check, declared_clients
from portico.identity.oidc.client_repository import Stored
from portico.identity.oidc.errors import ClientExists, InvalidClientMetadata, TemporarilyUnavailable, UnknownClient
from portico.identity.pool import Pool
from portico.identity.settings import Client as Declared
from portico.identity.source import LOCAL, Source
from portico.secret import Secret

BYTES = 32  # of a secret: 256 bits
OVERLAP = 86_400.0  # seconds that an old secret counts after a new one was made
DYNAMIC = 1_000  # clients of a pool that registered themselves
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def digest_of(secret: str) -> str:
    """What is stored of a random secret, code or token."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class Clients:
    """Finds, makes and forgets clients."""

    def __init__(self, pool: Pool, *, audit: AuditLog) -> None:
        """Know the declared ones.

        Raises:
            ConfigError: `auth/pool.yaml` declares one that cannot be.
        """
        self._pool = pool
        self._audit = audit
        self.declared: Mapping[str, Client] = declared_clients(pool.settings, pool.origin)
        self._origins = frozenset(origin for client in self.declared.values() for origin in client.origins)

    def find(self, connection: sa.Connection, id: str) -> Client | None:
        """The client with an id, inside a transaction."""
        declared = self.declared.get(id)
        if declared is not None:
            return declared
        found = stored.find(connection, self._pool.name, id) if len(id) <= 64 else None
        return None if found is None else self._client(found)

    async def by_id(self, id: str) -> Client | None:
        """The client with an id."""
        return self.declared.get(id) or await self._pool.db.read(self.find, id)

    async def listed(self) -> list[Client]:
        """Every client: the declared ones first."""
        kept = await self._pool.db.read(stored.listed, self._pool.name)
        return [*self.declared.values(), *(self._client(one) for one in kept if one.id not in self.declared)]

    def has_secret(self, connection: sa.Connection, client: Client, secret: str) -> bool:
        """Whether a secret is a client's, in a time that tells nothing."""
        given = digest_of(secret).encode()
        known = stored.secrets_of(connection, client.id, self._pool.clock())
        return any(hmac.compare_digest(given, one.encode()) for one in known)

    async def is_origin(self, origin: str) -> bool:
        """Whether the pages of an origin are a client of this pool, or the project itself."""
        if origin == self._pool.origin or origin in self._origins:
            return True
        return len(origin) <= 255 and await self._pool.db.read(stored.has_origin, origin)

    async def create(
        self, id: str, declared: Declared, *, dynamic: bool = False, source: Source = LOCAL
    ) -> tuple[Client, Secret | None]:
        """Make a client in the database.

        Args:
            id: the client_id.
            declared: as in `auth/pool.yaml`.
            dynamic: it registers itself.
            source: who asks for it.

        Returns:
            the client, and the secret of a confidential one: it is told once, and cannot be found out later.

        Raises:
            ClientExists: there is one with this id.
            InvalidClientMetadata: it cannot be.
            TemporarilyUnavailable: too many have registered themselves.
        """
        now = self._pool.clock()
        client = Client.of(id, declared, origin=self._pool.origin, dynamic=dynamic, created_at=now)
        fault = check(client, self._pool.settings)
        if fault is not None or not _NAME.fullmatch(id):
            raise InvalidClientMetadata(fault or "the id has characters other than A-Z a-z 0-9 . _ -, or is too long")
        secret = secrets.token_urlsafe(BYTES) if client.confidential else None

        def work(connection: sa.Connection) -> None:
            if self.find(connection, id) is not None:
                raise ClientExists(f"There is a client {id} already.")
            if dynamic and stored.dynamic_count(connection, self._pool.name) >= DYNAMIC:
                raise TemporarilyUnavailable("Too many clients have registered themselves.")
            stored.add(connection, self._pool.name, Stored(id, declared, dynamic, now), client.origins)
            if secret is not None:
                stored.add_secret(connection, id, digest_of(secret), now=now, old_until=now)
            self._audit.record(connection, Event.CLIENT_CREATED, client=id, source=source, details={"dynamic": dynamic})

        await self._pool.db.tx(work)
        return client, None if secret is None else Secret(secret)

    async def new_secret(self, id: str, *, overlap: float = OVERLAP, source: Source = LOCAL) -> Secret:
        """Give a confidential client another secret.

        Args:
            id: the client_id.
            overlap: seconds that the secrets before it still count.
            source: who asks for it.

        Raises:
            UnknownClient: there is none, or it is public.
        """
        secret, now = secrets.token_urlsafe(BYTES), self._pool.clock()

        def work(connection: sa.Connection) -> None:
            client = self.find(connection, id)
            if client is None or not client.confidential:
                raise UnknownClient(f"There is no confidential client {id}. `portico clients list` shows all.")
            stored.add_secret(connection, id, digest_of(secret), now=now, old_until=now + overlap)
            self._audit.record(connection, Event.CLIENT_SECRET_MADE, client=id, source=source)

        await self._pool.db.tx(work)
        return Secret(secret)

    async def delete(self, id: str, *, source: Source = LOCAL) -> None:
        """Forget a client, and end everything that was issued to it.

        Args:
            id: the client_id.
            source: who asks for it.

        Raises:
            UnknownClient: there is none in the database.
        """
        now = self._pool.clock()

        def work(connection: sa.Connection) -> None:
            if id in self.declared:
                raise UnknownClient(f"{id} is declared in auth/pool.yaml: take it out there.")
            if stored.find(connection, self._pool.name, id) is None:
                raise UnknownClient(f"There is no client {id}. `portico clients list` shows all.")
            stored.delete(connection, id)
            repository.revoke_client(connection, id, now)
            self._audit.record(connection, Event.CLIENT_DELETED, client=id, source=source)

        await self._pool.db.tx(work)

    def _client(self, found: Stored) -> Client:
        return Client.of(
            found.id,
            found.declared,
            origin=self._pool.origin,
            dynamic=found.dynamic,
            created_at=found.created_at,
        )
