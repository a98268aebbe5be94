"""The token endpoint (RFC 6749 section 3.2): a list of steps, and a grant for each kind of token request."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from portico.identity.audit import AuditLog, Event
from portico.identity.oidc import answers, parameters
from portico.identity.oidc.authentication import proved
from portico.identity.oidc.client import Client
from portico.identity.oidc.client_credentials import ClientCredentialsGrant
from portico.identity.oidc.clients import Clients
from portico.identity.oidc.code import CodeGrant
from portico.identity.oidc.device_grant import GRANT as DEVICE_CODE
from portico.identity.oidc.device_grant import DeviceGrant
from portico.identity.oidc.errors import AuthorizationPending, OAuthError, UnauthorizedClient, UnsupportedGrantType
from portico.identity.oidc.granted import Answer
from portico.identity.oidc.parameters import Parameters
from portico.identity.oidc.refresh import RefreshGrant
from portico.identity.oidc.tokens import Tokens
from portico.identity.pool import Pool
from portico.identity.source import Source

log = logging.getLogger("portico.identity.oidc")

REFUSALS = 100  # of one process that are written down in a minute; a flood must not fill the audit log
MINUTE = 60.0  # seconds
DECLARED = {DeviceGrant.name: DEVICE_CODE}  # grants whose name in auth/pool.yaml is not their grant_type


class Grant(Protocol):
    """A way to come to tokens."""

    async def redeem(self, client: Client, parameters: Parameters, source: Source) -> Answer:
        """Give a client its tokens, or raise."""


class TokenEndpoint:
    """Answers token requests."""

    def __init__(self, pool: Pool, *, audit: AuditLog, clients: Clients, tokens: Tokens) -> None:
        self._pool = pool
        self._audit = audit
        self._clients = clients
        self._minute, self._refusals = 0.0, 0
        kinds = (CodeGrant, RefreshGrant, ClientCredentialsGrant, DeviceGrant)
        self.grants: Mapping[str, Grant] = {kind.name: kind(pool, audit=audit, tokens=tokens) for kind in kinds}

    async def __call__(self, request: Request) -> Response:
        """Answer one.

        Raises:
            OAuthError: no tokens are issued.
            TriggerError: the project refuses.
        """
        form = await parameters.of_form(request)
        source = Source.of(request, self._pool.trusted_proxies)
        client: Client | None = None
        try:
            client = await proved(self._pool, self._clients, request, form)
            grant = self._grant(client, form)
            return answers.json(await grant.redeem(client, form, source))
        except answers.EXPECTED as error:
            await self._tell(answers.told(error), client, source)
            raise

    def _grant(self, client: Client, form: Parameters) -> Grant:
        name = answers.need_one_of(form, "grant_type", self.grants, UnsupportedGrantType)
        if DECLARED.get(name, name) not in client.grants:
            raise UnauthorizedClient("The client may not use this grant.")
        return self.grants[name]

    async def _tell(self, error: OAuthError, client: Client | None, source: Source) -> None:
        """Write a refusal down; that a device still waits is none.

        What strangers send is not kept, and a database that fails is not asked again.
        """
        refused = error.status < 500 and not isinstance(error, AuthorizationPending)
        if refused and self._has_room():
            await self._pool.db.tx(
                self._audit.record,
                Event.TOKEN_REFUSED,
                client=None if client is None else client.id,
                source=source,
                outcome="failure",
                details={"error": error.error},
            )

    def _has_room(self) -> bool:
        now = self._pool.clock()
        if now >= self._minute + MINUTE:
            self._minute, self._refusals = now, 0
        self._refusals += 1
        if self._refusals == REFUSALS + 1:
            log.warning("more than %d token requests were refused in a minute; the rest is not audited", REFUSALS)
        return self._refusals <= REFUSALS
