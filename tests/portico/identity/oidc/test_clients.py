"""Clients prove who they are in one way, and may do what they are registered for."""

from __future__ import annotations

import base64
from dataclasses import replace

import httpx
import msgspec
import pytest
from tests.portico.clocks import ManualClock
from tests.portico.identity.oidc.conftest import ISSUER, SPA, VERIFIER, Party, answer_of, claims_of

from portico.config import Config
from portico.errors import ConfigError
from portico.identity.oidc import repository
from portico.identity.oidc.errors import ClientExists, InvalidClientMetadata, UnknownClient
from portico.identity.pool import Pool
from portico.identity.service import Identity
from portico.identity.settings import Client, Duration, PoolSettings
from portico.identity.triggers import PreToken, Refused, TokenChanges


async def agreed_code(identity: Identity, shop: Party) -> str:
    """A code of the shop, without its consent page."""
    user = await identity.users.by_login("ada")
    assert user is not None
    await identity.pool.db.tx(repository.give_consent, user.id, "shop", shop.scope.split(), identity.pool.clock())
    return await shop.code()


def basic(id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{id}:{secret}".encode()).decode()}


async def test_a_confidential_client_proves_itself_with_basic_or_with_the_form(shop: Party, identity: Identity) -> None:
    assert (await shop.redeem(await agreed_code(identity, shop))).status_code == 200
    code, secret, shop.secret = await shop.code(), shop.secret, None
    assert (await shop.redeem(code, client_secret=secret)).status_code == 200


async def test_client_authentication_cannot_be_confused(shop: Party, chat: Party, identity: Identity) -> None:
    code, secret = await agreed_code(identity, shop), shop.secret or ""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": shop.redirect_uri,
        "code_verifier": VERIFIER,
    }
    attempts: list[tuple[dict[str, str], dict[str, str], str]] = [
        ({"client_id": "shop"}, {}, "invalid_client"),  # without the secret
        ({"client_id": "shop", "client_secret": ""}, {}, "invalid_client"),
        ({"client_id": "shop", "client_secret": secret[:-1]}, {}, "invalid_client"),
        ({"client_id": "shop", "client_secret": secret}, basic("shop", secret), "invalid_request"),  # twice
        ({"client_id": "chat"}, basic("shop", secret), "invalid_request"),  # two clients
        ({}, basic("chat", secret), "invalid_client"),  # a public client with somebody's secret
        ({}, basic("shop", ""), "invalid_client"),
        ({}, basic("sh\0op", secret), "invalid_client"),
        ({}, basic("sh%00op", secret), "invalid_client"),
        ({}, {"Authorization": "Basic !!!"}, "invalid_client"),
        ({}, {"Authorization": f"Bearer {secret}"}, "invalid_client"),
        ({"client_id": "robot", "client_secret": secret}, {}, "invalid_client"),
    ]
    for more, headers, error in attempts:
        response = await chat.web.post("/auth/main/oauth2/token", data={**form, **more}, headers=headers)
        assert response.json()["error"] == error, (more, headers)
        if error == "invalid_client":
            assert response.status_code == 401
            assert response.headers["www-authenticate"].startswith("Basic ")
    assert (await shop.redeem(code)).status_code == 200


async def test_a_client_calls_for_itself(robot: Party) -> None:
    answer = (await robot.post("token", grant_type="client_credentials", scope="stock/read")).json()
    claims = claims_of(answer["access_token"])
    expected = {"sub": "robot", "client_id": "robot", "aud": "https://stock.example", "scope": "stock/read"}
    assert {name: claims[name] for name in expected} == expected
    assert not {"username", "auth_time", "cognito:groups"} & set(claims)
    assert not {"refresh_token", "id_token"} & set(answer)
    assert (await robot.userinfo(answer["access_token"])).status_code == 401


async def test_a_token_for_two_resource_servers_names_both(robot: Party) -> None:
    answer = (await robot.post("token", grant_type="client_credentials")).json()
    assert claims_of(answer["access_token"])["aud"] == [ISSUER, "https://stock.example"]


async def test_a_client_that_calls_for_itself_gets_no_persons_scopes(robot: Party, shop: Party) -> None:
    refused = await robot.post("token", grant_type="client_credentials", scope="openid")
    assert refused.json()["error"] == "invalid_scope"
    assert (await shop.post("token", grant_type="client_credentials")).json()["error"] == "unauthorized_client"


