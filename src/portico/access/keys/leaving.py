"""What becomes of somebody's API keys: they are in what people take along, and end with their accounts."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from portico.access.keys import repository
from portico.identity.audit import AuditLog, Event
from portico.identity.source import Source
from portico.store import Clock
from portico.store.feed import Change, publish

HEARD_FOR = 3_600.0  # seconds in which the change is told


def held_of(connection: sa.Connection, user_id: str) -> object:
    """A user's keys, as JSON can say it. Their secrets are not kept, so they are not in it.

    Args:
        connection: of a transaction.
        user_id: whose.
    """
    return [msgspec.to_builtins(key) for key in repository.of_user(connection, user_id)]


class Leaving:
    """Disables the keys of whoever is disabled or deleted. Who is enabled again gets theirs back by an operator."""

    def __init__(self, audit: AuditLog, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock

    def __call__(self, connection: sa.Connection, user_id: str, source: Source) -> None:
        """Disable the keys of a user, in the transaction in which they leave.

        Args:
            connection: of that transaction.
            user_id: who leaves.
            source: where the request came from.
        """
        now = self._clock()
        for key in repository.of_user(connection, user_id):
            if key.enabled:
                repository.update(connection, msgspec.structs.replace(key, enabled=False))
                self._audit.record(
                    connection, Event.API_KEY_DISABLED, user=user_id, source=source, details={"key": key.id}
                )
                publish(connection, Change("api_key", key.id, at=now, until=now + HEARD_FOR))
