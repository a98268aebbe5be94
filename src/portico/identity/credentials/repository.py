"""What is done to the table of access keys; each function runs inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from portico.identity.credentials.model import AccessKey
from portico.identity.credentials.tables import access_keys


@dataclass(frozen=True, slots=True)
class StoredKey:
    """An access key with its secret, as it is stored."""

    key: AccessKey
    sealed: bytes


def add(connection: sa.Connection, key: AccessKey, sealed: bytes) -> None:
    """A new access key."""
    connection.execute(
        access_keys.insert().values(
            id=key.id,
            name=key.name,
            role=key.role,
            secret=sealed,
            enabled=key.enabled,
            created_at=key.created_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
        )
    )


def count(connection: sa.Connection) -> int:
    """How many there are."""
    return connection.execute(sa.select(sa.func.count()).select_from(access_keys)).scalar_one()


def ids(connection: sa.Connection) -> frozenset[str]:
    """All access key ids."""
    return frozenset(connection.execute(sa.select(access_keys.c.id)).scalars())


def all_keys(connection: sa.Connection) -> list[AccessKey]:
    """All access keys, the oldest first."""
    return [_key(row) for row in connection.execute(sa.select(access_keys).order_by(access_keys.c.created_at))]


def by_id(connection: sa.Connection, id: str) -> StoredKey | None:
    """One access key."""
    row = connection.execute(sa.select(access_keys).where(access_keys.c.id == id)).first()
    return None if row is None else StoredKey(_key(row), row.secret)


def set_enabled(connection: sa.Connection, id: str, enabled: bool) -> bool:
    """Enable or disable one; False where there is none."""
    done = connection.execute(access_keys.update().where(access_keys.c.id == id).values(enabled=enabled))
    return done.rowcount == 1


def set_end(connection: sa.Connection, id: str, expires_at: float) -> None:
    """Let one end, if it does not end earlier."""
    earlier = sa.or_(access_keys.c.expires_at.is_(None), access_keys.c.expires_at > expires_at)
    connection.execute(access_keys.update().where(access_keys.c.id == id, earlier).values(expires_at=expires_at))


def delete(connection: sa.Connection, id: str) -> bool:
    """Remove one; False where there was none."""
    return connection.execute(access_keys.delete().where(access_keys.c.id == id)).rowcount == 1


def note_uses(connection: sa.Connection, uses: Mapping[str, float]) -> None:
    """Record when keys were used last.

    Args:
        connection: of a transaction.
        uses: access key ids, and seconds since the epoch.
    """
    later = sa.or_(access_keys.c.last_used_at.is_(None), access_keys.c.last_used_at < sa.bindparam("used_at"))
    statement = access_keys.update().where(access_keys.c.id == sa.bindparam("used"), later)
    connection.execute(
        statement.values(last_used_at=sa.bindparam("used_at")),
        [{"used": id, "used_at": at} for id, at in sorted(uses.items())],
    )


def _key(row: sa.Row[tuple[object, ...]]) -> AccessKey:
    return AccessKey(
        id=row.id,
        name=row.name,
        role=row.role,
        enabled=row.enabled,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )
