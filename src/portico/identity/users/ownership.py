"""What people may see, take along and take away of what is held about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

import sqlalchemy as sa

from portico.identity.audit import Event
from portico.identity.audit import repository as audit
from portico.identity.mail.model import Kind
from portico.identity.source import Source
from portico.identity.users import accounts, repository
from portico.identity.users.parts import Parts

ENTRIES = 1_000  # of the audit log, the latest

Exporter = Callable[[sa.Connection, str], object]
"""Takes a connection and the id of a user; gives what a feature holds about them, as JSON can say it."""


Leaver = Callable[[sa.Connection, str, Source], None]
"""Takes a connection, the id of a user who is disabled or deleted, and who does that; ends what they hold."""


def export(
    connection: sa.Connection, parts: Parts, exporters: Mapping[str, Exporter], user_id: str, source: Source
) -> dict[str, object]:
    """Everything that is held about a user, but secrets.

    Args:
        connection: of a transaction.
        parts: the collaborators.
        exporters: of the other features.
        user_id: whose.
        source: where the request came from.

    Raises:
        UserUnknown: there is no such user.
    """
    user = asdict(accounts.known(connection, user_id))
    entries = audit.entries(connection, user_id=user_id, limit=ENTRIES)
    held = {name: exporter(connection, user_id) for name, exporter in exporters.items()}
    parts.audit.record(connection, Event.USER_EXPORTED, user=user_id, source=source)
    return {"user": user, "audit": [asdict(entry) for entry in entries], **held}


def delete(connection: sa.Connection, parts: Parts, leaving: Sequence[Leaver], user_id: str, source: Source) -> None:
    """Forget a user. What other features hold refers to the user, and is deleted with them; the audit log stays.

    Args:
        connection: of a transaction.
        parts: the collaborators.
        leaving: of the other features, for what does not refer to the user.
        user_id: whom.
        source: where the request came from.

    Raises:
        UserUnknown: there is no such user.
    """
    user = accounts.known(connection, user_id)
    for leaver in leaving:
        leaver(connection, user_id, source)
    parts.audit.record(connection, Event.USER_DELETED, user=user_id, source=source)
    if user.email is not None and user.email_verified:
        parts.mailer.queue(connection, Kind.ACCOUNT_DELETED, to=user.email)
    repository.delete(connection, user_id, parts.pool.clock())
