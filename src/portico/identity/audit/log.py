"""The audit log: every security event, in the transaction that makes it true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import sqlalchemy as sa

from portico.identity.audit.events import Event
from portico.identity.audit.tables import audit
from portico.identity.source import Source
from portico.store import Clock

Outcome = Literal["success", "failure"]
Detail = str | int | float | bool | None | Sequence[str]

DETAILS = 16  # of one entry, and values of one detail
LENGTH = 256  # characters of one value
FORBIDDEN = frozenset(
    {"password", "secret", "secret_key", "token", "access_token", "id_token", "refresh_token", "session_token"}
    | {"code", "cookie", "hash"}
)
NOTHING: Mapping[str, Detail] = {}


class Timed(Protocol):
    """What has a clock: a pool, or the state of a project that has none."""

    @property
    def clock(self) -> Clock:
        """Seconds since the epoch."""


class AuditLog:
    """Adds entries. Nothing in Portico changes or deletes one, and the database refuses it too."""

    def __init__(self, state: Timed) -> None:
        self._state = state

    def record(
        self,
        connection: sa.Connection,
        event: Event,
        *,
        user: str | None = None,
        client: str | None = None,
        source: Source,
        outcome: Outcome = "success",
        details: Mapping[str, Detail] = NOTHING,
    ) -> None:
        """Add an entry, when the transaction is committed.

        Args:
            connection: of the transaction that does what the entry tells.
            event: what.
            user: whose account, by id. Never a name that somebody typed: it may be a password.
            client: the client_id of the application.
            source: from where.
            outcome: whether it came about.
            details: what else there is to know; at most 16, each cut to 256 characters. Never a secret.

        Raises:
            ValueError: a detail has the name of a secret.
        """
        if not FORBIDDEN.isdisjoint(details):
            raise ValueError(f"no secret belongs in the audit log: {', '.join(FORBIDDEN.intersection(details))}")
        connection.execute(
            audit.insert().values(
                at=self._state.clock(),
                event=event.value,
                outcome=outcome,
                user_id=user,
                client_id=client,
                address=source.address[:64],
                user_agent=source.user_agent[:256],
                request_id=source.request_id[:128],
                details={key[:64]: _bounded(value) for key, value in list(details.items())[:DETAILS]},
            )
        )


def _bounded(value: Detail) -> Detail:
    if isinstance(value, str):
        return value[:LENGTH]
    if isinstance(value, Sequence):
        return [str(one)[:LENGTH] for one in value[:DETAILS]]
    return value
