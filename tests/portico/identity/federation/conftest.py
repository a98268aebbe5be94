"""Two whole pools on ports of their own: the shop, and the provider that its people may come from."""

from __future__ import annotations

import base64
import html
import re
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx
import msgspec
import pytest
import uvicorn
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from tests.portico.clocks import ManualClock

from portico import config, store
from portico.config import Config
from portico.identity.audit.tables import audit
from portico.identity.federation.repository import links_of
from portico.identity.pool import Pool
from portico.identity.service import Identity
from portico.identity.settings import Client, Group, IdentityProvider, PoolSettings
from portico.identity.users import NewUser, User, repository
from portico.store import Database, Secrets

PASSWORD = "velvet anvil 42 moss"
ELSEWHERE = "copper lantern 17 reed"  # the same people's, at the provider
VERIFIER = "verifier-that-is-long-enough-to-be-one-0123456789"
_REFRESH = re.compile(r'http-equiv="refresh" content="0; url=([^"]*)"')
_INPUT = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@dataclass
class Site:
    """A pool that is served."""

    identity: Identity
    origin: str

    async def user(self, name: str, password: str | None = PASSWORD, **more: Any) -> User:
        email = more.pop("email", f"{name}@example.com")
        new = NewUser(name, email, **{"email_verified": True, **more})
        return await self.identity.users.create(new, password=password)

    async def people(self) -> list[User]:
        return list(await self.identity.pool.db.read(repository.page))

    async def events(self) -> list[tuple[str, str, str | None]]:
        """What the audit log tells: event, outcome, user."""

        def work(connection: Any) -> list[tuple[str, str, str | None]]:
            rows = connection.execute(audit.select().order_by(audit.c.id))
            return [(row.event, row.outcome, row.user_id) for row in rows]

        return await self.identity.pool.db.read(work)

    async def links(self, user: User) -> list[Any]:
        return await self.identity.pool.db.read(links_of, user.id)


@dataclass
class Browser:
    """A browser without scripts."""

    http: httpx.AsyncClient
    visited: list[str] = field(default_factory=list)

    async def open(self, url: str, *, until: str = "", **options: Any) -> httpx.Response:
        """Go somewhere, and on, until there is a page; or until an address that is not opened any more."""
        answer = await self.http.get(url, **options)
        return await self._follow(answer, until)

    async def submit(self, page: httpx.Response, until: str = "", **values: str) -> httpx.Response:
        parts = urlsplit(str(page.url))
        headers = {"origin": f"{parts.scheme}://{parts.netloc}"}
        answer = await self.http.post(str(page.url), data={**hidden(page), **values}, headers=headers)
        return await self._follow(answer, until)

    async def _follow(self, answer: httpx.Response, until: str) -> httpx.Response:
        for _ in range(20):
            self.visited.append(str(answer.url))
            onward = _REFRESH.search(answer.text)
            if not answer.has_redirect_location and onward is None:
                return answer
            where = answer.headers["location"] if onward is None else html.unescape(onward[1])
            target = urljoin(str(answer.url), where)
            if (until and until in target) or not urlsplit(target).path.startswith("/auth/"):
                return answer
            answer = await self.http.get(target)
        raise AssertionError(f"a loop: {self.visited[-4:]}")

    def name_of(self, site: Site) -> str | None:
        """The cookie of a session there."""
        host = urlsplit(site.origin).hostname
        found = [one.value for one in self.http.cookies.jar if one.name == "portico-main" and host in one.domain]
        return found[0] if found else None


def hidden(page: httpx.Response) -> dict[str, str]:
    form = page.text.partition("<form")[2].partition("</form>")[0]
    fields = [dict(_ATTRIBUTE.findall(tag)) for tag in _INPUT.findall(form)]
    return {one["name"]: html.unescape(one.get("value", "")) for one in fields if one.get("type") == "hidden"}


def heading(page: httpx.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page.text)
    assert found is not None, (page.status_code, page.headers.get("location"), page.text[:300])
    return html.unescape(found[1])


@asynccontextmanager
async def serving(app: Any, listener: socket.socket) -> AsyncIterator[None]:
    """Serve on the loop of the test, without the server's own loop, which would take a tick to end."""
    conf = uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    conf.load()
    server = uvicorn.Server(conf)
    server.lifespan = conf.lifespan_class(conf)
    await server.startup([listener])
    yield
    await server.shutdown([listener])


def bound(host: str) -> tuple[socket.socket, str]:
    """A port, and the origin that leads to it. Cookies do not tell ports apart, so hosts differ."""
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, f"http://{host}:{listener.getsockname()[1]}"


@pytest.fixture
async def ends() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def shop_at() -> tuple[socket.socket, str]:
    return bound("localhost")


@pytest.fixture
def people_at() -> tuple[socket.socket, str]:
    return bound("127.0.0.1")


@pytest.fixture
def people_gone() -> bool:
    """Whether nothing answers at the provider's address."""
    return False


def copied(template: Path, root: Path) -> Path:
    (root / ".portico").mkdir(parents=True)
    shutil.copyfile(template, root / ".portico/portico.sqlite3")
    return root


