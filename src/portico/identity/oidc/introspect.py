"""Introspection: does this token still count? (RFC 7662). A client is told of its own tokens only."""

from __future__ import annotations

import math

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from portico.identity.oidc import answers, parameters, refresh_token, repository
from portico.identity.oidc.authentication import proved
from portico.identity.oidc.client import Client
from portico.identity.oidc.clients import Clients, digest_of
from portico.identity.oidc.errors import InvalidClient
from portico.identity.oidc.reading import OwnTokens
from portico.identity.pool import Pool
from portico.identity.users import repository as users

INACTIVE: dict[str, object] = {"active": False}
TOLD = (
    "iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "username", "token_use", "origin_jti", "auth_time",
)  # fmt: skip


class IntrospectEndpoint:
    """Tells confidential clients about their tokens."""

    def __init__(self, pool: Pool, *, clients: Clients, tokens: OwnTokens) -> None:
        self._pool = pool
        self._clients = clients
        self._tokens = tokens

    async def __call__(self, request: Request) -> Response:
        """Answer one request.

        Raises:
            OAuthError: the client is not who it says, or is public: anybody could say so (RFC 7662 section 2.1).
        """
        form = await parameters.of_form(request)
        client = await proved(self._pool, self._clients, request, form)
        if not client.confidential:
            raise InvalidClient
        token = form.need("token")
        if refresh_token.is_one(token):
            return answers.json(await self._pool.db.read(self._refresh, token, client))
        claims = await self._tokens.access(token)
        if claims is None or claims["client_id"] != client.id:
            return answers.json(INACTIVE)
        told = {name: claims[name] for name in TOLD if name in claims}
        return answers.json({"active": True, "token_type": "Bearer", **told})

    def _refresh(self, connection: sa.Connection, token: str, client: Client) -> dict[str, object]:
        family, now = repository.family_by_handle(connection, refresh_token.handle_of(token)), self._pool.clock()
        if family is None or family.client_id != client.id or family.current != digest_of(token):
            return INACTIVE
        dead = family.revoked_at is not None or now >= family.expires_at
        user = users.by_id(connection, family.user_id)
        if dead or user is None or family.auth_time <= users.valid_from(connection, family.user_id):
            return INACTIVE
        return {
            "active": True,
            "iss": self._pool.issuer,
            "sub": user.id,
            "username": user.username,
            "client_id": client.id,
            "scope": " ".join(family.scopes),
            "exp": math.floor(family.expires_at),
            "iat": math.floor(family.rotated_at),
            "token_use": "refresh",
            "origin_jti": family.id,
        }
