"""The signing keys in the database."""

from __future__ import annotations

import sqlalchemy as sa

from portico.identity.keys.lifecycle import StoredKey, states
from portico.identity.keys.tables import signing_keys as table


def of_pool(connection: sa.Connection, pool: str) -> tuple[StoredKey, ...]:
    """Every key of a pool, those that sign earlier first."""
    rows = connection.execute(sa.select(table).where(table.c.pool == pool).order_by(table.c.signs_from, table.c.kid))
    return tuple(
        StoredKey(
            kid=row.kid,
            algorithm=row.algorithm,
            public=row.public,
            private=row.private,
            created_at=row.created_at,
            signs_from=row.signs_from,
            withdrawn_at=row.withdrawn_at,
        )
        for row in rows
    )


def add(connection: sa.Connection, pool: str, key: StoredKey) -> None:
    """Write a new key down."""
    connection.execute(
        table.insert().values(
            kid=key.kid,
            pool=pool,
            algorithm=key.algorithm,
            public=dict(key.public),
            private=key.private,
            created_at=key.created_at,
            signs_from=key.signs_from,
        )
    )


def withdraw_others(connection: sa.Connection, pool: str, *, kid: str, now: float) -> None:
    """Let nobody trust any key of a pool but one."""
    others = (table.c.pool == pool, table.c.kid != kid, table.c.withdrawn_at.is_(None))
    connection.execute(table.update().where(*others).values(withdrawn_at=now, private=None))


def tidy(connection: sa.Connection, pool: str, now: float) -> None:
    """Forget the private part of keys that sign no more, and whole keys that nobody accepts."""
    for kid, state in states(of_pool(connection, pool), now).items():
        if state == "retired":
            connection.execute(table.update().where(table.c.kid == kid).values(private=None))
        elif state == "gone":
            connection.execute(table.delete().where(table.c.kid == kid))
