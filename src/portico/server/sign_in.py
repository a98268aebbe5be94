"""The project's user pool in the server: what it mounts, what it decides, when it starts and stops."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from portico.config import Config
from portico.design.model import Api
from portico.gateway import Gateway
from portico.gateway.address import address_of
from portico.gateway.authority import Authority
from portico.gateway.signed import Signed
from portico.identity import service
from portico.identity.application import Elsewhere
from portico.identity.service import Identity
from portico.signing import ReplayGuard
from portico.signing.replay import guard_for

RFC_8414 = "/.well-known/oauth-authorization-server"


class SignIn:
    """The identity of a project as its server uses it."""

    def __init__(self, identity: Identity, config: Config, guard: ReplayGuard) -> None:
        self.identity = identity
        self._guard = guard
        pool = identity.pool
        signed = Signed(
            settings=config,
            credentials=identity.credentials,
            roles=identity.roles,
            guard=guard,
            address=address_of(pool.trusted_proxies),
            doctor=pool.development,
            clock=pool.clock,
        )
        self.authority = Authority(pool=identity.verifier.access, origin=pool.origin, signed=signed)

    @classmethod
    def of(cls, root: Path, config: Config, apis: Sequence[Api], folder: Path | None) -> SignIn | None:
        """The identity of a project; None where it declares no pool.

        Args:
            root: the project's folder.
            config: its configuration.
            apis: its designs.
            folder: the run folder that workers share; None where there is one process only.

        Raises:
            ConfigError: what is declared cannot be.
            StoreError: the state cannot be used.
        """
        pool = service.open_pool(root, config)
        if pool is None:
            return None
        identity = Identity.of(pool, config, apis)
        identity.prepare()
        identity.keys.check()
        guard = guard_for(pool.db, root=root, workers=1 if folder is None else 2)
        return cls(identity, config, guard)

    def mount(self, gateway: Gateway) -> None:
        """Put the pool's addresses beside the APIs."""
        pool, app = self.identity.pool, self.identity.app
        gateway.mount(pool.path, app)
        gateway.mount(f"{RFC_8414}{pool.path}", Elsewhere(app, f"{pool.path}{RFC_8414}"))

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Any) -> AsyncIterator[None]:
        """Work from the server's start to its end."""
        await self.identity.start()
        try:
            yield
        finally:
            await self.identity.stop()
            await self._guard.close()
