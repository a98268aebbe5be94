"""Failed authentications are held back by address, and nobody else is."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from connexion.exceptions import OAuthProblem
from starlette.testclient import TestClient
from tests.portico.clocks import ManualClock
from tests.portico.gateway.designs import document, operation

from portico.config import Config, Gateway, Server
from portico.gateway import attempts
from portico.gateway.attempts import Attempts
from portico.gateway.problems import InsufficientScope, KeyNotAllowed, NotAuthorised, TokenRefused, TooManyRequests

Serve = Callable[..., TestClient]

TOKEN = {"type": "http", "scheme": "bearer", "x-bearerInfoFunc": f"{__name__}.bearer"}
asked: list[str] = []


def bearer(token: str) -> dict[str, Any] | None:
    asked.append(token)
    return {"sub": token} if token == "ada" else None


def answer() -> dict[str, Any]:
    return {}


def client_of(serve: Serve, allowance: int = 3) -> TestClient:
    doc = document(
        {
            "/closed": {"get": operation("closed", security=[{"token": []}])},
            "/open": {"get": operation("open", security=[])},
        },
        components={"securitySchemes": {"token": TOKEN}},
    )
    settings = Config(
        server=Server(trusted_proxies=("0.0.0.0/0", "::/0")), gateway=Gateway(failed_authentications=allowance)
    )
    client = serve(doc, {"closed": answer, "open": answer}, settings)
    return TestClient(client.app, raise_server_exceptions=False, client=("203.0.113.1", 5_000))


def test_who_shows_what_is_not_valid_too_often_is_refused_before_it_is_looked_at(serve: Serve) -> None:
    asked.clear()
    client = client_of(serve)
    wrong = {"Authorization": "Bearer eve"}
    assert [client.get("/closed", headers=wrong).status_code for _ in range(6)] == [401] * 3 + [429] * 3
    assert len(asked) == 3
    refused = client.get("/closed", headers={"Authorization": "Bearer ada"})
    assert refused.status_code == 429
    assert refused.json()["scope"] == "address"
    assert 1 <= int(refused.headers["Retry-After"]) <= 4
    assert client.get("/open").status_code == 200


def test_who_shows_nothing_is_not_counted(serve: Serve) -> None:
    client = client_of(serve)
    assert [client.get("/closed").status_code for _ in range(9)] == [401] * 9
    assert client.get("/closed", headers={"Authorization": "Bearer ada"}).status_code == 200


def test_it_can_be_switched_off(serve: Serve) -> None:
    client = client_of(serve, allowance=0)
    wrong = {"Authorization": "Bearer eve"}
    assert [client.get("/closed", headers=wrong).status_code for _ in range(9)] == [401] * 9


def exchange(address: str) -> Any:
    return SimpleNamespace(address=address)


@pytest.fixture
def held(clock: ManualClock) -> Attempts:
    return Attempts(10, address=lambda x: x.address, clock=clock)  # type: ignore[attr-defined]


def test_the_allowance_comes_back_in_ten_seconds(held: Attempts, clock: ManualClock) -> None:
    for _ in range(10):
        held.fail(exchange("192.0.2.1"), TokenRefused("no"))
    with pytest.raises(TooManyRequests):
        held.step(exchange("192.0.2.1"))
    held.step(exchange("192.0.2.2"))
    clock.advance(1)
    held.step(exchange("192.0.2.1"))
    held.fail(exchange("192.0.2.1"), OAuthProblem())
    with pytest.raises(TooManyRequests):
        held.step(exchange("192.0.2.1"))
    clock.advance(11)
    held.step(exchange("192.0.2.1"))
    assert not held


@pytest.mark.parametrize(
    "refusal",
    [
        InsufficientScope(["a"], ["a"]), NotAuthorised("visitor", "order"), KeyNotAllowed(),
        RuntimeError("a fault of ours"),
    ],
)  # fmt: skip
def test_who_proved_who_they_are_is_not_counted(held: Attempts, refusal: Exception) -> None:
    held.fail(exchange("192.0.2.1"), refusal)
    assert not held


def test_a_subscriber_of_ipv6_is_one(held: Attempts) -> None:
    for number in range(10):
        held.fail(exchange(f"2001:db8:1:2::{number}"), TokenRefused("no"))
    with pytest.raises(TooManyRequests):
        held.step(exchange("2001:db8:1:2:ffff::1"))
    held.step(exchange("2001:db8:1:3::1"))


def test_a_flood_of_addresses_has_an_end(held: Attempts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "ADDRESSES", 100)
    for number in range(1_000):
        held.fail(exchange(f"10.0.{number // 250}.{number % 250}"), TokenRefused("no"))
    assert len(held) == 100
