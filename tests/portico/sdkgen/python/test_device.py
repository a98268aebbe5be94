"""Signing in on another device, before a provider that is slow, busy or away."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.portico.sdkgen.python.conftest import Answer, Clock, Handler, Server, options
from tests.portico.sdkgen.python.shop import Shop

from portico.sdkgen.python.runtime import errors

PENDING: Answer = (400, {}, b'{"error": "authorization_pending"}')
TOKENS: Answer = (200, {}, b'{"access_token": "t", "token_type": "Bearer"}')


def hang_up(handler: Handler) -> None:
    handler.close_connection = True


def begin(server: Server, *polls: Answer, **device: Any) -> None:
    issuer = f"{server.url}/auth/main"
    metadata = {"issuer": issuer, "token_endpoint": f"{issuer}/token"}
    metadata["device_authorization_endpoint"] = f"{issuer}/device"
    given = {"device_code": "d", "user_code": "U", "verification_uri": f"{issuer}/go", "expires_in": 600, **device}
    server.says((200, {}, json.dumps(metadata).encode()), (200, {}, json.dumps(given).encode()), *polls)


def login(server: Server, clock: Clock, **more: Any) -> list[str]:
    told: list[str] = []
    Shop(server.url, **options(clock, retries=0)).login(device=True, show=told.append, **more)
    return told


def test_nobody_is_waited_for_longer_than_the_program_wants(server: Server, ticking: Clock) -> None:
    begin(server, PENDING, expires_in=5_000)
    with pytest.raises(errors.SignInFailed, match="Nobody signed in"):
        login(server, ticking, timeout=12)
    assert ticking.slept == [5, 5, 2]


def test_a_code_that_ends_before_is_not_waited_for(server: Server, ticking: Clock) -> None:
    begin(server, PENDING, expires_in=7)
    with pytest.raises(errors.SignInFailed):
        login(server, ticking)
    assert ticking.slept == [5, 2]


@pytest.mark.parametrize(
    "fault", [hang_up, (503, {}, b"busy"), (429, {}, b"{}"), (500, {}, b'{"error": "server_error"}')]
)
def test_a_fault_that_passes_makes_it_ask_less_often(server: Server, ticking: Clock, fault: Answer) -> None:
    begin(server, PENDING, fault, fault, TOKENS)
    login(server, ticking)
    assert ticking.slept == [5, 5, 10, 20]


@pytest.mark.parametrize("error", ["access_denied", "expired_token", "invalid_grant"])
def test_what_the_provider_says_for_good_ends_it(server: Server, ticking: Clock, error: str) -> None:
    begin(server, (400, {}, json.dumps({"error": error}).encode()))
    with pytest.raises(errors.SignInFailed, match=error):
        login(server, ticking)
    assert ticking.slept == [5]


def test_the_terminal_is_shown_no_control_characters(server: Server, ticking: Clock) -> None:
    begin(server, TOKENS, user_code="A\x1b[2J\nB", verification_uri="https://x.example/\x9b\u202e")
    (told,) = login(server, ticking)
    assert told.isprintable()