@pytest.fixture
async def people(
    shop_at: tuple[socket.socket, str],
    people_at: tuple[socket.socket, str],
    clock: ManualClock,
    sqlite_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    people_gone: bool,
    ends: AsyncExitStack,
) -> Site:
    """The provider: Portico too."""
    root = copied(sqlite_template, tmp_path / "people")
    callback = f"{shop_at[1]}/auth/main/federation/people/callback"
    client = Client(title="The shop", type="confidential", consent=True, redirect_uris=(callback,))
    settings = PoolSettings(title="People", algorithm="ES256", clients={"shop": client})
    database = Database.open(config.Database(), root=root)
    ends.callback(database.close)
    pool = Pool(settings, people_at[1], database, Secrets(Secrets.generate()), clock, root, development=True)
    identity = Identity.of(pool, Config())
    await identity.keys.start()
    monkeypatch.setenv("PEOPLE_SECRET", (await identity.provider.clients.new_secret("shop")).reveal())
    if people_gone:
        people_at[0].close()
    else:
        await ends.enter_async_context(serving(ExceptionMiddleware(identity.app), people_at[0]))
    return Site(identity, people_at[1])


@pytest.fixture
def changes() -> dict[str, Any]:
    """What a test declares otherwise of the shop."""
    return {}


@pytest.fixture
def triggers() -> str:
    """The shop's `auth/triggers.py`."""
    return ""


@pytest.fixture
def settings(people_at: tuple[socket.socket, str], changes: dict[str, Any]) -> PoolSettings:
    """Of the shop."""
    settings = PoolSettings(
        title="The shop",
        algorithm="ES256",
        groups={"florists": Group(mfa="required")},
        clients={"page": Client(redirect_uris=("/",), scopes=("openid", "email"))},
        identity_providers={
            "people": IdentityProvider(
                title="People",
                issuer=f"{people_at[1]}/auth/main",
                client_id="shop",
                client_secret="env:PEOPLE_SECRET",
            )
        },
    )
    return msgspec.structs.replace(settings, **changes)


def write_triggers(root: Path, text: str) -> None:
    (root / "auth").mkdir()
    (root / "auth/triggers.py").write_text(text)


@pytest.fixture
async def shop(
    settings: PoolSettings,
    people: Site,
    shop_at: tuple[socket.socket, str],
    database: store.Database,
    clock: ManualClock,
    tmp_path: Path,
    triggers: str,
    ends: AsyncExitStack,
) -> Site:
    """Where people sign in with the provider."""
    if triggers:
        write_triggers(tmp_path, triggers)
    pool = Pool(settings, shop_at[1], database, Secrets(Secrets.generate()), clock, tmp_path, development=True)
    identity = Identity.of(pool, Config())
    await identity.keys.start()
    await ends.enter_async_context(serving(ExceptionMiddleware(identity.app), shop_at[0]))
    return Site(identity, shop_at[1])


@pytest.fixture
async def open_browser(ends: AsyncExitStack) -> Callable[[], Browser]:
    def open_browser() -> Browser:
        client = httpx.AsyncClient(timeout=20)
        ends.push_async_callback(client.aclose)
        return Browser(client)

    return open_browser


@pytest.fixture
def browser(open_browser: Callable[[], Browser]) -> Browser:
    return open_browser()


@dataclass
class Way:
    """From the shop to the provider, and back."""

    shop: Site
    people: Site

    def asked(self, **more: str) -> str:
        """The authorization request of the shop's page."""
        challenge = base64.urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": "page",
            "redirect_uri": f"{self.shop.origin}/",
            "scope": "openid email",
            "state": "of-the-page",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **more,
        }
        return f"{self.shop.origin}/auth/main/oauth2/authorize?{urlencode(query)}"

    async def begin(self, browser: Browser, **more: str) -> httpx.Response:
        """The button of the sign-in page; gives the page of the provider."""
        login = await browser.open(self.asked(**more))
        button = re.search(r'href="([^"]*/federation/people[^"]*)"', login.text)
        assert button is not None, login.text
        return await browser.open(urljoin(self.shop.origin, html.unescape(button[1])))

    async def back(
        self, browser: Browser, page: httpx.Response, name: str = "ada", until: str = "", password: str = ELSEWHERE
    ) -> httpx.Response:
        """Sign in at the provider, agree, and come back."""
        if heading(page) == "Sign in":
            page = await browser.submit(page, until=until, login=name, password=password)
        if "location" not in page.headers and heading(page).startswith("Allow"):
            page = await browser.submit(page, until=until, decision="allow")
        return page

    async def come(self, browser: Browser, name: str = "ada", **more: str) -> httpx.Response:
        """All of it."""
        return await self.back(browser, await self.begin(browser, **more), name)

    async def answer(self, browser: Browser, name: str = "ada") -> str:
        """Everything but the last step: the address that the provider sends the browser back to."""
        page = await self.back(browser, await self.begin(browser), name, until="/federation/people/callback")
        return str(page.headers["location"])

    async def who(self, browser: Browser) -> str | None:
        """The id of who is signed in at the shop."""
        identity = self.shop.identity
        cookie = f"portico-main={browser.name_of(self.shop)}"
        session = await identity.sessions.current(Request({"type": "http", "headers": [(b"cookie", cookie.encode())]}))
        return session.user_id if session is not None else None


@pytest.fixture
def way(shop: Site, people: Site) -> Way:
    return Way(shop, people)


@pytest.fixture
async def ada_there(people: Site) -> User:
    """Ada, at the provider, with a verified address."""
    return await people.user("ada", ELSEWHERE)


def answered(page: httpx.Response) -> dict[str, str]:
    """What the application gets."""
    return dict(parse_qsl(urlsplit(page.headers["location"]).query))
