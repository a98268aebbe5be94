"""What security functions said, kept for as long as the document allows.

The meaning is AWS's: `x-amazon-apigateway-authorizer: {authorizerResultTtlInSeconds: N}` on a security scheme, 300
seconds where it says nothing, 3600 at most, 0 for never (AWS: "x-amazon-apigateway-authorizer object"). Only acceptance
is kept, never longer than the token's own `exp`, and never where the function looks at the whole request, since it may
then decide by more than the credential. Credentials are kept as digests.
"""

from __future__ import annotations

import copy
import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from connexion.security import NO_VALUE

from portico.design.model import SecurityScheme

if TYPE_CHECKING:
    from portico.gateway.exchange import Exchange

EXTENSION = "x-amazon-apigateway-authorizer"
DEFAULT_TTL = 300  # seconds
LONGEST_TTL = 3_600  # seconds
ENTRIES = 10_000  # of one scheme with one set of scopes

Verify = Callable[["Exchange"], Any]
Find = Callable[["Exchange"], bytes | None]
Copy = Callable[[dict[str, Any]], dict[str, Any]]


def ttl_of(scheme: SecurityScheme) -> int:
    """For how many seconds a scheme's results may be kept."""
    authorizer = scheme.extensions.get(EXTENSION)
    if not isinstance(authorizer, Mapping):
        return 0
    seconds = authorizer.get("authorizerResultTtlInSeconds", DEFAULT_TTL)
    return min(LONGEST_TTL, max(0, int(seconds))) if isinstance(seconds, int | float) else 0


class ResultCache:
    """Positive results of one scheme, asked for with one set of scopes."""

    def __init__(self, ttl: float, *, entries: int = ENTRIES, clock: Callable[[], float] = time.time) -> None:
        """Make one.

        Args:
            ttl: seconds that a result is kept.
            entries: how many; the oldest goes first.
            clock: seconds since the epoch, as `exp` counts them (RFC 7519 section 4.1.4).
        """
        self._ttl = ttl
        self._entries = entries
        self._clock = clock
        self._kept: dict[bytes, tuple[float, dict[str, Any], Copy]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def around(self, verify: Verify, find: Find) -> Verify:
        """The same question, answered from what is kept where that is still good.

        Args:
            verify: asks the project's function.
            find: the credential as it stands in the request; None where there is none.
        """
        kept, clock = self._kept, self._clock

        def verify_once(x: Exchange) -> Any:
            credential = find(x)
            if credential is None:
                return NO_VALUE
            digest = sha256(credential).digest()
            entry = kept.get(digest)
            if entry is not None:
                until, claims, copied = entry
                if until > clock():
                    return copied(claims)
                del kept[digest]
            said = verify(x)
            if isinstance(said, dict):
                self._keep(digest, said)
                return said
            return self._later(said, digest) if inspect.isawaitable(said) else said

        return verify_once

    async def _later(self, said: Any, digest: bytes) -> Any:
        while inspect.isawaitable(said):
            said = await said
        if isinstance(said, dict):
            self._keep(digest, said)
        return said

    def _keep(self, digest: bytes, said: dict[str, Any]) -> None:
        until = self._clock() + self._ttl
        expires = said.get("exp")
        if isinstance(expires, int | float):
            until = min(until, float(expires))
        while len(self._kept) >= self._entries:
            del self._kept[next(iter(self._kept))]
        flat = all(isinstance(value, str | int | float | None) for value in said.values())
        copied: Copy = dict.copy if flat else copy.deepcopy  # a handler may change what it is given
        self._kept[digest] = (until, copied(said), copied)


class ResultCaches:
    """The caches of an API: operations that ask for the same share what is known."""

    def __init__(self) -> None:
        self._caches: dict[tuple[str, tuple[str, ...]], ResultCache] = {}

    def of(self, scheme: SecurityScheme, scopes: Sequence[str]) -> ResultCache | None:
        """The cache that the document asks for, if it does.

        Args:
            scheme: the security scheme.
            scopes: those that its function decides by.
        """
        ttl = ttl_of(scheme)
        return self._caches.setdefault((scheme.name, tuple(scopes)), ResultCache(ttl)) if ttl else None
