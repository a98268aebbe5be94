"""What the database remembers of signed requests."""

from __future__ import annotations

import sqlalchemy as sa

from portico.signing.replay.tables import seen_signatures


def remember(connection: sa.Connection, mark: str, until: float) -> None:
    """Remember a signature.

    Raises:
        IntegrityError: it is remembered already.
    """
    connection.execute(seen_signatures.insert().values(mark=mark, until=until))


def forget(connection: sa.Connection, before: float) -> int:
    """Forget what nobody accepts any more.

    Args:
        connection: of a transaction.
        before: seconds since the epoch.

    Returns:
        How many are left.
    """
    connection.execute(seen_signatures.delete().where(seen_signatures.c.until < before))
    return connection.execute(sa.select(sa.func.count()).select_from(seen_signatures)).scalar_one()
