"""A whole pool, a browser that somebody has signed in with, and a client that does everything right."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import jwt
import pytest
from starlette.requests import Request
from starlette.responses import Response

from portico.config import Config
from portico.identity.pool import Pool
from portico.identity.service import Identity
from portico.identity.settings import Client, Group, PoolSettings, ResourceServer
from portico.identity.source import LOCAL
from portico.identity.users import NewUser, User

ISSUER = "http://localhost:8000/auth/main"
CALLBACK = "http://localhost:8000/"
SPA = "https://spa.example/callback"
VERIFIER = "verifier-that-is-long-enough-to-be-one-0123456789"


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def settings() -> PoolSettings:
    scopes = ("openid", "profile", "email", "concierge/chat", "concierge/orders")
    return PoolSettings(
        algorithm="ES256",
        groups={"florists": Group(precedence=1), "buyers": Group(precedence=0)},
        resource_servers={
            "concierge": ResourceServer(scopes={"chat": "Talk", "orders": "Order"}),
            "stock": ResourceServer(audience="https://stock.example", scopes={"read": "See the stock"}),
        },
        clients={
            "chat": Client(redirect_uris=("/",), logout_uris=("/", "https://bye.example/"), scopes=scopes),
            "spa": Client(redirect_uris=(SPA,), logout_uris=("https://spa.example/bye",), scopes=scopes),
            "shop": Client(
                title="The shop",
                type="confidential",
                consent=True,
                redirect_uris=("https://shop.example/cb", "https://shop.example/cb?x=1"),
                scopes=("openid", "email", "concierge/orders"),
            ),
            "robot": Client(
                type="confidential", grants=("client_credentials",), scopes=("stock/read", "concierge/chat")
            ),
        },
    )


@pytest.fixture
async def identity(pool: Pool) -> Identity:
    identity = Identity.of(pool, Config())
    await identity.keys.start()
    return identity


@pytest.fixture
async def ada(identity: Identity) -> User:
    new = NewUser(username="Ada", email="ada@example.com", email_verified=True, groups=("buyers", "florists"))
    return await identity.users.create(new)


@pytest.fixture
async def web(identity: Identity) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which nobody has signed in."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(identity.app), base_url=identity.pool.origin) as web:
        yield web


async def sign_in(identity: Identity, web: httpx.AsyncClient, user: User) -> None:
    """What the sign-in page does when everything was right."""
    cookie = "; ".join(f"{name}={value}" for name, value in web.cookies.items())
    request = Request({"type": "http", "headers": [(b"cookie", cookie.encode())], "client": None})
    response = Response()
    await identity.sessions.begin(request, response, user, amr=("pwd",), source=LOCAL)
    name, _, rest = response.headers["set-cookie"].partition("=")
    web.cookies.set(name, rest.partition(";")[0])


def answer_of(response: httpx.Response) -> dict[str, str]:
    """The parameters that a redirect brings to the client."""
    assert response.status_code in (302, 303), response.text
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


@dataclass
class Party:
    """A relying party."""

    web: httpx.AsyncClient
    id: str = "chat"
    redirect_uri: str = CALLBACK
    secret: str | None = None
    scope: str = "openid profile email concierge/chat"
    more: dict[str, str] = field(default_factory=dict)

    def query(self, **changes: str | None) -> dict[str, str]:
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "state": "st4te",
            "nonce": "n0nce",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in asked.items() if value is not None}

    async def authorize(self, **changes: str | None) -> httpx.Response:
        return await self.web.get(f"/auth/main/oauth2/authorize?{urlencode(self.query(**changes))}")

    async def code(self, **changes: str | None) -> str:
        return answer_of(await self.authorize(**changes))["code"]

    async def post(self, endpoint: str, **form: str | None) -> httpx.Response:
        sent = {name: value for name, value in {"client_id": self.id, **form}.items() if value is not None}
        auth = None if self.secret is None else (self.id, self.secret)
        return await self.web.post(f"/auth/main/oauth2/{endpoint}", data=sent, auth=auth)

    async def redeem(self, code: str | None, **changes: str | None) -> httpx.Response:
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
            **changes,
        }
        return await self.post("token", **form)

    async def refresh(self, token: str, **changes: str | None) -> httpx.Response:
        return await self.post("token", grant_type="refresh_token", refresh_token=token, **changes)

    async def tokens(self, **changes: str | None) -> dict[str, Any]:
        response = await self.redeem(await self.code(**changes))
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def userinfo(self, token: str) -> httpx.Response:
        return await self.web.get("/auth/main/oauth2/userInfo", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
async def chat(identity: Identity, web: httpx.AsyncClient, ada: User) -> Party:
    """The chat page, in a browser in which Ada is signed in."""
    await sign_in(identity, web, ada)
    return Party(web)


@pytest.fixture
async def spa(chat: Party) -> Party:
    """Another public client, in the same browser."""
    return Party(chat.web, "spa", SPA)


@pytest.fixture
async def shop(identity: Identity, chat: Party) -> Party:
    """A confidential client that asks for consent, in the same browser."""
    secret = (await identity.provider.clients.new_secret("shop")).reveal()
    return Party(chat.web, "shop", "https://shop.example/cb", secret, "openid email concierge/orders")


@pytest.fixture
async def robot(identity: Identity, web: httpx.AsyncClient) -> Party:
    """A client that calls for itself."""
    return Party(web, "robot", "", (await identity.provider.clients.new_secret("robot")).reveal())


def claims_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def header_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.get_unverified_header(token)
    return found
