"""Bearer tokens (RFC 6750) of the project's own pool, or of another issuer, as the check of a security scheme."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from connexion.security import NO_VALUE

from portico.gateway.exchange import Exchange
from portico.gateway.problems import InsufficientScope, TokenRefused
from portico.tokens import InvalidToken, Issuer
from portico.tokens.verify import Claims

log = logging.getLogger("portico.gateway")

Verify = Callable[[Exchange], Any]


def check(issuer: Issuer, scopes: Sequence[str]) -> Verify:
    """The check of a requirement: a valid token that has all scopes.

    Args:
        issuer: whose tokens.
        scopes: those that the requirement names.
    """
    wanted = frozenset(scopes)
    claims_of = issuer.claims

    def permitted(claims: Claims) -> Claims:
        if wanted:
            missing = wanted.difference(scopes_of(claims))
            if missing:
                raise InsufficientScope(missing, wanted)
        return claims

    async def later(pending: Awaitable[Claims]) -> Claims:
        try:
            return permitted(await pending)
        except InvalidToken as error:
            raise _refused(error) from None

    def verify(x: Exchange) -> Any:
        header = x.headers.get(b"authorization")
        if header is None or header[:7].lower() != b"bearer ":
            return NO_VALUE
        try:
            claims = claims_of(header[7:].strip())
        except InvalidToken as error:
            raise _refused(error) from None
        return permitted(claims) if claims.__class__ is dict else later(claims)  # type: ignore[arg-type]

    return verify


def scopes_of(claims: Claims) -> list[str] | tuple[str, ...]:
    """The scopes of a token: `scope` (RFC 9068 section 2.2.3), or `scp` as some issuers have it."""
    granted = claims.get("scope", claims.get("scp", ""))
    return granted.split() if isinstance(granted, str) else granted if isinstance(granted, tuple) else ()


def _refused(error: InvalidToken) -> TokenRefused:
    log.debug("a token was refused: %s", error.reason)
    return TokenRefused(error.detail)
