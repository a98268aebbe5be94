"""The grant `client_credentials` (RFC 6749 section 4.4): a client calls for itself."""

from __future__ import annotations

import uuid
from typing import ClassVar

from portico.identity.audit import AuditLog, Event
from portico.identity.oidc import scopes
from portico.identity.oidc.claims import Grant
from portico.identity.oidc.client import Client
from portico.identity.oidc.errors import InvalidScope, UnauthorizedClient
from portico.identity.oidc.granted import Answer, answer
from portico.identity.oidc.parameters import Parameters
from portico.identity.oidc.tokens import Tokens
from portico.identity.pool import Pool
from portico.identity.source import Source


class ClientCredentialsGrant:
    """Gives clients tokens of their own."""

    name: ClassVar[str] = "client_credentials"

    def __init__(self, pool: Pool, *, audit: AuditLog, tokens: Tokens) -> None:
        self._pool = pool
        self._audit = audit
        self._tokens = tokens

    async def redeem(self, client: Client, parameters: Parameters, source: Source) -> Answer:
        """Give a confidential client a token.

        Args:
            client: which has proved who it is.
            parameters: of the request.
            source: from where.

        Raises:
            OAuthError: no token is issued.
            TriggerError: the project refuses.
        """
        if not client.confidential:
            raise UnauthorizedClient("A public client cannot prove that it calls for itself.")
        own = tuple(scope for scope in client.scopes if scope not in scopes.STANDARD)
        names = scopes.requested(parameters.get("scope"), own)
        if not names:
            raise InvalidScope("The client has no scope of a resource server.")
        grant = Grant(client_id=client.id, scopes=names, origin_jti=str(uuid.uuid4()))
        changes = await self._tokens.ask(grant)
        issued = await self._tokens.issue(grant, client.lifetimes, changes)
        await self._pool.db.tx(
            self._audit.record,
            Event.TOKEN_ISSUED,
            client=client.id,
            source=source,
            details={"grant": self.name, "scopes": names},
        )
        return answer(issued)
