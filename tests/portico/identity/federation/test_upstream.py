"""What a provider may answer, and what is not believed: from somebody who answers anything."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from tests.portico.clocks import ManualClock
from tests.portico.identity.federation.conftest import Browser, Site, bound, heading, serving
from tests.portico.identity.federation.liar import Liar, drip, flood

from portico.errors import ConfigError
from portico.identity.federation import configuration, upstream
from portico.identity.federation.claims import verified_email
from portico.identity.federation.provider import Provider
from portico.identity.settings import IdentityProvider, PoolSettings
from portico.tokens import jwks

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)  # nothing here depends on the database

SLOW = 1.5  # seconds that a provider has in these tests


@pytest.fixture
def others() -> list[tuple[socket.socket, str]]:
    return [bound("localhost"), bound("localhost")]


@pytest.fixture
def settings(others: list[tuple[socket.socket, str]]) -> PoolSettings:
    def declared(issuer: str) -> IdentityProvider:
        return IdentityProvider(title="Liars", issuer=issuer, client_id="shop", client_secret="env:LIARS")

    return PoolSettings(
        algorithm="ES256", identity_providers={"one": declared(others[0][1]), "two": declared(others[1][1])}
    )


@pytest.fixture
def people_gone(monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setenv("LIARS", "s:e cret")
    monkeypatch.setattr(upstream, "TIMEOUT", SLOW)
    return True


@pytest.fixture
async def liars(
    others: list[tuple[socket.socket, str]], shop: Site, clock: ManualClock, ends: AsyncExitStack
) -> list[Liar]:
    found = []
    for listener, origin in others:
        found.append(Liar(origin, clock))
        await ends.enter_async_context(serving(found[-1].app, listener))
    return found


@pytest.fixture
def liar(liars: list[Liar]) -> Liar:
    return liars[0]


class Road:
    """From the shop's button to the answer of a liar."""

    def __init__(self, shop: Site, browser: Browser) -> None:
        self.shop = shop
        self.browser = browser

    async def begin(self, name: str = "one") -> Any:
        return await self.browser.open(f"{self.shop.origin}/auth/main/federation/{name}", until="/authorize")

    async def come(self, liar: Liar, name: str = "one") -> Any:
        page = await self.begin(name)
        return await self.browser.open(liar.answer(page.headers["location"]))

    async def is_in(self) -> bool:
        return self.browser.name_of(self.shop) is not None


@pytest.fixture
def road(shop: Site, browser: Browser, liars: list[Liar]) -> Road:
    return Road(shop, browser)


async def test_what_is_right_is_believed(road: Road, shop: Site, liar: Liar) -> None:
    page = await road.come(liar)
    assert str(page.url).endswith("/account")
    [(_, form, authorization)] = [one for one in liar.received if one[0] == "token"]
    assert len(form["code_verifier"]) >= 43
    assert form["redirect_uri"] == f"{shop.origin}/auth/main/federation/one/callback"
    assert base64.b64decode(authorization.removeprefix("Basic ")).decode() == "shop:s%3Ae%20cret"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of-another-sign-in"},
        {"nonce": None},
        {"nonce": 7},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": ["another-client"], "client_id": "shop"},
        {"aud": ["shop", "another-client"]},
        {"aud": ["shop", "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"exp": 1},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"token_use": "access"},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "a\u0000b"},
        {"sub": "\u0430da"},
    ],
    ids=str,
)
async def test_an_id_token_that_is_not_for_this_sign_in_is_refused(
    road: Road, shop: Site, liar: Liar, claims: dict[str, Any]
) -> None:
    liar.claims = claims
    page = await road.come(liar)
    assert (page.status_code, heading(page)) == (400, "Not signed in")
    assert (await shop.people(), await road.is_in()) == ([], False)
    assert [event[:2] for event in await shop.events() if event[0] == "federated_sign_in"] == [
        ("federated_sign_in", "failure")
    ]