async def test_an_old_secret_counts_for_a_while_and_then_no_more(
    robot: Party, identity: Identity, clock: ManualClock
) -> None:
    clients, old = identity.provider.clients, robot.secret
    new = (await clients.new_secret("robot", overlap=60)).reveal()
    for secret in (old, new):
        robot.secret = secret
        assert (await robot.post("token", grant_type="client_credentials")).status_code == 200
    clock.advance(61)
    robot.secret = old
    assert (await robot.post("token", grant_type="client_credentials")).status_code == 401
    robot.secret = new
    assert (await robot.post("token", grant_type="client_credentials")).status_code == 200


async def test_a_client_made_by_a_command_works_until_it_is_deleted(chat: Party, identity: Identity) -> None:
    clients = identity.provider.clients
    declared = Client(redirect_uris=("https://new.example/cb",), scopes=("openid",))
    await clients.create("fresh", declared)
    party = Party(chat.web, "fresh", "https://new.example/cb", scope="openid")
    answer = await party.tokens()
    await identity.feed.look()
    assert await identity.verifier.verify(answer["access_token"])
    with pytest.raises(ClientExists):
        await clients.create("fresh", declared)
    await clients.delete("fresh")
    await identity.feed.look()
    assert (await party.userinfo(answer["access_token"])).status_code == 401
    assert (await party.refresh(answer["refresh_token"])).json()["error"] == "invalid_client"
    with pytest.raises(Exception, match="revoked"):
        await identity.verifier.verify(answer["access_token"])
    with pytest.raises(UnknownClient):
        await clients.delete("fresh")
    with pytest.raises(UnknownClient, match=r"pool\.yaml"):
        await clients.delete("chat")


@pytest.mark.parametrize(
    "client",
    [
        Client(redirect_uris=()),
        Client(redirect_uris=("http://evil.example/",)),
        Client(redirect_uris=("https://a.example/#x",)),
        Client(redirect_uris=("https://*.example/",)),
        Client(redirect_uris=("javascript:alert(1)",)),
        Client(redirect_uris=("https://user@a.example/",)),
        Client(redirect_uris=("//a.example/",)),
        Client(redirect_uris=("/",), scopes=("nothing/here",)),
        Client(grants=("client_credentials",)),
        Client(redirect_uris=("/",), access_token_lifetime=Duration(2 * 86_400)),
        Client(redirect_uris=("/",), refresh_token_lifetime=Duration(1)),
    ],
)
async def test_a_client_that_cannot_be_is_refused_at_start_and_by_commands(
    pool: Pool, identity: Identity, client: Client
) -> None:
    settings: PoolSettings = msgspec.structs.replace(pool.settings, clients={"odd": client})
    with pytest.raises(ConfigError, match=r"clients\.odd"):
        Identity.of(replace(pool, settings=settings), Config())
    with pytest.raises(InvalidClientMetadata):
        await identity.provider.clients.create("odd", client)


async def test_a_trigger_adds_and_drops_claims_and_scopes_but_not_those_of_the_protocol(
    identity: Identity, chat: Party
) -> None:
    def pre_token(event: PreToken) -> TokenChanges:
        assert event.claims["email"] == "ada@example.com"
        return TokenChanges(
            add_claims={"tier": "gold", "sub": "eve", "iss": "https://evil.example", "email": "eve@example.com"},
            drop_claims=("email_verified", "aud", "exp"),
            scopes=("openid", "email", "stock/read"),
            groups=("vip",),
        )

    identity.triggers._functions["pre_token"] = pre_token
    answer = await chat.tokens()
    access, id = claims_of(answer["access_token"]), claims_of(answer["id_token"])
    assert answer["scope"] == access["scope"] == "openid email"
    assert access["tier"] == id["tier"] == "gold"
    assert access["sub"] == id["sub"] != "eve"
    assert (id["iss"], id["email"], id["aud"]) == (ISSUER, "ada@example.com", "chat")
    assert access["cognito:groups"] == ["vip"]
    assert "email_verified" not in id
    assert {"exp", "aud"} <= set(access)


