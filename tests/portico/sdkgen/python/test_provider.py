"""Providers of other kinds than Portico: what they may leave out, and what they may not."""

from __future__ import annotations

from typing import Any

import pytest
from tests.portico.sdkgen.python import shop
from tests.portico.sdkgen.python.conftest import Clock, Server, options
from tests.portico.sdkgen.python.shop import Shop
from tests.portico.sdkgen.python.test_login import Provider

from portico.sdkgen.python.runtime import errors
from portico.sdkgen.python.runtime.identity import Tokens
from portico.sdkgen.python.runtime.options import Options
from portico.sdkgen.python.runtime.sdk import Scheme


@pytest.fixture
def provider(server: Server) -> Provider:
    return Provider(server)


def client(server: Server, provider: Provider, clock: Clock, scheme: Scheme | None = None, **more: Any) -> Shop:
    class Mine(Shop):
        _sdk_ = shop.SDK._replace(schemes=shop.SDK.schemes | ({"signIn": scheme} if scheme else {}))

    return Mine(server.url, browser=provider.browser, **options(clock, retries=0, **more))


def test_an_issuer_may_end_in_a_slash(server: Server, provider: Provider, ticking: Clock) -> None:
    provider.issuer += "/"
    found = client(server, provider, ticking)
    found.login(show=lambda _: None)
    assert found.signed_in


def test_no_other_issuer_is_like_it(server: Server, provider: Provider, ticking: Clock) -> None:
    provider.issuer += "//"
    with pytest.raises(errors.SignInFailed, match="another issuer"):
        client(server, provider, ticking).login(show=lambda _: None)


@pytest.mark.parametrize("issuer", ["http://evil.example", "javascript:alert(1)", ""])
def test_no_token_is_sent_in_the_clear_wherever_the_metadata_is(
    server: Server, provider: Provider, ticking: Clock, issuer: str
) -> None:
    scheme = Scheme("login", discovery="/metadata/openid-configuration")
    provider.metadata = lambda found: found.update(issuer=issuer)
    found = client(server, provider, ticking, scheme, tokens=Tokens("token", None, None))
    with pytest.raises(errors.SignInFailed, match="https"):
        found.call(shop.mine, options=Options(auth="sigv4"))


@pytest.mark.parametrize("scopes", [("read",), ("openid", "read")])
def test_a_flow_without_metadata_signs_in_whatever_the_server_says_of_itself(
    server: Server, provider: Provider, ticking: Clock, scopes: tuple[str, ...]
) -> None:
    scheme = Scheme("login", authorization_url="/auth/main/authorization", token_url="/auth/main/token")
    found = client(server, provider, ticking, scheme, scopes=scopes)
    found.login(show=lambda _: None, timeout=5)
    found.call(shop.mine, options=Options(auth="signIn"))
    assert server.seen[-1].headers["authorization"] == "Bearer token-1"
