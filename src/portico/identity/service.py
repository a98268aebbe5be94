"""Everything of a pool, put together: what a server, a command or a test works with."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from portico import store
from portico.access import Roles
from portico.access.keys import leaving
from portico.config import Config
from portico.design.model import Api
from portico.errors import PorticoError
from portico.identity import settings as declared
from portico.identity.application import Application
from portico.identity.audit import AuditLog
from portico.identity.credentials import CredentialService
from portico.identity.federation import Federation
from portico.identity.federation.repository import links_of
from portico.identity.keys import SigningKeys
from portico.identity.mail import Mailer
from portico.identity.mfa import Mfa, held_of
from portico.identity.oidc import Provider, Tokens
from portico.identity.pages import Pages
from portico.identity.pool import Pool, origin_of
from portico.identity.revocations import Revocations
from portico.identity.sessions import Sessions
from portico.identity.source import networks_of
from portico.identity.triggers import Triggers
from portico.identity.users import Users
from portico.identity.verify import TokenVerifier
from portico.store import Clock, Database, Secrets
from portico.store.feed import Feed

log = logging.getLogger("portico.identity")

ROLES_EVERY = 1.0  # seconds between two looks at auth/roles.yaml


def open_pool(root: Path, config: Config, *, clock: Clock = time.time, database: Database | None = None) -> Pool | None:
    """The pool that a project declares; None where it declares none.

    Args:
        root: the project's folder.
        config: its configuration.
        clock: seconds since the epoch.
        database: another one than the configured, for tests.

    Raises:
        ConfigError: what is declared cannot be.
        StoreError: the state cannot be used.
    """
    found = declared.load(root)
    if found is None:
        return None
    development = config.server.mode == "development"
    return Pool(
        settings=found,
        origin=origin_of(config),
        db=database or Database.open(config.database, root=root),
        secrets=Secrets.load(root, create=development),
        clock=clock,
        root=root,
        development=development,
        trusted_proxies=networks_of(config),
    )


@dataclass(frozen=True, slots=True)
class Identity:
    """The features of one pool, at work."""

    pool: Pool
    audit: AuditLog
    triggers: Triggers
    mailer: Mailer
    users: Users
    mfa: Mfa
    sessions: Sessions
    keys: SigningKeys
    pages: Pages
    tokens: Tokens
    provider: Provider
    roles: Roles
    revocations: Revocations
    verifier: TokenVerifier
    credentials: CredentialService
    feed: Feed
    app: ASGIApp
    _tasks: list[asyncio.Task[None]]

    @classmethod
    def of(cls, pool: Pool, config: Config, apis: Sequence[Api] = ()) -> Identity:
        """Put a pool together. Nothing runs yet.

        Args:
            pool: the pool.
            config: the project's configuration.
            apis: the project's designs, whose operations `auth/roles.yaml` may name.

        Raises:
            ConfigError: `auth/roles.yaml` or `auth/triggers.py` cannot be used.
        """
        audit = AuditLog(pool)
        triggers = Triggers.load(pool.root)
        mailer = Mailer(pool, config=config.mail, triggers=triggers, audit=audit)
        users = Users(pool, audit=audit, mailer=mailer, triggers=triggers)
        mfa = Mfa(pool, audit=audit, mailer=mailer)
        sessions = Sessions(pool, audit=audit)
        keys = SigningKeys(pool, audit=audit)
        pages = Pages(pool, users=users, mfa=mfa, sessions=sessions, mailer=mailer, audit=audit)
        federation = Federation(pages.desk, triggers=triggers)
        users.register_exporter("linked_accounts", links_of)
        users.register_exporter("second_factors", held_of)
        users.register_exporter("api_keys", leaving.held_of)
        users.register_leaving(leaving.Leaving(audit, pool.clock))
        tokens = Tokens(pool, keys=keys, triggers=triggers)
        roles = Roles.load(pool.root, pool.settings, apis=apis)
        provider = Provider(
            pool,
            audit=audit,
            triggers=triggers,
            sessions=sessions,
            pages=pages,
            users=users,
            keys=keys,
            roles=roles,
            tokens=tokens,
        )
        revocations = Revocations(pool.clock)
        verifier = TokenVerifier(pool, keys=keys, revocations=revocations)
        credentials = CredentialService(pool, roles=roles, audit=audit, verify=verifier, revocations=revocations)
        feed = Feed(pool.db, pool.clock)
        for listener in (revocations, keys, verifier, credentials):
            feed.listen(listener.hear)
        app = Application(
            pool.path, [*provider.routes(), *pages.routes(), *federation.routes(pages.guard), *credentials.routes()]
        )
        return cls(
            pool, audit, triggers, mailer, users, mfa, sessions, keys, pages, tokens, provider, roles, revocations,
            verifier, credentials, feed, app, [],
        )  # fmt: skip

    def prepare(self) -> None:
        """Make the tables, or see that they are there.

        Raises:
            StoreError: the database cannot be used.
        """
        store.prepare(self.pool.db, development=self.pool.development)

    async def start(self) -> None:
        """Begin to work: hear of revocations, have keys, send mails.

        Raises:
            StoreError: the database cannot be used.
        """
        await self.feed.start()
        await self.keys.start()
        self._tasks.extend(
            asyncio.create_task(work) for work in (self.mailer.run(), self.credentials.run(), self._follow_roles())
        )

    async def stop(self) -> None:
        """End, and close the database."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.feed.stop()
        self.pool.db.close()

    async def _follow_roles(self) -> None:
        while True:
            await asyncio.sleep(ROLES_EVERY)
            try:
                self.roles.refresh()
            except (PorticoError, OSError) as error:
                log.error("auth/roles.yaml: what was there before goes on: %s", error)
