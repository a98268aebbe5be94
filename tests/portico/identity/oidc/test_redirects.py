"""Redirect URIs: a program on somebody's machine has any port; everything else is exactly what is registered."""

from __future__ import annotations

import msgspec
import pytest
from tests.portico.identity.oidc.conftest import Party, answer_of, sign_in

from portico.identity.oidc import redirects
from portico.identity.service import Identity
from portico.identity.settings import Client, PoolSettings
from portico.identity.users import User

V4, V6 = "http://127.0.0.1/callback", "http://[::1]/callback"
FIXED, NAMED = "http://127.0.0.1:7000/fixed", "http://localhost/named"
OWN = (V4, V6, FIXED, NAMED, "http://127.0.0.1/with?query=1", "https://127.0.0.1/tls")


@pytest.fixture
def settings(settings: PoolSettings) -> PoolSettings:
    clients = {
        "sdk": Client(redirect_uris=OWN, logout_uris=(V4, "/"), scopes=("openid",)),
        "server": Client(type="confidential", redirect_uris=(V4, V6), scopes=("openid",)),
    }
    return msgspec.structs.replace(settings, clients={**settings.clients, **clients})


@pytest.fixture
async def sdk(identity: Identity, chat: Party) -> Party:
    """A program, in whose browser Ada is signed in."""
    return Party(chat.web, "sdk", "http://127.0.0.1:51004/callback", scope="openid")


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:51004/callback",
        "http://[::1]:51004/callback",
        "http://127.0.0.1:1/callback",
        "http://127.0.0.1:65535/callback",
        "http://127.0.0.1:51004/with?query=1",
        V4,
        V6,
        FIXED,
        NAMED,
    ],
)
async def test_a_program_is_answered_at_the_port_that_it_listens_on(sdk: Party, uri: str) -> None:
    response = await sdk.authorize(redirect_uri=uri)
    assert response.headers["location"].startswith(f"{uri}{'&' if '?' in uri else '?'}code=")
    code = answer_of(response)["code"]
    another = await sdk.redeem(code, redirect_uri="http://127.0.0.1:51005/callback")
    assert another.json()["error"] == "invalid_grant"  # the token request names the same port (RFC 6749 section 4.1.3)
    assert (await sdk.redeem(code, redirect_uri=uri)).status_code == 200


ATTACKS = [
    "http://127.0.0.1:51004/",
    "http://127.0.0.1:51004",
    "http://127.0.0.1:51004/callback/",
    "http://127.0.0.1:51004/callback/../evil",
    "http://127.0.0.1:51004/Callback",
    "http://127.0.0.1:51004/callback?x=1",
    "http://127.0.0.1:51004/callback?",
    "http://127.0.0.1:51004/callback#x",
    "http://127.0.0.1:51004/callback;x",
    "http://127.0.0.1:51004/callback%00",
    "http://127.0.0.1:51004/callback\n",
    "http://127.0.0.1:51004/call\nback",
    "http://127.0.0.1:51004//callback",
    "http://127.0.0.1:51004\\callback",
    "http://127.0.0.1:51004/with",
    "http://user@127.0.0.1:51004/callback",
    "http://user:51004@127.0.0.1/callback",
    "http://127.0.0.1:51004@evil.com/callback",
    "http://127.0.0.1:80@evil.com:51004/callback",
    "http://127.0.0.1.evil.com:51004/callback",
    "http://127.0.0.1.evil.com/callback",
    "http://evil.com:51004/callback",
    "http://evil.com/http://127.0.0.1:51004/callback",
    "http://127.0.0.1:/callback",
    "http://127.0.0.1:0/callback",
    "http://127.0.0.1:080/callback",
    "http://127.0.0.1:65536/callback",
    "http://127.0.0.1:510041/callback",
    "http://127.0.0.1:-1/callback",
    "http://127.0.0.1:+80/callback",
    "http://127.0.0.1: 80/callback",
    "http://127.0.0.1:8e1/callback",
    "http://127.0.0.1:٨٠/callback",
    "http://127.0.0.1:80:80/callback",
    "http://127.0.0.1:51004,evil.com/callback",
    "http://127.1:51004/callback",
    "http://0177.0.0.1:51004/callback",
    "http://2130706433:51004/callback",
    "http://127.0.0.2:51004/other",
    "http://0.0.0.0:51004/callback",
    "http://[::1]51004/callback",
    "http://[::1%25lo]:51004/callback",
    "http://[0:0:0:0:0:0:0:1]:51004/callback",
    "http://[::ffff:127.0.0.1]:51004/callback",
    "http://[::1].evil.com:51004/callback",
    "http://::1:51004/callback",
    "https://127.0.0.1:51004/callback",
    "https://127.0.0.1:51004/tls",
    "HTTP://127.0.0.1:51004/callback",
    "http:/127.0.0.1:51004/callback",
    "//127.0.0.1:51004/callback",
    " http://127.0.0.1:51004/callback",
    "http://localhost:51004/named",
    "http://localhost:51004/callback",
    "http://127.0.0.1:7001/fixed",
    "http://127.0.0.1/fixed",
]


@pytest.mark.parametrize("uri", ATTACKS)
async def test_whatever_differs_in_more_than_the_port_gets_a_page_and_no_redirect(sdk: Party, uri: str) -> None:
    response = await sdk.authorize(redirect_uri=uri)
    assert response.status_code == 400
    assert "location" not in response.headers


@pytest.mark.parametrize("uri", ["http://127.0.0.1:51004/callback", "http://[::1]:51004/callback"])
async def test_a_confidential_client_is_no_program_and_has_no_other_port(chat: Party, uri: str) -> None:
    server = Party(chat.web, "server", V4, scope="openid")
    assert (await server.authorize(redirect_uri=uri)).status_code == 400
    assert "code" in answer_of(await server.authorize())


async def test_after_a_sign_out_the_way_back_has_the_port_that_is_registered(
    sdk: Party, identity: Identity, ada: User
) -> None:
    for uri, there in ((V4, V4), ("http://127.0.0.1:51004/callback", "http://localhost:8000/auth/main/signed-out")):
        await sign_in(identity, sdk.web, ada)
        hint = (await sdk.tokens())["id_token"]
        query = {"id_token_hint": hint, "post_logout_redirect_uri": uri}
        response = await sdk.web.get("/auth/main/logout", params=query)
        assert response.headers["location"] == there


async def test_the_pages_of_another_port_may_not_call_as_this_client(sdk: Party) -> None:
    for origin in ("http://127.0.0.1:51004", "http://[::1]:51004"):
        response = await sdk.web.post("/auth/main/oauth2/token", headers={"Origin": origin})
        assert "access-control-allow-origin" not in response.headers


def test_without_being_asked_to_nothing_is_compared_but_characters() -> None:
    assert not redirects.is_registered("http://127.0.0.1:51004/callback", OWN)
    assert redirects.is_registered("http://127.0.0.1:51004/callback", OWN, any_port=True)
    assert not redirects.is_registered(V4, ("http://127.0.0.1:51004/callback",), any_port=True)
