"""Where the endpoints of another provider are (OpenID Connect Discovery 1.0 section 4)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portico.identity.federation.errors import ProviderUnreachable
from portico.identity.federation.upstream import Upstream, endpoint
from portico.store import Clock
from portico.tokens.jwks import DISCOVERY

FRESH = 3_600.0  # seconds after which it is asked for again
VALID = 86_400.0  # seconds that it is used while the provider cannot be reached
PAUSE = 5.0  # seconds between two questions to a provider that does not answer, however many people knock


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What a discovery document says."""

    authorization: str
    token: str
    names_itself: bool  # every authorization response says `iss` (RFC 9207 section 3)
    basic: bool  # secrets go into a header (RFC 6749 section 2.3.1), and not into the form


class Configuration:
    """The discovery document of one provider: fetched when first needed, kept, and asked for once by many at once."""

    def __init__(self, issuer: str, upstream: Upstream, *, clock: Clock) -> None:
        self._issuer = issuer
        self._upstream = upstream
        self._clock = clock
        self._lock = asyncio.Lock()
        self._known: Endpoints | None = None
        self._fetched = self._failed = float("-inf")

    async def current(self) -> Endpoints:
        """What it says now.

        Raises:
            ProviderUnreachable: nothing is known, and nothing can be learned.
        """
        if self._known is not None and self._clock() < self._fetched + FRESH:
            return self._known
        async with self._lock:
            now = self._clock()
            if self._known is not None and now < self._fetched + FRESH:
                return self._known
            return await self._learn(now)

    async def _learn(self, now: float) -> Endpoints:
        failure = ProviderUnreachable(self._upstream.title, "it was asked just now, in vain")
        if now >= self._failed + PAUSE:
            try:
                self._known, self._fetched = await self._asked(), now
            except ProviderUnreachable as error:
                failure, self._failed = error, now
        if self._known is None or now >= self._fetched + VALID:
            raise failure
        return self._known

    async def _asked(self) -> Endpoints:
        status, document = await self._upstream.ask(f"{self._issuer.rstrip('/')}{DISCOVERY}")
        if status != 200 or document.get("issuer") != self._issuer:
            said = str(document.get("issuer"))[:200]
            reason = f"its discovery document: status {status}, issuer {said!r}"
            raise ProviderUnreachable(self._upstream.title, reason)
        return self._read(document)

    def _read(self, document: Mapping[str, Any]) -> Endpoints:
        methods = document.get("token_endpoint_auth_methods_supported", ("client_secret_basic",))
        try:
            return Endpoints(
                authorization=endpoint(document.get("authorization_endpoint")),
                token=endpoint(document.get("token_endpoint")),
                names_itself=document.get("authorization_response_iss_parameter_supported") is True,
                basic="client_secret_basic" in methods or "client_secret_post" not in methods,
            )
        except (ValueError, TypeError) as error:
            raise ProviderUnreachable(self._upstream.title, f"its discovery document: {error}") from error
