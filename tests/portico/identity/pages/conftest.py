"""A pool with its pages, and browsers that keep cookies and send forms."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pyotp
import pytest
from starlette.middleware.exceptions import ExceptionMiddleware

from portico.config import Config
from portico.identity.pool import Pool
from portico.identity.service import Identity
from portico.identity.settings import Attribute, Client, Group, PoolSettings
from portico.identity.source import LOCAL
from portico.identity.users import NewUser, User

ORIGIN = "http://localhost:8000"
PASSWORD = "velvet anvil 42 moss"
_FIELD = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@pytest.fixture
def settings() -> PoolSettings:
    return PoolSettings(
        title="Archway <Flowers>",
        attributes={"nickname": Attribute(label="Nickname", max_length=20)},
        groups={"florists": Group(mfa="required")},
        clients={
            "chat": Client(redirect_uris=("/",), scopes=("openid",)),
            "app": Client(redirect_uris=("https://app.example/callback",), scopes=("openid",)),
        },
    )


@pytest.fixture
def identity(pool: Pool) -> Identity:
    return Identity.of(pool, Config())


@dataclass
class Browser:
    """A browser without scripts."""

    http: httpx.AsyncClient

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.http.get(below(path), **options)

    async def send(self, path: str, values: dict[str, str], **options: Any) -> httpx.Response:
        """Open a page, fill in its form, send it."""
        page = await self.get(path)
        assert page.status_code < 500, page.text
        return await self.post(page, values, **options)

    async def post(self, page: httpx.Response, values: dict[str, str], **options: Any) -> httpx.Response:
        return await self.http.post(str(page.url), data={**hidden(page), **values}, **options)

    async def sign_in(self, login: str = "ada", password: str = PASSWORD, query: str = "") -> httpx.Response:
        return await self.send(f"/login{query}", {"login": login, "password": password})

    @property
    def is_signed_in(self) -> bool:
        return "portico-main" in self.http.cookies


def below(path: str) -> str:
    return path if path.startswith(("/auth/main", "http")) else f"/auth/main{path}"


def hidden(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of the first form of a page."""
    form = page.text.partition("<form")[2].partition("</form>")[0]
    fields = [dict(_ATTRIBUTE.findall(tag)) for tag in _FIELD.findall(form)]
    return {one["name"]: html.unescape(one.get("value", "")) for one in fields if one.get("type") == "hidden"}


@pytest.fixture
async def open_browser(identity: Identity) -> AsyncIterator[Callable[[], Browser]]:
    opened: list[httpx.AsyncClient] = []

    def open_browser() -> Browser:
        transport = httpx.ASGITransport(app=ExceptionMiddleware(identity.app))
        opened.append(httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN}))
        return Browser(opened[-1])

    yield open_browser
    for one in opened:
        await one.aclose()


@pytest.fixture
def browser(open_browser: Callable[[], Browser]) -> Browser:
    return open_browser()


@pytest.fixture
async def ada(identity: Identity) -> User:
    new = NewUser("ada", "ada@example.com", email_verified=True)
    return await identity.users.create(new, password=PASSWORD)


@pytest.fixture
def mailed(identity: Identity) -> Callable[[str], Awaitable[str]]:
    """The code of the last mail to an address."""

    async def mailed(address: str) -> str:
        codes = [mail.code for mail in await identity.mailer.recent() if mail.to == address and mail.code]
        assert codes, f"no mail with a code to {address}"
        return str(codes[0])

    return mailed


@pytest.fixture
async def app_of_ada(identity: Identity, ada: User, clock: Any) -> Callable[[], str]:
    """Ada has an authenticator app; gives the code that it shows."""
    setup = await identity.mfa.begin_totp(ada)
    totp = pyotp.TOTP(setup.secret.reveal())
    await identity.mfa.confirm_totp(ada.id, totp.at(int(clock())), LOCAL)
    clock.advance(60)
    return lambda: totp.at(int(clock()))
