"""Clients and their secrets in the database. Each function runs inside a transaction of its caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from portico.identity.oidc.tables import client_origins, client_secrets, clients
from portico.identity.settings import Client as Declared
from portico.identity.settings import Duration


@dataclass(frozen=True, slots=True)
class Stored:
    """A client as the database holds it."""

    id: str
    declared: Declared
    dynamic: bool
    created_at: float  # seconds since the epoch


def _decode(kind: type, value: Any) -> Any:
    if kind is Duration:
        return Duration(value)
    raise NotImplementedError


def _stored(row: sa.Row[Any]) -> Stored:
    declared = msgspec.convert(row.declared, Declared, dec_hook=_decode)
    return Stored(row.id, declared, row.dynamic, row.created_at)


def add(connection: sa.Connection, pool: str, client: Stored, origins: frozenset[str]) -> None:
    """Keep a new client.

    Args:
        connection: of the transaction.
        pool: whose.
        client: the client.
        origins: of its redirect URIs.
    """
    declared = msgspec.to_builtins(client.declared, enc_hook=float)
    connection.execute(
        clients.insert().values(
            id=client.id, pool=pool, declared=declared, dynamic=client.dynamic, created_at=client.created_at
        )
    )
    for origin in sorted(origins):
        connection.execute(client_origins.insert().values(client_id=client.id, origin=origin))


def find(connection: sa.Connection, pool: str, id: str) -> Stored | None:
    """The client with an id."""
    row = connection.execute(sa.select(clients).where(clients.c.id == id, clients.c.pool == pool)).one_or_none()
    return None if row is None else _stored(row)


def listed(connection: sa.Connection, pool: str) -> list[Stored]:
    """Every client, by id."""
    rows = connection.execute(sa.select(clients).where(clients.c.pool == pool).order_by(clients.c.id))
    return [_stored(row) for row in rows]


def dynamic_count(connection: sa.Connection, pool: str) -> int:
    """How many clients registered themselves."""
    ours = (clients.c.pool == pool, clients.c.dynamic.is_(True))
    return connection.execute(sa.select(sa.func.count()).select_from(clients).where(*ours)).scalar_one()


def delete(connection: sa.Connection, id: str) -> None:
    """Forget a client."""
    connection.execute(client_secrets.delete().where(client_secrets.c.client_id == id))
    connection.execute(client_origins.delete().where(client_origins.c.client_id == id))
    connection.execute(clients.delete().where(clients.c.id == id))


def has_origin(connection: sa.Connection, origin: str) -> bool:
    """Whether pages of an origin are a client."""
    found = sa.select(client_origins.c.client_id).where(client_origins.c.origin == origin).limit(1)
    return connection.execute(found).first() is not None


def secrets_of(connection: sa.Connection, id: str, now: float) -> list[str]:
    """The digests of a client's secrets that count at a moment."""
    lives = sa.or_(client_secrets.c.expires_at.is_(None), client_secrets.c.expires_at > now)
    found = sa.select(client_secrets.c.digest).where(client_secrets.c.client_id == id, lives)
    return list(connection.execute(found).scalars())


def add_secret(connection: sa.Connection, id: str, digest: str, *, now: float, old_until: float) -> None:
    """Give a client a secret; those before it count for a while yet.

    Args:
        connection: of the transaction.
        id: the client_id.
        digest: SHA-256 of the secret.
        now: seconds since the epoch.
        old_until: seconds since the epoch.
    """
    table = client_secrets
    connection.execute(table.delete().where(table.c.client_id == id, table.c.expires_at <= now))
    later = sa.or_(table.c.expires_at.is_(None), table.c.expires_at > old_until)
    connection.execute(table.update().where(table.c.client_id == id, later).values(expires_at=old_until))
    connection.execute(table.insert().values(digest=digest, client_id=id, created_at=now))
