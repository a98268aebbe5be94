"""A project's API keys for commands: its database and its secrets, without a server. With a user pool, or without."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portico import project as projects
from portico import store
from portico.access.keys import ApiKey
from portico.access.keys.repository import Window
from portico.access.keys.service import ApiKeys
from portico.access.plans import FILE as PLANS
from portico.access.plans import Plans
from portico.errors import ConfigError
from portico.identity import settings as pools
from portico.identity.audit import AuditLog
from portico.identity.oidc import client_repository as clients
from portico.identity.settings import FILE as POOL
from portico.identity.settings import PoolSettings
from portico.identity.users import repository as users
from portico.identity.users.model import User
from portico.store import State


class NobodyOfThatName(ConfigError):
    """The pool has no such user or application."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one project, at work."""

    state: State
    audit: AuditLog
    all: ApiKeys
    plans: Plans | None  # None: the project declares none, and a key's may have any name
    pool: PoolSettings | None

    def windows_of(self, key: ApiKey) -> list[Window]:
        """The quotas of a key, in the periods that run.

        Args:
            key: whose.

        Raises:
            ConfigError: the project has no plans.
        """
        if self.plans is None:
            raise ConfigError(f"This project has no plans, so its keys have no quota. Declare them in {PLANS}.")
        now = self.state.clock()
        plans = [self.plans.all[name] for name in key.plans if name in self.plans.all]
        shares = [share for plan in plans for share in plan.all_shares]
        found = [(share.name, share.quota.window(now)) for share in shares if share.quota is not None]
        return [Window(name, window.name, window.ends_at) for name, window in found]

    def user(self, named: str) -> User:
        """A user of the pool.

        Args:
            named: a user name, an e-mail address or an id.

        Raises:
            ConfigError: the project has no pool, or the pool has no such user.
        """
        self._refuse_without_pool()
        found = self.state.db.look(users.named, named.strip())
        if found is None:
            raise NobodyOfThatName(f"There is no user {named!r}. `portico users list` shows them.")
        return found

    def client(self, id: str) -> str:
        """The id of an application of the pool.

        Args:
            id: its client_id.

        Raises:
            ConfigError: the project has no pool, or the pool has no such application.
        """
        pool = self._refuse_without_pool()
        if id not in pool.clients and self.state.db.look(clients.find, pool.name, id) is None:
            raise NobodyOfThatName(f"There is no client {id!r}. `portico clients list` shows them.")
        return id

    def _refuse_without_pool(self) -> PoolSettings:
        if self.pool is None:
            raise ConfigError(f"This project has no user pool. Declare one in {POOL}: see docs/reference/pool.md.")
        return self.pool


@contextlib.contextmanager
def open_keys(root: Path) -> Iterator[Keys]:
    """The API keys of the project in `root`, its tables up to date.

    Args:
        root: the project's folder.

    Raises:
        ConfigError: what the project declares cannot be.
        StoreError: the state cannot be used.
    """
    project = projects.load(root)
    plans, pool = Plans.load(project.root, project.apis), pools.load(project.root)
    state = State.open(project.root, project.config)
    try:
        store.prepare(state.db, development=state.development)
        log = AuditLog(state)
        known = None if plans is None else plans.names
        keys = ApiKeys(state, log, known_plans=known, known_apis=[api.name for api in project.apis])
        yield Keys(state, log, keys, plans, pool)
    finally:
        state.db.close()
