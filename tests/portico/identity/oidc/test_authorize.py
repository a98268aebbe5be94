"""The authorization endpoint: whom it answers, where, and what must have happened before."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.portico.clocks import ManualClock
from tests.portico.identity.oidc.conftest import CALLBACK, ISSUER, Party, answer_of, claims_of, sign_in

from portico.identity.service import Identity
from portico.identity.users import User


def detour(response: httpx.Response) -> tuple[str, str]:
    """The page that a browser is sent to first, and the sealed way back."""
    assert response.status_code == 302
    parts = urlsplit(response.headers["location"])
    assert f"{parts.scheme}://{parts.netloc}" == "http://localhost:8000"
    return parts.path, parse_qs(parts.query)["return_to"][0]


async def come_back(identity: Identity, web: httpx.AsyncClient, sealed: str) -> httpx.Response:
    place = identity.provider._authorize._returning.open(sealed)
    assert place is not None
    return await web.get(place)


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:8000",
        "http://localhost:8000/?",
        "http://localhost:8000/#",
        "http://localhost:8000//",
        "http://localhost:8000/x",
        "http://localhost:8000/%2e",
        "http://localhost:8000/?a=b",
        "http://localhost:8001/",
        "http://LOCALHOST:8000/",
        "https://localhost:8000/",
        "http://127.0.0.1:8000/",
        "http://localhost:8000@evil.example/",
        "http://evil.example/http://localhost:8000/",
        "//localhost:8000/",
        "/",
        " http://localhost:8000/",
        "http://localhost:8000/\r\nX: y",
        "javascript:alert(1)",
        "https://spa.example/callback",
        "",
        None,
    ],
)
async def test_a_redirect_uri_that_nearly_fits_gets_a_page_and_no_redirect(chat: Party, uri: str | None) -> None:
    for changes in ({}, {"response_type": "token"}, {"prompt": "none"}):
        response = await chat.authorize(redirect_uri=uri, **changes)
        assert response.status_code == 400
        assert "location" not in response.headers
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]


async def test_an_unknown_client_gets_a_page(chat: Party) -> None:
    for id in ("nobody", None, "x" * 500, "../chat"):
        response = await chat.authorize(client_id=id)
        assert response.status_code == 400
        assert "location" not in response.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": 'a"b'}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "x" * 128}, "invalid_request"),
        ({"scope": "openid concierge/florist"}, "invalid_scope"),
        ({"scope": "openid stock/read"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "maybe"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "²"}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://evil.example/"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"nonce": "x" * 513}, "invalid_request"),
    ],
)
async def test_every_error_goes_to_the_client_with_its_state_and_the_issuer(
    chat: Party, changes: dict[str, str | None], error: str
) -> None:
    response = await chat.authorize(**changes)
    assert response.headers["location"].startswith(CALLBACK + "?")
    answer = answer_of(response)
    assert {name: answer.get(name) for name in ("error", "state", "iss")} == {
        "error": error,
        "state": "st4te",
        "iss": ISSUER,
    }
    assert "code" not in answer


async def test_a_value_that_no_database_keeps_gets_a_page(chat: Party) -> None:
    for name in ("nonce", "client_id", "state", "scope"):
        assert (await chat.authorize(**{name: "a\0b"})).status_code == 400
    surrogate = "client_id=chat&redirect_uri=http://localhost:8000/&nonce=%ed%a0%80"
    assert (await chat.web.get(f"/auth/main/oauth2/authorize?{surrogate}")).status_code == 400


async def test_a_repeated_parameter_gets_a_page(chat: Party) -> None:
    query = "client_id=chat&redirect_uri=http://localhost:8000/&redirect_uri=https://evil.example/"
    response = await chat.web.get(f"/auth/main/oauth2/authorize?{query}")
    assert response.status_code == 400


async def test_who_is_not_signed_in_goes_to_the_sign_in_page_and_comes_back(
    identity: Identity, web: httpx.AsyncClient, ada: User, clock: ManualClock
) -> None:
    chat = Party(web)
    page, sealed = detour(await chat.authorize())
    assert page == "/auth/main/login"
    assert "code_challenge" not in sealed
    clock.advance(60)
    await sign_in(identity, web, ada)
    answer = answer_of(await come_back(identity, web, sealed))
    assert (await chat.redeem(answer["code"])).status_code == 200


async def test_prompt_none_asks_nobody(identity: Identity, web: httpx.AsyncClient, ada: User) -> None:
    chat = Party(web)
    assert answer_of(await chat.authorize(prompt="none"))["error"] == "login_required"
    await sign_in(identity, web, ada)
    assert "code" in answer_of(await chat.authorize(prompt="none"))


async def test_prompt_login_asks_again_once(chat: Party, identity: Identity, ada: User, clock: ManualClock) -> None:
    clock.advance(60)
    page, sealed = detour(await chat.authorize(prompt="login"))
    assert page == "/auth/main/login"
    _, again = detour(await come_back(identity, chat.web, sealed))
    clock.advance(60)
    await sign_in(identity, chat.web, ada)
    code = answer_of(await come_back(identity, chat.web, again))["code"]
    assert claims_of((await chat.redeem(code)).json()["id_token"])["auth_time"] == int(clock.now)


async def test_max_age_asks_again_when_the_sign_in_is_older(
    chat: Party, identity: Identity, ada: User, clock: ManualClock
) -> None:
    clock.advance(100)
    assert "code" in answer_of(await chat.authorize(max_age="101"))
    assert answer_of(await chat.authorize(max_age="100", prompt="none"))["error"] == "login_required"
    _, sealed = detour(await chat.authorize(max_age="0"))
    clock.advance(30)
    await sign_in(identity, chat.web, ada)
    clock.advance(5)
    assert "code" in answer_of(await come_back(identity, chat.web, sealed))


async def test_a_ticket_of_another_request_counts_for_nothing(
    chat: Party, identity: Identity, ada: User, clock: ManualClock
) -> None:
    clock.advance(60)
    _, sealed = detour(await chat.authorize(prompt="login"))
    place = identity.provider._authorize._returning.open(sealed) or ""
    ticket = parse_qs(urlsplit(place).query)["ticket"][0]
    await sign_in(identity, chat.web, ada)
    assert detour(await chat.authorize(prompt="login", state="other", ticket=ticket))
    assert detour(await chat.authorize(prompt="login", ticket=ticket[:-1]))


async def test_prompt_create_leads_to_the_sign_up_page(chat: Party, clock: ManualClock) -> None:
    clock.advance(1)
    page, _ = detour(await chat.authorize(prompt="create"))
    assert page == "/auth/main/signup"


async def test_a_post_is_as_good_as_a_get(chat: Party) -> None:
    response = await chat.web.post("/auth/main/oauth2/authorize", data=chat.query())
    assert response.status_code == 303
    assert "code" in answer_of(await chat.web.get(response.headers["location"]))


async def test_a_forged_host_changes_no_address(chat: Party, web: httpx.AsyncClient) -> None:
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    web.cookies.clear()
    response = await web.get("/auth/main/oauth2/authorize", params=chat.query(), headers=forged)
    assert response.headers["location"].startswith("http://localhost:8000/auth/main/login?")
    found = await web.get("/auth/main/.well-known/openid-configuration", headers=forged)
    assert "evil" not in found.text


async def test_a_redirect_uri_with_a_query_keeps_it(shop: Party) -> None:
    response = await shop.authorize(redirect_uri="https://shop.example/cb?x=1", prompt="none")
    assert response.headers["location"].startswith("https://shop.example/cb?x=1&error=consent_required&")


async def test_a_very_long_request_is_refused_and_breaks_nothing(chat: Party) -> None:
    assert (await chat.authorize(login_hint="x" * 7_000)).status_code == 400
    assert answer_of(await chat.authorize(state="x" * 2_049))["error"] == "invalid_request"


async def consent_page(identity: Identity, shop: Party, **changes: str) -> tuple[str, str]:
    """The address of the page that asks, and its CSRF token."""
    response = await shop.authorize(**changes)
    page, _ = detour(response)
    assert page == "/auth/main/consent"
    shown = await shop.web.get(response.headers["location"])
    assert shown.status_code == 200
    assert "The shop" in shown.text
    assert "https://shop.example" in shown.headers["content-security-policy"]
    return response.headers["location"], shown.text.split('name="csrf" value="')[1].split('"')[0]


async def test_a_client_that_must_ask_gets_a_code_when_the_person_agrees_and_is_not_asked_twice(
    shop: Party, identity: Identity
) -> None:
    assert answer_of(await shop.authorize(prompt="none"))["error"] == "consent_required"
    address, csrf = await consent_page(identity, shop)
    agreed = await shop.web.post(address, data={"csrf": csrf, "decision": "allow"})
    assert agreed.status_code == 303
    code = answer_of(await shop.web.get(agreed.headers["location"]))["code"]
    assert (await shop.redeem(code)).status_code == 200
    assert "code" in answer_of(await shop.authorize(prompt="none"))
    assert detour(await shop.authorize(prompt="consent"))[0] == "/auth/main/consent"


async def test_who_does_not_agree_sends_the_client_away(shop: Party, identity: Identity) -> None:
    address, csrf = await consent_page(identity, shop)
    refused = await shop.web.post(address, data={"csrf": csrf, "decision": "deny"})
    answer = answer_of(refused)
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "st4te", ISSUER)
    assert answer_of(await shop.authorize(prompt="none"))["error"] == "consent_required"


async def test_prompt_consent_asks_and_then_goes_on(shop: Party, identity: Identity) -> None:
    address, csrf = await consent_page(identity, shop, prompt="consent")
    agreed = await shop.web.post(address, data={"csrf": csrf, "decision": "allow"})
    assert "code" in answer_of(await shop.web.get(agreed.headers["location"]))


async def test_consent_needs_our_own_form(shop: Party, identity: Identity) -> None:
    address, csrf = await consent_page(identity, shop)
    assert (await shop.web.post(address, data={"decision": "allow"})).status_code == 403
    forged = await shop.web.post(
        address, data={"csrf": csrf, "decision": "allow"}, headers={"Origin": "https://evil.example"}
    )
    assert forged.status_code == 403
    assert answer_of(await shop.authorize(prompt="none"))["error"] == "consent_required"


async def test_the_consent_page_asks_nothing_that_was_not_sealed(shop: Party) -> None:
    for sealed in ("", "x", "https://evil.example"):
        response = await shop.web.get("/auth/main/consent", params={"return_to": sealed})
        assert response.headers["location"] == f"{ISSUER}/account"
