"""The provider's own tokens, read back: at userInfo, introspection, revocation and sign-out.

Here the database is asked whether they still count, not the change feed: the answer is true at once.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from portico.identity.keys import SigningKeys
from portico.identity.oidc import repository
from portico.identity.oidc.clients import Clients
from portico.identity.pool import Pool
from portico.identity.users import repository as users
from portico.identity.verify import LEEWAY, PoolKeys
from portico.tokens import InvalidToken, Rules, verify
from portico.tokens.verify import UnknownKey

Claims = Mapping[str, Any]


class OwnTokens:
    """Reads access tokens and ID tokens of the pool."""

    def __init__(self, pool: Pool, *, keys: SigningKeys, clients: Clients) -> None:
        self._pool = pool
        self._keys = PoolKeys(keys)
        self._clients = clients
        self._access = self._rules("access", "at+jwt")
        self._id = self._rules("id", "jwt")

    def _rules(self, use: str, kind: str) -> Rules:
        return Rules(issuer=self._pool.issuer, types=frozenset({kind}), uses=frozenset({use}), leeway=LEEWAY)

    async def access(self, token: str) -> Claims | None:
        """The claims of an access token that counts; None for anything else.

        Args:
            token: what a client sent.
        """
        claims = await self._read(token, self._access, self._pool.clock())
        return claims if claims is not None and await self._pool.db.read(self.is_alive, claims) else None

    async def hint(self, token: str) -> Claims | None:
        """The claims of an ID token that was issued here once, expired or not (RP-Initiated Logout section 2).

        Args:
            token: what a client sent.
        """
        return await self._read(token, self._id, min(self._pool.clock(), _end(token) - LEEWAY))

    def is_alive(self, connection: sa.Connection, claims: Claims) -> bool:
        """Whether nothing has ended a token whose signature and times are good, inside a transaction."""
        family = repository.family(connection, str(claims["origin_jti"]))
        if (family is not None and family.revoked_at is not None) or repository.is_revoked(connection, claims["jti"]):
            return False
        if self._clients.find(connection, str(claims["client_id"])) is None:
            return False
        if claims["sub"] == claims["client_id"]:
            return True
        return bool(claims["iat"] >= users.valid_from(connection, str(claims["sub"])))

    async def _read(self, token: str, rules: Rules, now: float) -> Claims | None:
        try:
            try:
                return verify(token, self._keys.known(), rules, now=now)
            except UnknownKey:
                return verify(token, await self._keys.refetch(), rules, now=now)
        except InvalidToken:
            return None


def _end(token: str) -> float:
    """The `exp` of a token that nobody has verified yet; zero where there is none."""
    part = token.split(".")[1] if token.count(".") == 2 and len(token) < 16_384 else ""
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return 0.0
    end = claims.get("exp") if isinstance(claims, dict) else None
    return float(end) if isinstance(end, int | float) else 0.0
