"""How a family of tokens begins, whatever it was that a person's sign-in came through; and how theft ends it."""

from __future__ import annotations

from typing import Protocol

import sqlalchemy as sa

from portico.identity.audit import AuditLog, Event
from portico.identity.oidc import refresh_token, repository
from portico.identity.oidc.client import Client
from portico.identity.oidc.clients import digest_of
from portico.identity.oidc.repository import Family
from portico.identity.source import Source


class SignIn(Protocol):
    """A sign-in that a client may have tokens of."""

    @property
    def user_id(self) -> str:
        """Who."""

    @property
    def session(self) -> str:
        """The origin_jti of the browser session."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the client may do."""

    @property
    def auth_time(self) -> float:
        """When the person proved who they are, in seconds since the epoch."""

    @property
    def amr(self) -> tuple[str, ...]:
        """How they did (RFC 8176)."""


def begun(sign_in: SignIn, client: Client, *, id: str, first: str | None, now: float) -> Family:
    """A new family.

    Args:
        sign_in: that it comes from.
        client: that it is for.
        id: the origin_jti of its tokens.
        first: its first refresh token; None where the client has none.
        now: seconds since the epoch.
    """
    return Family(
        id=id,
        handle=None if first is None else refresh_token.handle_of(first),
        current=None if first is None else digest_of(first),
        rotated_at=now,
        client_id=client.id,
        user_id=sign_in.user_id,
        session=sign_in.session,
        scopes=sign_in.scopes,
        auth_time=sign_in.auth_time,
        amr=sign_in.amr,
        began_at=now,
        expires_at=now + (client.lifetimes.access if first is None else client.refresh_lifetime),
    )


def end_replayed(
    connection: sa.Connection, audit: AuditLog, family: str, *, client: Client, source: Source, now: float
) -> None:
    """End the family of a code that came a second time.

    Args:
        connection: of the transaction.
        audit: of the pool.
        family: its id.
        client: which came.
        source: from where.
        now: seconds since the epoch.
    """
    kept = repository.family(connection, family)
    repository.revoke_family(connection, family, now)
    user = None if kept is None else kept.user_id
    audit.record(connection, Event.CODE_REPLAYED, user=user, client=client.id, source=source, outcome="failure")