@pytest.mark.parametrize("forged", ["none", "hs256", "another key", "no token", "garbage"])
async def test_an_id_token_that_the_provider_did_not_sign_is_refused(
    road: Road, shop: Site, liar: Liar, forged: str
) -> None:
    page = await road.begin()
    answer = liar.answer(page.headers["location"])
    header, payload, signature = liar.id_token().split(".")
    public = json.dumps(liar.key.as_dict(private=False))
    other = Liar(liar.issuer, liar.clock, nonce=liar.nonce)
    token: object = {
        "none": f"{encoded({'alg': 'none'})}.{payload}.",
        "hs256": f"{encoded({'alg': 'HS256', 'kid': 'one'})}.{payload}.{mac(public, payload)}",
        "another key": other.id_token(),
        "no token": None,
        "garbage": "\udcff.\u00e9",
    }[forged]

    async def body() -> AsyncIterator[bytes]:
        yield json.dumps({"id_token": token}).encode()

    liar.token_body = body
    page = await road.browser.open(answer)
    assert (page.status_code, await shop.people()) in ((400, []), (502, []))
    assert not await road.is_in()
    assert signature
    assert header


async def test_an_id_token_of_another_sign_in_is_refused(road: Road, shop: Site, liar: Liar) -> None:
    """A replay: the token is good, and was made for somebody else's sign-in with the same client."""
    await road.come(liar)
    kept = liar.id_token()

    async def body() -> AsyncIterator[bytes]:
        yield json.dumps({"id_token": kept}).encode()

    liar.token_body = body
    road.browser.http.cookies.clear()
    page = await road.come(liar)
    assert (page.status_code, await road.is_in()) == (400, False)


async def test_the_same_sub_at_two_providers_is_two_people(
    road: Road, shop: Site, liars: list[Liar], open_browser: Callable[[], Browser]
) -> None:
    liars[1].claims = {"email": None}
    await road.come(liars[0])
    other = Road(shop, open_browser())
    await other.come(liars[1], "two")
    people = await shop.people()
    assert len({user.id for user in people}) == 2
    assert await other.is_in()


async def test_an_answer_of_one_provider_is_not_taken_at_the_address_of_another(
    road: Road, shop: Site, liars: list[Liar]
) -> None:
    page = await road.begin("one")
    answer = liars[0].answer(page.headers["location"])
    page = await road.browser.open(answer.replace("/federation/one/", "/federation/two/"))
    assert page.status_code == 400
    assert not [one for one in liars[1].received if one[0] == "token"]


async def test_a_provider_that_always_names_itself_must_do_so(road: Road, liar: Liar) -> None:
    liar.document = {"authorization_response_iss_parameter_supported": True}
    page = await road.come(liar)
    assert (page.status_code, await road.is_in()) == (400, False)


@pytest.mark.parametrize("body", [drip, flood], ids=["slow", "endless"])
async def test_an_answer_of_the_token_endpoint_is_bounded(
    road: Road, liar: Liar, body: Callable[[], AsyncIterator[bytes]]
) -> None:
    page = await road.begin()
    liar.token_body = body
    began = time.monotonic()
    page = await road.browser.open(liar.answer(page.headers["location"]))
    assert (page.status_code, await road.is_in()) == (502, False)
    assert time.monotonic() - began < 5


async def test_an_answer_that_is_too_long_does_not_count_even_where_it_is_right(road: Road, liar: Liar) -> None:
    page = await road.begin()
    answer = liar.answer(page.headers["location"])

    async def body() -> AsyncIterator[bytes]:
        yield json.dumps({"id_token": liar.id_token()}).encode() + b" " * upstream.LENGTH

    liar.token_body = body
    page = await road.browser.open(answer)
    assert (page.status_code, await road.is_in()) == (502, False)


async def test_a_packed_answer_is_not_unpacked(road: Road, liar: Liar) -> None:
    """A few bytes of it could be a gigabyte."""
    page = await road.begin()
    liar.token_body, liar.packed = flood, True
    page = await road.browser.open(liar.answer(page.headers["location"]))
    assert page.status_code == 502


@pytest.mark.parametrize(("status", "shown"), [(400, 400), (401, 400), (500, 502), (503, 502), (302, 400)])
async def test_a_code_that_the_provider_refuses_opens_nothing(road: Road, liar: Liar, status: int, shown: int) -> None:
    liar.token_status = status
    page = await road.come(liar)
    assert (page.status_code, await road.is_in()) == (shown, False)


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://liar.example/token"},
        {"token_endpoint": None},
        {"authorization_endpoint": "http://liar.example/authorize"},
        {"authorization_endpoint": "javascript://localhost/%0aalert(1)"},
        {"authorization_endpoint": "https://liar.example/\r\nSet-Cookie: a=b"},
        {"authorization_endpoint": "https://liar.example/#"},
        {"authorization_endpoint": ["https://liar.example/"]},
        {"token_endpoint_auth_methods_supported": 7},
    ],
    ids=str,
)
async def test_a_provider_is_asked_over_tls_at_addresses_of_its_own_saying(
    road: Road, liar: Liar, document: dict[str, Any]
) -> None:
    liar.document = document
    page = await road.begin()
    assert (page.status_code, heading(page)) == (502, "Not signed in")


