"""Tokens and sessions end: revocation, introspection, signing out."""

from __future__ import annotations

from urllib.parse import urlencode

import httpx
import pytest
from tests.portico.clocks import ManualClock
from tests.portico.identity.oidc.conftest import ISSUER, Party, answer_of, claims_of, sign_in
from tests.portico.identity.oidc.test_clients import agreed_code

from portico.config import Config
from portico.identity.service import Identity
from portico.identity.users import NewUser, User
from portico.tokens import InvalidToken

BYE = "https://bye.example/"


async def test_a_revoked_refresh_token_ends_all_that_came_with_it(chat: Party) -> None:
    answer = await chat.tokens()
    assert (await chat.post("revoke", token=answer["refresh_token"])).status_code == 200
    assert (await chat.refresh(answer["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await chat.userinfo(answer["access_token"])).status_code == 401


async def test_a_revoked_access_token_ends_alone(chat: Party, identity: Identity) -> None:
    answer = await chat.tokens()
    for _ in range(2):
        assert (await chat.post("revoke", token=answer["access_token"], token_type_hint="odd")).status_code == 200
    assert (await chat.userinfo(answer["access_token"])).status_code == 401
    await identity.feed.look()
    with pytest.raises(Exception, match="revoked"):
        await identity.verifier.verify(answer["access_token"])
    assert (await chat.refresh(answer["refresh_token"])).status_code == 200


async def test_nobody_revokes_the_tokens_of_others(chat: Party, spa: Party) -> None:
    answer = await chat.tokens()
    for token in (answer["refresh_token"], answer["access_token"]):
        assert (await spa.post("revoke", token=token)).json()["error"] == "invalid_grant"
    assert (await spa.post("revoke", token="unknown")).status_code == 200
    assert (await chat.userinfo(answer["access_token"])).status_code == 200
    assert (await chat.refresh(answer["refresh_token"])).status_code == 200


async def test_a_confidential_client_is_told_about_its_own_tokens(
    shop: Party, chat: Party, identity: Identity, ada: User, clock: ManualClock
) -> None:
    answer = (await shop.redeem(await agreed_code(identity, shop))).json()
    told = (await shop.post("introspect", token=answer["access_token"])).json()
    assert told["active"] is True
    assert (told["sub"], told["client_id"], told["token_type"]) == (ada.id, "shop", "Bearer")
    assert (await shop.post("introspect", token=answer["refresh_token"])).json()["active"] is True
    others = await chat.tokens()
    for token in (others["access_token"], others["refresh_token"], answer["id_token"], "x", "a.b.c"):
        assert (await shop.post("introspect", token=token)).json() == {"active": False}
    clock.advance(906)
    assert (await shop.post("introspect", token=answer["access_token"])).json() == {"active": False}
    assert (await shop.post("introspect", token=answer["refresh_token"])).json()["active"] is True


async def test_a_public_client_is_told_nothing(chat: Party) -> None:
    answer = await chat.tokens()
    assert (await chat.post("introspect", token=answer["access_token"])).status_code == 401


async def test_userinfo_takes_access_tokens_only(chat: Party, robot: Party) -> None:
    answer = await chat.tokens()
    for token in (answer["id_token"], answer["refresh_token"], "", "a.b.c", answer["access_token"][:-2]):
        response = await chat.userinfo(token)
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith(f'Bearer realm="{ISSUER}"')
    bare = await chat.web.get("/auth/main/oauth2/userInfo")
    assert bare.headers["www-authenticate"] == f'Bearer realm="{ISSUER}"'
    in_query = await chat.web.get(f"/auth/main/oauth2/userInfo?access_token={answer['access_token']}")
    assert in_query.status_code == 401


async def logout(web: httpx.AsyncClient, **asked: str) -> httpx.Response:
    return await web.get(f"/auth/main/logout?{urlencode(asked)}")


async def test_an_application_signs_its_person_out_and_gets_the_browser_back(
    chat: Party, spa: Party, identity: Identity, clock: ManualClock
) -> None:
    answer, other = await chat.tokens(), await spa.tokens()
    clock.advance(3_600)
    response = await logout(chat.web, id_token_hint=answer["id_token"], post_logout_redirect_uri=BYE, state="s&t=1")
    assert response.headers["location"] == f"{BYE}?state=s%26t%3D1"
    assert answer_of(await chat.authorize(prompt="none"))["error"] == "login_required"
    assert (await chat.refresh(answer["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await spa.refresh(other["refresh_token"])).json()["error"] == "invalid_grant"
    await identity.feed.look()
    for origin in (answer, other):
        claims = claims_of(origin["access_token"])
        assert identity.revocations.revoked(issued_at=claims["iat"], origin_jti=claims["origin_jti"])


@pytest.mark.parametrize(
    "uri",
    ["https://evil.example/", "https://bye.example", "https://bye.example/?x", "//evil.example", "/\\evil.example"],
)
async def test_a_way_back_that_nearly_fits_is_not_taken(chat: Party, uri: str) -> None:
    hint = (await chat.tokens())["id_token"]
    response = await logout(chat.web, id_token_hint=hint, post_logout_redirect_uri=uri)
    assert response.headers["location"] == f"{ISSUER}/signed-out"


async def test_another_clients_way_back_is_not_taken(chat: Party) -> None:
    hint = (await chat.tokens())["id_token"]
    asked = {"post_logout_redirect_uri": "https://spa.example/bye"}
    assert (
        (await logout(chat.web, id_token_hint=hint, client_id="chat", **asked))
        .headers["location"]
        .endswith("/signed-out")
    )


async def test_without_a_proof_the_person_is_asked(
    chat: Party, identity: Identity, ada: User, clock: ManualClock
) -> None:
    eve = await identity.users.create(NewUser(username="eve", email="eve@example.com", email_verified=True))
    hint = (await chat.tokens())["id_token"]
    clock.advance(1)
    await sign_in(identity, chat.web, eve)
    for asked in (
        {},
        {"client_id": "chat", "post_logout_redirect_uri": BYE},
        {"id_token_hint": hint, "post_logout_redirect_uri": BYE},  # of somebody else
        {"id_token_hint": hint[:-4] + "AAAA"},
        {"id_token_hint": "x"},
        {"id_token_hint": hint, "client_id": "spa"},
    ):
        response = await logout(chat.web, **asked)
        assert response.status_code == 200
        assert "Sign out?" in response.text
    assert "code" in answer_of(await chat.authorize(prompt="none"))


async def test_the_confirmed_question_signs_out_and_leads_back(chat: Party) -> None:
    shown = await logout(chat.web, client_id="chat", post_logout_redirect_uri=BYE, state="x")
    assert "https://bye.example" in shown.headers["content-security-policy"]
    csrf = shown.text.split('name="csrf" value="')[1].split('"')[0]
    form = {"client_id": "chat", "post_logout_redirect_uri": BYE, "state": "x"}
    forged = await chat.web.post("/auth/main/logout", data={**form, "csrf": "x.y"})
    assert forged.status_code == 403
    assert "code" in answer_of(await chat.authorize(prompt="none"))
    done = await chat.web.post("/auth/main/logout", data={**form, "csrf": csrf})
    assert done.headers["location"] == f"{BYE}?state=x"
    assert answer_of(await chat.authorize(prompt="none"))["error"] == "login_required"


async def test_an_application_may_post_its_request(chat: Party) -> None:
    hint = (await chat.tokens())["id_token"]
    cookies = dict(chat.web.cookies)
    chat.web.cookies.clear()  # another site's form is sent without them
    response = await chat.web.post("/auth/main/logout", data={"id_token_hint": hint, "post_logout_redirect_uri": BYE})
    chat.web.cookies.update(cookies)
    assert (await chat.web.get(response.headers["location"])).headers["location"] == BYE
    assert answer_of(await chat.authorize(prompt="none"))["error"] == "login_required"


async def test_another_site_signs_nobody_out_with_a_form_of_its_own(chat: Party) -> None:
    """Its form comes without the session's cookie; what comes back must not take the cookie away."""
    cookies = dict(chat.web.cookies)
    chat.web.cookies.clear()
    for form in ({}, {"state": "x"}, {"id_token_hint": "x"}, {"csrf": "x.y"}):
        response = await chat.web.post("/auth/main/logout", data=form, headers={"Origin": "https://evil.example"})
        assert "portico-main=" not in response.headers.get("set-cookie", "")
    assert "set-cookie" not in (await logout(chat.web)).headers
    chat.web.cookies.update(cookies)
    assert "Sign out?" in (await logout(chat.web)).text
    assert "code" in answer_of(await chat.authorize(prompt="none"))


async def test_a_code_of_an_ended_session_is_void(chat: Party) -> None:
    answer, code = await chat.tokens(), await chat.code()
    await logout(chat.web, id_token_hint=answer["id_token"])
    assert (await chat.redeem(code)).json()["error"] == "invalid_grant"


async def test_a_key_that_was_withdrawn_proves_nothing(chat: Party, identity: Identity, clock: ManualClock) -> None:
    answer = await chat.tokens()
    clock.advance(1)
    await identity.keys.rotate(withdraw=True)
    assert (await chat.userinfo(answer["access_token"])).status_code == 401
    fresh = (await chat.refresh(answer["refresh_token"])).json()
    assert (await chat.userinfo(fresh["access_token"])).status_code == 200


async def test_a_worker_that_only_verifies_refuses_a_withdrawn_key_as_soon_as_it_hears(
    chat: Party, identity: Identity, clock: ManualClock
) -> None:
    worker = Identity.of(identity.pool, Config())
    await worker.keys.start()
    await worker.feed.look()
    answer = await chat.tokens()
    assert await worker.verifier.verify(answer["access_token"])
    clock.advance(1)
    await identity.keys.rotate(withdraw=True)
    await worker.feed.look()
    for _ in range(2):
        with pytest.raises(InvalidToken):
            await worker.verifier.verify(answer["access_token"])
    fresh = (await chat.refresh(answer["refresh_token"])).json()
    assert await worker.verifier.verify(fresh["access_token"])