@pytest.mark.parametrize("fault", ["refuses", "fails", "says too much", "says what is no JSON"])
async def test_a_trigger_that_refuses_or_fails_burns_nothing(identity: Identity, chat: Party, fault: str) -> None:
    def pre_token(_event: PreToken) -> TokenChanges:
        if fault == "refuses":
            raise Refused('Not "today" ✿')
        if fault == "fails":
            raise ZeroDivisionError
        return TokenChanges(add_claims={"x": "y" * 9_000 if fault == "says too much" else object()})

    code = await chat.code()
    identity.triggers._functions["pre_token"] = pre_token
    refused = await chat.redeem(code)
    assert refused.json()["error"] == "access_denied"
    if fault == "refuses":
        assert refused.json()["error_description"] == "Not ?today? ?"
    del identity.triggers._functions["pre_token"]
    assert (await chat.redeem(code)).status_code == 200


async def test_pages_of_clients_may_call_from_their_origin_and_no_others(
    web: httpx.AsyncClient, identity: Identity
) -> None:
    for origin, allowed in (
        ("https://spa.example", True),
        ("http://localhost:8000", True),
        ("https://evil.example", False),
        ("https://spa.example.evil.example", False),
        ("null", False),
    ):
        for path in ("oauth2/token", "oauth2/userInfo", "oauth2/revoke", ".well-known/jwks.json"):
            asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            preflight = await web.options(f"/auth/main/{path}", headers=asked)
            real = await web.post(f"/auth/main/{path}", headers={"Origin": origin})
            for response in (preflight, *([real] if real.status_code != 405 else [])):
                assert response.headers.get("access-control-allow-origin") == (origin if allowed else None)
                assert "access-control-allow-credentials" not in response.headers
                assert "Origin" in response.headers["vary"]
    await identity.provider.clients.create("later", Client(redirect_uris=("https://later.example/cb",)))
    response = await web.options("/auth/main/oauth2/token", headers={"Origin": "https://later.example"})
    assert response.headers["access-control-allow-origin"] == "https://later.example"


async def test_registration_is_off_by_default(web: httpx.AsyncClient) -> None:
    response = await web.post("/auth/main/oauth2/register", json={"redirect_uris": [SPA]})
    assert response.status_code == 404


class TestRegistration:
    @pytest.fixture
    def settings(self, settings: PoolSettings) -> PoolSettings:
        return msgspec.structs.replace(settings, dynamic_registration=True)

    async def test_a_client_registers_itself_and_people_are_asked(self, chat: Party) -> None:
        response = await chat.web.post(
            "/auth/main/oauth2/register",
            json={
                "redirect_uris": ["https://dyn.example/cb"],
                "client_name": "Dyn\u202e <b>",
                "token_endpoint_auth_method": "none",
                "grant_types": ["authorization_code", "refresh_token"],
                "scope": "openid",
                "logo_uri": "https://evil.example/logo.svg",
            },
        )
        assert response.status_code == 201
        said = response.json()
        assert "client_secret" not in said
        party = Party(chat.web, said["client_id"], "https://dyn.example/cb", scope="openid")
        asked = await chat.web.get((await party.authorize()).headers["location"])
        assert "Dyn &lt;b&gt; (dyn.example)" in asked.text
        assert answer_of(await party.authorize(prompt="none"))["error"] == "consent_required"

    async def test_a_confidential_one_is_told_its_secret_once(self, chat: Party) -> None:
        said = (
            await chat.web.post("/auth/main/oauth2/register", json={"redirect_uris": ["https://dyn.example/cb"]})
        ).json()
        party = Party(chat.web, said["client_id"], "https://dyn.example/cb", said["client_secret"])
        assert (await party.redeem("x" * 43)).json()["error"] == "invalid_grant"

    @pytest.mark.parametrize(
        "metadata",
        [
            {},
            {"redirect_uris": []},
            {"redirect_uris": ["http://evil.example/"]},
            {"redirect_uris": ["/"]},
            {"redirect_uris": "https://a.example"},
            {"redirect_uris": [SPA], "grant_types": ["client_credentials"]},
            {"redirect_uris": [SPA], "response_types": ["token"]},
            {"redirect_uris": [SPA], "token_endpoint_auth_method": "private_key_jwt"},
            {"redirect_uris": [SPA], "scope": "concierge/everything"},
            {"redirect_uris": [f"https://a.example/{n}" for n in range(33)]},
            [],
        ],
    )
    async def test_what_cannot_be_is_refused(self, web: httpx.AsyncClient, metadata: object) -> None:
        response = await web.post("/auth/main/oauth2/register", json=metadata)
        assert response.status_code == 400
        assert response.json()["error"] in ("invalid_client_metadata", "invalid_redirect_uri")
