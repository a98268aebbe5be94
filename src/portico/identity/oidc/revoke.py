"""Revocation: a client gives a token back (RFC 7009)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from portico.identity.audit import AuditLog, Event
from portico.identity.oidc import answers, parameters, refresh_token, repository
from portico.identity.oidc.authentication import proved
from portico.identity.oidc.client import Client
from portico.identity.oidc.clients import Clients
from portico.identity.oidc.errors import InvalidGrant
from portico.identity.oidc.reading import Claims, OwnTokens
from portico.identity.pool import Pool
from portico.identity.source import Source


class RevokeEndpoint:
    """Ends tokens: a refresh token with its whole family, an access token alone."""

    def __init__(self, pool: Pool, *, audit: AuditLog, clients: Clients, tokens: OwnTokens) -> None:
        self._pool = pool
        self._audit = audit
        self._clients = clients
        self._tokens = tokens

    async def __call__(self, request: Request) -> Response:
        """Answer one request. A token that is unknown is as good as revoked (RFC 7009 section 2.2).

        Raises:
            OAuthError: the client is not who it says, or the token is another client's.
        """
        form = await parameters.of_form(request)
        client = await proved(self._pool, self._clients, request, form)
        token, source = form.need("token"), Source.of(request, self._pool.trusted_proxies)
        if refresh_token.is_one(token):
            await self._pool.db.tx(self._end_family, refresh_token.handle_of(token), client, source)
            return answers.json({})
        claims = await self._tokens.access(token)
        if claims is not None:
            await self._pool.db.tx(self._end_token, claims, client, source)
        return answers.json({})

    def _end_family(self, connection: sa.Connection, handle: str, client: Client, source: Source) -> None:
        family, now = repository.family_by_handle(connection, handle), self._pool.clock()
        if family is None:
            return
        _check_owner(family.client_id, client)
        if repository.revoke_family(connection, family.id, now):
            self._record(connection, family.user_id, client, source, "refresh_token")

    def _end_token(self, connection: sa.Connection, claims: Claims, client: Client, source: Source) -> None:
        _check_owner(claims["client_id"], client)
        now, expires_at = self._pool.clock(), float(claims["exp"])
        repository.revoke_token(connection, str(claims["jti"]), now=now, expires_at=expires_at)
        user = None if claims["sub"] == client.id else str(claims["sub"])
        self._record(connection, user, client, source, "access_token")

    def _record(self, connection: sa.Connection, user: str | None, client: Client, source: Source, kind: str) -> None:
        details = {"type": kind}
        self._audit.record(connection, Event.TOKEN_REVOKED, user=user, client=client.id, source=source, details=details)


def _check_owner(client_id: Any, client: Client) -> None:
    if client_id != client.id:
        raise InvalidGrant("The token was issued to another client.")