async def test_a_provider_that_hangs_is_asked_once_by_many(
    road: Road, shop: Site, liar: Liar, open_browser: Callable[[], Browser], clock: ManualClock
) -> None:
    liar.document_hangs = True
    roads = [Road(shop, open_browser()) for _ in range(8)]
    began = time.monotonic()
    pages = await asyncio.gather(*(one.begin() for one in roads))
    assert [page.status_code for page in pages] == [502] * 8
    assert (len(liar.received), time.monotonic() - began < 5) == (1, True)
    liar.document_hangs = False
    clock.advance(configuration.PAUSE)
    assert (await road.begin()).status_code == 303


async def test_what_is_known_of_a_provider_outlasts_an_outage(road: Road, liar: Liar, clock: ManualClock) -> None:
    assert (await road.begin()).status_code == 303
    liar.document = {"issuer": "https://evil.example"}
    clock.advance(configuration.FRESH + 1)
    assert (await road.begin()).status_code == 303
    clock.advance(configuration.VALID)
    assert (await road.begin()).status_code == 502


async def test_keys_that_do_not_come_are_not_waited_for(
    road: Road, liar: Liar, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwks, "TIMEOUT", SLOW)
    liar.keys_hang = True
    page = await road.come(liar)
    assert (page.status_code, await road.is_in()) == (502, False)
    await asyncio.sleep(2 * SLOW)  # the question to the provider ends too, and the next one is answered
    liar.keys_hang = False
    clock.advance(jwks.PAUSE)
    await road.come(liar)
    assert await road.is_in()


async def test_a_secret_goes_into_the_form_for_a_provider_that_wants_it_there(road: Road, liar: Liar) -> None:
    liar.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    await road.come(liar)
    [(_, form, authorization)] = [one for one in liar.received if one[0] == "token"]
    assert (form["client_id"], form["client_secret"], authorization) == ("shop", "s:e cret", "")


@pytest.mark.parametrize(
    ("email", "taken"),
    [
        ("ada@example.com", "ada@example.com"),
        ("Ada@Example.com", "Ada@example.com"),
        ("ada@stra\u00dfe.example", None),  # one domain in IDNA 2003, two in IDNA 2008
        ("ada@example.com" + "\u00ad" * 240 + ".evil.example", None),  # cut off, it would be another domain
        ("ada@example.com" + "x" * 250, None),
        (" ada@example.com", None),
        ("ada@example.com\n", None),
        ("ada@example.com, eve@evil.example", None),
        ("\uff41da@example.com", None),
        ("ada@localhost", None),
        ("", None),
        (7, None),
        (None, None),
    ],
)
def test_an_address_counts_where_it_is_one_address_only(kind: str, email: object, taken: str | None) -> None:
    assert verified_email({"email": email, "email_verified": True}) == taken
    for said in ("true", 1, None, False):
        assert verified_email({"email": email, "email_verified": said}) is None


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"issuer": "http://accounts.example"}, "http is for this machine only"),
        ({"issuer": "accounts.example"}, "is no issuer"),
        ({"issuer": "https://accounts.example/?a=b"}, "has a query"),
        ({"scopes": ("email",)}, "lacks openid"),
        ({"client_secret": "the-secret-itself"}, "is a secret in a file"),
        ({"client_secret": "env:NOT_THERE"}, "needs the environment variable NOT_THERE"),
    ],
)
def test_a_declaration_that_cannot_be_safe_is_an_error_at_start(
    kind: str, declared: dict[str, Any], message: str
) -> None:
    given = {"title": "A", "issuer": "https://accounts.example", "client_id": "shop", **declared}
    with pytest.raises(ConfigError, match=message) as raised:
        Provider("a", IdentityProvider(**given), redirect_uri="https://shop.example/", clock=time.time, environ={})
    assert "the-secret-itself" not in str(raised.value)


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def mac(key: str, payload: str) -> str:
    text = f"{encoded({'alg': 'HS256', 'kid': 'one'})}.{payload}".encode()
    return base64.urlsafe_b64encode(hmac.new(key.encode(), text, hashlib.sha256).digest()).rstrip(b"=").decode()
