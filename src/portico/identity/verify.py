"""Tokens of this project's pool: what an access token, or an ID token, must say to count."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from typing import Any

from portico.identity.keys import SigningKeys
from portico.identity.pool import Pool
from portico.identity.revocations import Revocations
from portico.store.feed import Change
from portico.tokens import InvalidToken, Issuer, Key, Rules
from portico.tokens.verify import Claims

LEEWAY = 5.0  # seconds: workers on several machines; a token may be dated a second ahead after a sign-out everywhere


class PoolKeys:
    """The pool's own signing keys, as a source of keys."""

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys

    def known(self) -> Mapping[str, Key]:
        """The public keys that tokens may be signed with now."""
        return {kid: Key(known.algorithm, known.key) for kid, known in self._keys.public_keys_now().items()}

    async def refetch(self) -> Mapping[str, Key]:
        """Look into the database: another worker may have made a key."""
        await self._keys.refresh()
        return self.known()


class TokenVerifier:
    """Verifies access tokens (RFC 9068) and ID tokens (OpenID Connect Core 1.0 section 2) of the pool."""

    def __init__(self, pool: Pool, *, keys: SigningKeys, revocations: Revocations) -> None:
        source = PoolKeys(keys)
        issuer = pool.issuer

        def of(use: str, kind: str) -> Issuer:
            rules = Rules(issuer=issuer, types=frozenset({kind}), uses=frozenset({use}), leeway=LEEWAY)
            return Issuer(rules, source, revoked=revocations, clock=pool.clock)

        self.access = of("access", "at+jwt")
        self._by_use = {"access": self.access, "id": of("id", "jwt")}

    def hear(self, change: Change) -> None:
        """Take note of a change: a key that was withdrawn verifies nothing, whatever it verified before."""
        if change.kind == "keys":
            for issuer in self._by_use.values():
                issuer.forget()

    async def verify(self, token: str, *, use: Collection[str] = ("access",)) -> Mapping[str, Any]:
        """The claims of a token.

        Args:
            token: the compact serialization.
            use: which kinds will do: "access", "id".

        Raises:
            InvalidToken: it proves nothing, or not this.
        """
        refusal = InvalidToken("no kind of token was asked for")
        for name in use:
            try:
                found = self._by_use[name].claims(token.encode())
                claims: Claims = await found if inspect.isawaitable(found) else found
                return claims
            except InvalidToken as error:
                refusal = error
        raise refusal
