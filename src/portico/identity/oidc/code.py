"""The grant `authorization_code` (RFC 6749 section 4.1.3): a code is exchanged for tokens, once.

Everything is checked before anything is used up, so that a wrong client, redirect URI or verifier does not burn a code.
Using it up is one conditional update: of twenty at once, one wins. Whoever comes later with all that the winner had has
stolen it, or was robbed, so what it was used for is revoked.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa

from portico.identity.audit import AuditLog, Event
from portico.identity.oidc import pkce, refresh_token, repository
from portico.identity.oidc.claims import Grant
from portico.identity.oidc.client import Client
from portico.identity.oidc.clients import digest_of
from portico.identity.oidc.errors import CodeReplayed, InvalidGrant
from portico.identity.oidc.family import begun, end_replayed
from portico.identity.oidc.granted import Answer, answer
from portico.identity.oidc.parameters import Parameters
from portico.identity.oidc.repository import Code
from portico.identity.oidc.tokens import Tokens
from portico.identity.pool import Pool
from portico.identity.source import Source
from portico.identity.triggers import TokenChanges
from portico.identity.users import repository as users
from portico.identity.users.model import User

LIFETIME = 60.0  # seconds of a code (RFC 6749 section 4.1.2: 10 minutes at most)


@dataclass(frozen=True, slots=True)
class Redeemable:
    """A code that may be used, and by whom it was given."""

    code: Code
    user: User
    valid_from: float  # seconds since the epoch


class CodeGrant:
    """Exchanges codes."""

    name: ClassVar[str] = "authorization_code"

    def __init__(self, pool: Pool, *, audit: AuditLog, tokens: Tokens) -> None:
        self._pool = pool
        self._audit = audit
        self._tokens = tokens

    async def redeem(self, client: Client, parameters: Parameters, source: Source) -> Answer:
        """Exchange a code.

        Args:
            client: which has proved who it is.
            parameters: of the request.
            source: from where.

        Raises:
            OAuthError: no tokens are issued.
            TriggerError: the project refuses.
        """
        try:
            return await self._redeem(client, parameters, source)
        except CodeReplayed as error:
            now = self._pool.clock()
            await self._pool.db.tx(end_replayed, self._audit, error.family, client=client, source=source, now=now)
            raise

    async def _redeem(self, client: Client, parameters: Parameters, source: Source) -> Answer:
        family = str(uuid.uuid4())
        first = refresh_token.new() if "refresh_token" in client.grants else None
        changes = TokenChanges()
        if self._tokens.asks:  # before anything is used up: the project may refuse
            changes = await self._tokens.ask(_grant(await self._pool.db.read(self._check, client, parameters), family))
        found = await self._pool.db.tx(self._consume, client, parameters, family, first, source)
        issued = await self._tokens.issue(_grant(found, family), client.lifetimes, changes)
        return answer(issued, refresh_token=first)

    def _check(self, connection: sa.Connection, client: Client, parameters: Parameters) -> Redeemable:
        """Whether a code may be used by this client now. It changes nothing."""
        code = repository.code(connection, digest_of(parameters.need("code")))
        if code is None or code.client_id != client.id:
            raise InvalidGrant("The code is unknown, or another client's.")
        if parameters.need("redirect_uri") != code.redirect_uri:
            raise InvalidGrant("The redirect_uri is not the one that the code was sent to.")
        pkce.prove(code.challenge, parameters.need("code_verifier"))
        if code.family is not None:
            raise CodeReplayed(code.family)
        user, valid_from = users.by_id(connection, code.user_id), users.valid_from(connection, code.user_id)
        if self._pool.clock() >= code.expires_at or user is None or code.auth_time <= valid_from:
            raise InvalidGrant("The code has expired.")
        return Redeemable(code, user, valid_from)

    def _consume(
        self,
        connection: sa.Connection,
        client: Client,
        parameters: Parameters,
        family: str,
        first: str | None,
        source: Source,
    ) -> Redeemable:
        found = self._check(connection, client, parameters)
        new = begun(found.code, client, id=family, first=first, now=self._pool.clock())
        if not repository.redeem(connection, found.code.digest, new):
            raise InvalidGrant("The code has been used.")
        details = {"grant": self.name, "scopes": found.code.scopes}
        self._audit.record(
            connection, Event.TOKEN_ISSUED, user=found.user.id, client=client.id, source=source, details=details
        )
        return found


def _grant(found: Redeemable, family: str) -> Grant:
    return Grant(
        client_id=found.code.client_id,
        scopes=found.code.scopes,
        origin_jti=family,
        user=found.user,
        auth_time=found.code.auth_time,
        amr=found.code.amr,
        nonce=found.code.nonce,
        valid_from=found.valid_from,
    )
