"""Credentials of a project: given for tokens, and looked up for signed requests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.access import Roles
from portico.identity.audit import AuditLog
from portico.identity.credentials.claims import claims_of
from portico.identity.credentials.exchange import Exchange
from portico.identity.credentials.guests import GuestLimit
from portico.identity.credentials.keys import AccessKeys
from portico.identity.credentials.mint import Grant, mint
from portico.identity.credentials.model import LASTING, Resolved, TemporaryCredentials
from portico.identity.credentials.ring import KeyRing
from portico.identity.credentials.sessions import OpenSessions
from portico.identity.oidc.clients import Clients
from portico.identity.oidc.cors import shared
from portico.identity.pool import Pool
from portico.identity.revocations import Revocations
from portico.identity.users.model import User
from portico.identity.verify import TokenVerifier
from portico.store.feed import Change

FLUSH_EVERY = 10.0  # seconds between two records of when access keys were used


class CredentialService:
    """Gives temporary credentials, and says what access key ids stand for."""

    def __init__(
        self, pool: Pool, *, roles: Roles, audit: AuditLog, verify: TokenVerifier, revocations: Revocations
    ) -> None:
        self.keys = AccessKeys(pool, roles=roles, audit=audit)
        self._pool = pool
        self._roles = roles
        self._sessions = OpenSessions(pool, roles=roles, revocations=revocations)
        self._ring = KeyRing(pool)
        self._clients = Clients(pool, audit=audit)
        self._exchange = Exchange(pool, roles, audit, verify, GuestLimit())

    def routes(self) -> list[Route]:
        """The endpoint, relative to the pool's path."""

        async def exchange(request: Request) -> Response:
            return await self._exchange(request)

        return [Route("/credentials", shared(exchange, self._clients, "POST"), methods=["POST", "OPTIONS"])]

    def resolve(self, access_key_id: str, session_token: str | None, now: float) -> Resolved | Awaitable[Resolved]:
        """What signed a request: the secret key to verify it with, and who that is.

        Temporary credentials are resolved at once, access keys too where they are known already; else what comes back
        is to be awaited.

        Args:
            access_key_id: as it was received.
            session_token: as it was received.
            now: seconds since the epoch.

        Raises:
            CredentialsRefused: they do not count, or not any more. Awaiting raises it too.
            StoreError: the database cannot be asked; only awaiting raises it.
        """
        if session_token is None and access_key_id.startswith(LASTING):
            return self._ring.resolve(access_key_id, now)
        return self._sessions.resolve(access_key_id, session_token or "", now)

    def note_use(self, access_key_id: str, now: float) -> None:
        """A signature with this access key was right. Recorded once a minute at most, and not for temporary ones.

        Args:
            access_key_id: that signed.
            now: seconds since the epoch.
        """
        self._ring.note_use(access_key_id, now)

    def mint(self, role: str, *, user: User | None = None, duration: float | None = None) -> TemporaryCredentials:
        """Temporary credentials without a token, for commands and tests: whoever has the project's secret may.

        Args:
            role: its name.
            user: for whom; None: for nobody, as a guest's are.
            duration: seconds; None: an hour, or what the role allows where that is less.

        Raises:
            ExchangeRefused: there is no such role, or not for that long.
        """
        claims = claims_of(user) if user is not None else None
        return mint(self._pool, self._roles, Grant(role, duration, claims), self._pool.clock())

    def hear(self, change: Change) -> None:
        """Take in a change; see `portico.store.feed`."""
        self._ring.hear(change)

    async def flush(self) -> None:
        """Record when access keys were used last."""
        await self._ring.flush()

    async def run(self) -> None:
        """Record uses beside the server, until cancelled."""
        try:
            while True:
                await asyncio.sleep(FLUSH_EVERY)
                await self.flush()
        finally:
            await self.flush()
