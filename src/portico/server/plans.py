"""API keys, plans and limits in the server: what decides, when it starts and stops."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portico import store
from portico.access.account import PATH, Account
from portico.access.keys.ring import KeyRing
from portico.access.limiter import Limiter
from portico.access.plans import Plans
from portico.access.throttle import LimitStore, store_for
from portico.access.usage import Meter
from portico.config import Config
from portico.design.model import Api
from portico.errors import ConfigError
from portico.gateway import Gateway
from portico.gateway.address import address_of
from portico.gateway.api_key import ApiKeyCheck
from portico.gateway.throttle import Throttle
from portico.identity.pool import origin_of
from portico.identity.source import networks_of
from portico.store import State
from portico.store.feed import Feed

if TYPE_CHECKING:
    from portico.identity.service import Identity

log = logging.getLogger("portico.access")

FILE = Path(".portico/limits.sqlite3")
FLUSH_EVERY = 10.0  # seconds between two records of when keys were used


class UsagePlans:
    """The plans of a project as its server uses them."""

    def __init__(self, state: State, plans: Plans, limits: LimitStore, config: Config, *, identity: Identity | None):
        self.state = state
        self.plans = plans
        self.ring = KeyRing(state)
        self.meter = Meter(state)
        self.limiter = Limiter(plans, limits, self.meter, clock=state.clock)
        self.feed = Feed(state.db, state.clock) if identity is None else identity.feed
        self._owns_state = identity is None
        self.feed.listen(self.ring.hear)
        address = address_of(networks_of(config))
        issuer = None if identity is None else identity.pool.issuer
        self.keys = ApiKeyCheck(self.ring, address=address, issuer=issuer, clock=state.clock)
        self.throttle = Throttle(self.limiter, address=address, issuer=issuer or "")
        self._config = config
        self._identity = identity

    @classmethod
    def of(
        cls, root: Path, config: Config, apis: Sequence[Api], *, folder: Path | None, identity: Identity | None
    ) -> UsagePlans | None:
        """The plans of a project; None where it declares none.

        Args:
            root: the project's folder.
            config: its configuration.
            apis: its designs.
            folder: the run folder that workers share; None where there is one process only.
            identity: of its user pool, where it has one.

        Raises:
            ConfigError: what is declared cannot be.
            StoreError: the state cannot be used.
        """
        plans = Plans.load(root, apis)
        if plans is None:
            return None
        if identity is not None:
            pool = identity.pool
            state = State(pool.root, pool.db, pool.secrets, pool.clock, pool.development)
        else:
            state = State.open(root, config)
            store.prepare(state.db, development=state.development)
        limits = store_for(config.redis.url, path=None if folder is None else root / FILE, prefix=config.redis.prefix)
        return cls(state, plans, limits, config, identity=identity)

    def mount(self, gateway: Gateway) -> None:
        """Put the page of those who hold keys beside the APIs, where it is known what browsers call the project."""
        try:
            origin = origin_of(self._config)
        except ConfigError as error:
            log.warning("the page %s is not served: %s", PATH, error)
            return
        page = Account(
            self.state,
            origin=origin,
            ring=self.ring,
            limiter=self.limiter,
            identity=self._identity,
            trusted=networks_of(self._config),
        )
        gateway.mount(PATH, page.app)

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Any) -> AsyncIterator[None]:
        """Work from the server's start to its end."""
        if self._owns_state:
            await self.feed.start()
        tasks = [asyncio.create_task(work) for work in (self.meter.run(), self.limiter.run(), self._note_uses())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.limiter.store.close()
            if self._owns_state:
                await self.feed.stop()
                self.state.db.close()

    async def _note_uses(self) -> None:
        try:
            while True:
                await asyncio.sleep(FLUSH_EVERY)
                await self.ring.flush()
        finally:
            await self.ring.flush()
