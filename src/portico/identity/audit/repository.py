"""Reading the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from portico.identity.audit.tables import audit


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened."""

    id: int
    at: float  # seconds since the epoch
    event: str
    outcome: str
    user_id: str | None
    client_id: str | None
    address: str
    user_agent: str
    request_id: str
    details: Mapping[str, Any]


def entries(
    connection: sa.Connection,
    *,
    user_id: str | None = None,
    event: str | None = None,
    since: float | None = None,
    after: int = 0,
    limit: int = 100,
) -> Sequence[Entry]:
    """The latest entries, the oldest of them first.

    Args:
        connection: of a transaction.
        user_id: only about this user.
        event: only of this name.
        since: seconds since the epoch, only of this time and later.
        after: only those that were added after the entry with this id.
        limit: how many at most.
    """
    wanted = sa.select(audit).where(audit.c.id > after).order_by(audit.c.id.desc()).limit(limit)
    if user_id is not None:
        wanted = wanted.where(audit.c.user_id == user_id)
    if event is not None:
        wanted = wanted.where(audit.c.event == event)
    if since is not None:
        wanted = wanted.where(audit.c.at >= since)
    return tuple(Entry(**row._mapping) for row in reversed(connection.execute(wanted).all()))
