"""Links between people here and accounts at other providers, in the database."""

from __future__ import annotations

import sqlalchemy as sa

from portico.identity.federation.tables import federated_identities as table
from portico.identity.users import repository as users
from portico.identity.users.model import User


def user_of(connection: sa.Connection, issuer: str, subject: str) -> User | None:
    """Who an account at a provider belongs to.

    Args:
        connection: of a transaction.
        issuer: of the provider.
        subject: the `sub` there.
    """
    wanted = sa.select(table.c.user_id).where(table.c.issuer == issuer, table.c.subject == subject)
    user_id = connection.execute(wanted).scalar()
    return None if user_id is None else users.by_id(connection, user_id)


def link(connection: sa.Connection, issuer: str, subject: str, user_id: str, now: float) -> None:
    """Let an account at a provider belong to somebody.

    Args:
        connection: of a transaction.
        issuer: of the provider.
        subject: the `sub` there.
        user_id: whose it is from now on.
        now: seconds since the epoch.
    """
    connection.execute(table.insert().values(issuer=issuer, subject=subject, user_id=user_id, linked_at=now))


def links_of(connection: sa.Connection, user_id: str) -> list[dict[str, str | float]]:
    """What somebody is linked to, for the export of their data."""
    rows = connection.execute(sa.select(table).where(table.c.user_id == user_id).order_by(table.c.linked_at))
    return [{"issuer": row.issuer, "subject": row.subject, "linked_at": row.linked_at} for row in rows]
