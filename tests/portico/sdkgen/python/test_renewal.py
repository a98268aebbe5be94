"""Tokens that several clients renew: what one of them got is not lost to the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.portico.sdkgen.python import shop
from tests.portico.sdkgen.python.conftest import Clock, Server, options
from tests.portico.sdkgen.python.shop import Shop
from tests.portico.sdkgen.python.test_login import Provider

from portico.sdkgen.python.runtime import errors
from portico.sdkgen.python.runtime.identity import Tokens
from portico.sdkgen.python.runtime.options import Options
from portico.sdkgen.python.runtime.stores import FileTokenStore

SIGNED_IN = Options(auth="signIn")


@pytest.fixture
def provider(server: Server) -> Provider:
    return Provider(server)


def client(server: Server, clock: Clock, file: Path, **more: Any) -> Shop:
    return Shop(server.url, token_store=FileTokenStore(file), **options(clock, retries=0, **more))


def test_a_renewal_that_comes_too_late_takes_what_another_client_got(
    server: Server, provider: Provider, ticking: Clock, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.json"
    found = client(server, ticking, file, tokens=Tokens("old", "r0", ticking.now))

    def another_is_first(answer: dict[str, Any]) -> None:
        key = found._core.authority.session._key
        FileTokenStore(file).save(key, Tokens("new", "r1", ticking.now + 60))
        answer.update(status=400, error="invalid_grant")

    provider.tokens = another_is_first
    found.call(shop.mine, options=SIGNED_IN)
    assert server.seen[-1].headers["authorization"] == "Bearer new"
    assert [form["refresh_token"] for form in provider.forms] == ["r0"]
    assert '"r1"' in file.read_text()


def test_a_sign_in_that_has_ended_is_forgotten_in_the_file_too(
    server: Server, provider: Provider, ticking: Clock, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.json"
    provider.tokens = lambda answer: answer.update(status=400, error="invalid_grant")
    found = client(server, ticking, file, tokens=Tokens("old", "r0", ticking.now))
    with pytest.raises(errors.NotSignedIn, match="ended"):
        found.call(shop.mine, options=SIGNED_IN)
    assert file.read_text() == "{}"


def test_one_program_renews_at_a_time(server: Server, provider: Provider, ticking: Clock, tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    found = client(server, ticking, file, tokens=Tokens("old", "r0", ticking.now))
    store = FileTokenStore(file)
    done = store.claim()
    assert done is not None
    assert FileTokenStore(file).claim() is None
    asleep: Callable[[float], None] = ticking.sleep

    def other_program(seconds: float) -> None:
        asleep(seconds)
        store.save(found._core.authority.session._key, Tokens("new", "r1", ticking.now + 60))
        done()

    found._driver._sleep = other_program
    found.call(shop.mine, options=SIGNED_IN)
    assert server.seen[-1].headers["authorization"] == "Bearer new"
    assert provider.forms == []


def test_a_program_that_hangs_while_it_renews_holds_up_nobody_for_ever(
    server: Server, provider: Provider, ticking: Clock, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.json"
    found = client(server, ticking, file, timeout=3, tokens=Tokens("old", "r0", ticking.now))
    done = FileTokenStore(file).claim()
    assert done is not None
    found.call(shop.mine, options=SIGNED_IN)
    assert server.seen[-1].headers["authorization"] == "Bearer token-1"
    assert 3 <= sum(ticking.slept) < 4
    done()
