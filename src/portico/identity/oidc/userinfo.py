"""userInfo: who an access token speaks for (OpenID Connect Core section 5.3)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portico.identity.oidc import answers
from portico.identity.oidc import claims as saying
from portico.identity.oidc.errors import InsufficientScope, InvalidToken
from portico.identity.oidc.reading import OwnTokens
from portico.identity.pool import Pool
from portico.identity.users import Users


class UserInfoEndpoint:
    """Answers with what the scopes of a token let a client know."""

    def __init__(self, pool: Pool, *, tokens: OwnTokens, users: Users) -> None:
        self._pool = pool
        self._tokens = tokens
        self._users = users

    async def __call__(self, request: Request) -> Response:
        """Answer one request. The token comes in the header only: elsewhere logs would keep it (RFC 6750 section 2).

        Raises:
            InvalidToken: there is none that counts.
            InsufficientScope: it lacks `openid`.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise InvalidToken
        claims = await self._tokens.access(token.strip())
        user = None if claims is None else await self._users.by_id(str(claims["sub"]))
        if claims is None or user is None:
            raise InvalidToken("The access token is unknown, has expired, or was revoked.")
        scopes = str(claims.get("scope", "")).split()
        if "openid" not in scopes:
            raise InsufficientScope("The access token lacks the scope openid.")
        return answers.json({"sub": user.id, **saying.released(user, scopes, self._pool.settings)})
