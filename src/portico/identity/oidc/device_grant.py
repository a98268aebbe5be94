"""The grant `device_code` (RFC 8628 section 3.4): a device asks until a person has decided.

As with an authorization code, everything is checked before anything is used up, one of twenty at once wins, and a code
that comes again after it was used revokes what it was used for. A person's approval is answered whenever it is asked
for; only who still waits is told to slow down.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa

from portico.identity.audit import AuditLog, Event
from portico.identity.oidc import device_code, device_repository, refresh_token
from portico.identity.oidc.claims import Grant
from portico.identity.oidc.client import Client
from portico.identity.oidc.clients import digest_of
from portico.identity.oidc.device_code import STEP, Approval, DeviceCode
from portico.identity.oidc.errors import (
    AccessDenied,
    AuthorizationPending,
    CodeReplayed,
    ExpiredToken,
    InvalidGrant,
    SlowDown,
)
from portico.identity.oidc.family import begun, end_replayed
from portico.identity.oidc.granted import Answer, answer
from portico.identity.oidc.parameters import Parameters
from portico.identity.oidc.tokens import Tokens
from portico.identity.pool import Pool
from portico.identity.source import Source
from portico.identity.triggers import TokenChanges
from portico.identity.users import repository as users
from portico.identity.users.model import User

GRANT = "device_code"  # as auth/pool.yaml calls it


@dataclass(frozen=True, slots=True)
class Redeemable:
    """A code that a person has approved, and who that is."""

    digest: str
    approval: Approval
    user: User
    valid_from: float  # seconds since the epoch


class DeviceGrant:
    """Exchanges device codes."""

    name: ClassVar[str] = "urn:ietf:params:oauth:grant-type:device_code"

    def __init__(self, pool: Pool, *, audit: AuditLog, tokens: Tokens) -> None:
        self._pool = pool
        self._audit = audit
        self._tokens = tokens

    async def redeem(self, client: Client, parameters: Parameters, source: Source) -> Answer:
        """Exchange a code, where its person has decided.

        Args:
            client: which has proved who it is.
            parameters: of the request.
            source: from where.

        Raises:
            AuthorizationPending: the person has not decided.
            OAuthError: no tokens are issued.
            TriggerError: the project refuses.
        """
        digest = digest_of(parameters.need("device_code"))
        try:
            return await self._redeem(client, digest, source)
        except CodeReplayed as error:
            now = self._pool.clock()
            await self._pool.db.tx(end_replayed, self._audit, error.family, client=client, source=source, now=now)
            raise

    async def _redeem(self, client: Client, digest: str, source: Source) -> Answer:
        found = await self._pool.db.tx(self._poll, client, digest)
        if isinstance(found, AuthorizationPending):  # returned, so that the time of the poll is kept
            raise found
        family = str(uuid.uuid4())
        first = refresh_token.new() if "refresh_token" in client.grants else None
        changes = TokenChanges()
        if self._tokens.asks:  # before anything is used up: the project may refuse
            changes = await self._tokens.ask(_grant(found, client, family))
        used = await self._pool.db.tx(self._consume, client, digest, family, first, source)
        issued = await self._tokens.issue(_grant(used, client, family), client.lifetimes, changes)
        return answer(issued, refresh_token=first)

    def _poll(self, connection: sa.Connection, client: Client, digest: str) -> Redeemable | AuthorizationPending:
        """Whether a code may be used by this client now. It remembers the poll, where somebody still has to decide."""
        code, now = self._find(connection, client, digest), self._pool.clock()
        decision = device_code.decide(code, now)
        if decision in ("pending", "slow_down"):
            interval = code.interval + (STEP if decision == "slow_down" else 0)
            device_repository.note_poll(connection, digest, interval=interval, now=now)
            return SlowDown(interval) if decision == "slow_down" else AuthorizationPending()
        return self._check(connection, code, now)

    def _find(self, connection: sa.Connection, client: Client, digest: str) -> DeviceCode:
        code = device_repository.by_digest(connection, digest)
        if code is None or code.client_id != client.id:
            raise InvalidGrant("The device_code is unknown, or another client's.")
        return code

    def _check(self, connection: sa.Connection, code: DeviceCode, now: float) -> Redeemable:
        """See that a code is approved. It changes nothing."""
        if code.family is not None:
            raise CodeReplayed(code.family)
        if now >= code.expires_at:
            raise ExpiredToken
        if code.approval is None:
            raise AccessDenied("The person did not agree.")
        approval = code.approval
        user, valid_from = users.by_id(connection, approval.user_id), users.valid_from(connection, approval.user_id)
        if user is None or approval.auth_time <= valid_from:
            raise InvalidGrant("The person's sign-in has ended.")
        return Redeemable(code.digest, approval, user, valid_from)

    def _consume(
        self, connection: sa.Connection, client: Client, digest: str, family: str, first: str | None, source: Source
    ) -> Redeemable:
        now = self._pool.clock()
        found = self._check(connection, self._find(connection, client, digest), now)
        new = begun(found.approval, client, id=family, first=first, now=now)
        if not device_repository.redeem(connection, digest, new):
            raise InvalidGrant("The code has been used.")
        details = {"grant": GRANT, "scopes": found.approval.scopes}
        self._audit.record(
            connection, Event.TOKEN_ISSUED, user=found.user.id, client=client.id, source=source, details=details
        )
        return found


def _grant(found: Redeemable, client: Client, family: str) -> Grant:
    return Grant(
        client_id=client.id,
        scopes=found.approval.scopes,
        origin_jti=family,
        user=found.user,
        auth_time=found.approval.auth_time,
        amr=found.approval.amr,
        valid_from=found.valid_from,
    )
