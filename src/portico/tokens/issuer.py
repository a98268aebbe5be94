"""Tokens of one issuer: verified once, then known for a while, until they expire or are revoked."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Protocol

from portico.tokens.jwks import FRESH, KeySource
from portico.tokens.verify import Claims, InvalidToken, Rules, UnknownKey, verify

ENTRIES = 10_000  # verified tokens that are kept; the oldest goes first


class Revoked(Protocol):
    """What is known of tokens that no longer count."""

    revision: int  # changes whenever anything does

    def current(self, claims: Claims) -> Claims | None:
        """The claims as they are now (groups may have changed since the token was made); None: it is revoked."""


class Issuer:
    """Verifies tokens of one issuer."""

    def __init__(
        self,
        rules: Rules,
        keys: KeySource,
        *,
        revoked: Revoked | None = None,
        clock: Callable[[], float] = time.time,
        entries: int = ENTRIES,
    ) -> None:
        """Make one.

        Args:
            rules: what its tokens must say.
            keys: its keys.
            revoked: what is revoked; None where nobody tells.
            clock: seconds since the epoch.
            entries: how many verified tokens are kept.
        """
        self.rules = rules
        self._keys = keys
        self._revoked = revoked
        self._clock = clock
        self._entries = entries
        self._kept: dict[bytes, tuple[float, int, Claims, Claims]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def forget(self) -> None:
        """Verify every token anew: the keys have changed."""
        self._kept.clear()

    def claims(self, token: bytes) -> Claims | Awaitable[Claims]:
        """The claims of a token; something to await where its key must be asked for first. The caller may change them.

        Args:
            token: the compact serialization.

        Raises:
            InvalidToken: it proves nothing.
        """
        digest = sha256(token).digest()
        entry = self._kept.get(digest)
        if entry is not None:
            until, revision, known, verified = entry
            if until > self._clock():
                if self._revoked is None or self._revoked.revision == revision:
                    return known.copy()
                return self._keep(digest, verified, until)
            del self._kept[digest]
        try:
            return self._verified(token, digest)
        except UnknownKey:
            return self._with_new_keys(token, digest)

    async def _with_new_keys(self, token: bytes, digest: bytes) -> Claims:
        await self._keys.refetch()
        return self._verified(token, digest)

    def _verified(self, token: bytes, digest: bytes) -> Claims:
        try:
            text = token.decode("ascii")
        except UnicodeDecodeError:
            raise InvalidToken("it is not ASCII") from None
        now = self._clock()
        claims = verify(text, self._keys.known(), self.rules, now=now)
        until = min(float(claims["exp"]), now + FRESH)  # then once more: its key may be gone
        return self._keep(digest, {name: frozen(value) for name, value in claims.items()}, until)

    def _keep(self, digest: bytes, verified: Claims, until: float) -> Claims:
        """Remember a token whose signature and times are good, as long as it is not revoked."""
        revision, known = 0, verified
        if self._revoked is not None:
            revision, current = self._revoked.revision, self._revoked.current(verified)
            if current is None:
                self._kept.pop(digest, None)
                raise InvalidToken("it was revoked")
            known = current
        while len(self._kept) >= self._entries and digest not in self._kept:
            del self._kept[next(iter(self._kept))]
        self._kept[digest] = (until, revision, known, verified)
        return known.copy()


def frozen(value: Any) -> Any:
    """A JSON value that nobody can change: what one request is given must not reach another."""
    if isinstance(value, list):
        return tuple(frozen(item) for item in value)
    if isinstance(value, Mapping):
        return MappingProxyType({name: frozen(item) for name, item in value.items()})
    return value
