"""A project with plans, with or without a user pool, and browsers at its /account."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import pytest
from starlette.middleware.exceptions import ExceptionMiddleware
from tests.portico.clocks import ManualClock

from portico.access.account import Account
from portico.access.keys import NewApiKey
from portico.access.keys.ring import KeyRing
from portico.access.keys.service import ApiKeys
from portico.access.limiter import Limiter
from portico.access.plans import Plans
from portico.access.throttle import MemoryStore
from portico.access.usage import Meter
from portico.config import Config
from portico.design.model import Api
from portico.identity.audit import AuditLog
from portico.identity.pool import Pool
from portico.identity.service import Identity
from portico.identity.settings import PoolSettings
from portico.identity.source import LOCAL
from portico.identity.users import NewUser, User
from portico.store import Database, Secrets, State
from portico.store.feed import Feed

ORIGIN = "http://localhost:8000"
PASSWORD = "velvet anvil 42 moss"
PLANS = """
plans:
  partner:
    title: Partners
    description: For those who sell our flowers.
    throttle: {rate: 5, burst: 20}
    quota: {limit: 1000, period: MONTH}
    operations:
      shop.placeOrder:
        throttle: {rate: 0.5, burst: 2}
limits:
  - {id: each, per: key, api: shop, throttle: {rate: 100}}
"""
_FIELD = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@dataclass
class Browser:
    """A browser without scripts."""

    http: httpx.AsyncClient

    async def get(self, path: str = "/account", **options: Any) -> httpx.Response:
        return await self.http.get(path, **options)

    async def send(
        self, form: str, values: dict[str, str], *, page: str = "/account", **options: Any
    ) -> httpx.Response:
        """Open a page, fill in the form that goes to `form`, send it."""
        shown = await self.get(page)
        return await self.http.post(form, data={**hidden(shown, form), **values}, **options)

    async def open(self, secret: str) -> httpx.Response:
        return await self.send("/account/open", {"key": secret})

    async def rotate(self, id: str, overlap: str = "0") -> httpx.Response:
        return await self.send("/account/rotate", {"overlap": overlap}, page=f"/account/rotate?key={id}")

    async def sign_in(self, name: str = "ada", at: str = "/auth/main/login") -> httpx.Response:
        page = await self.get(at)
        return await self.http.post(at, data={**hidden(page, ""), "login": name, "password": PASSWORD})


def hidden(page: httpx.Response, action: str) -> dict[str, str]:
    """The hidden fields of the form of a page that goes somewhere; "": of the first."""
    mark = f'action="{action}"' if action else "<form"
    form = page.text.partition(mark)[2].partition("</form>")[0]
    fields = [dict(_ATTRIBUTE.findall(tag)) for tag in _FIELD.findall(form)]
    return {one["name"]: html.unescape(one.get("value", "")) for one in fields if one.get("type") == "hidden"}


@dataclass
class World:
    """Everything that a test of the page touches."""

    state: State
    clock: ManualClock
    keys: ApiKeys
    limiter: Limiter
    store: MemoryStore
    feed: Feed
    ring: KeyRing
    account: Account
    identity: Identity | None
    opened: list[httpx.AsyncClient] = field(default_factory=list)

    async def key(self, name: str = "acme", **more: Any) -> NewApiKey:
        made = await self.keys.create(name, more.pop("plans", ("partner",)), source=LOCAL, **more)
        await self.feed.look()
        return made

    def browser(self, **options: Any) -> Browser:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            pool = self.identity is not None and scope["path"].startswith("/auth/")
            answers = self.identity.app if pool and self.identity is not None else self.account.app
            await answers(scope, receive, send)

        transport = httpx.ASGITransport(app=ExceptionMiddleware(app), client=(options.pop("address", "192.0.2.7"), 999))
        origin = options.pop("origin", ORIGIN)
        headers = {"origin": origin, **options.pop("headers", {})}
        self.opened.append(httpx.AsyncClient(transport=transport, base_url=origin, headers=headers))
        return Browser(self.opened[-1])

    async def user(self, name: str = "ada") -> User:
        assert self.identity is not None
        new = NewUser(name, f"{name}@example.com", email_verified=True)
        return await self.identity.users.create(new, password=PASSWORD)

    def count(self, key_id: str, operation: str, *statuses: int) -> Meter:
        """Requests that end."""
        count = self.limiter.meter.count(key_id, operation)
        for status in statuses:
            count.refuse() if status == 429 else count.end(status)
        return self.limiter.meter


def make(state: State, clock: ManualClock, apis: tuple[Api, ...], *, identity: Identity | None) -> World:
    (state.root / "auth").mkdir(exist_ok=True)
    (state.root / "auth" / "plans.yaml").write_text(dedent(PLANS))
    plans = Plans.load(state.root, apis)
    assert plans is not None
    store, feed, ring = MemoryStore(clock, wall=clock), Feed(state.db, clock), KeyRing(state)
    feed.listen(ring.hear)
    limiter = Limiter(plans, store, Meter(state), clock=clock)
    account = Account(state, origin=ORIGIN, ring=ring, limiter=limiter, identity=identity)
    return World(state, clock, ApiKeys(state, AuditLog(state)), limiter, store, feed, ring, account, identity)


@pytest.fixture
async def world(database: Database, clock: ManualClock, tmp_path: Path, apis: tuple[Api, ...]) -> AsyncIterator[World]:
    """Without a pool."""
    world = make(State(tmp_path, database, Secrets(Secrets.generate()), clock), clock, apis, identity=None)
    yield world
    for one in world.opened:
        await one.aclose()


@pytest.fixture
async def pooled(database: Database, clock: ManualClock, tmp_path: Path, apis: tuple[Api, ...]) -> AsyncIterator[World]:
    """With a pool."""
    secrets = Secrets(Secrets.generate())
    settings = PoolSettings(title="Archway <Flowers>")
    pool = Pool(settings, ORIGIN, database, secrets, clock, tmp_path, development=True)
    state = State(tmp_path, database, secrets, clock, True)
    world = make(state, clock, apis, identity=Identity.of(pool, Config()))
    yield world
    for one in world.opened:
        await one.aclose()


@pytest.fixture
def audited(database: Database) -> Callable[[str], list[Any]]:
    """The entries of an event."""
    from portico.identity.audit.tables import audit

    return lambda event: list(database.look(lambda c: c.execute(audit.select().where(audit.c.event == event)).all()))
