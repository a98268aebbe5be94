"""A person signs in to an application: from the authorization request to the tokens."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import sqlalchemy as sa
from tests.portico.clocks import ManualClock
from tests.portico.identity.oidc.conftest import ISSUER, VERIFIER, Party, answer_of, claims_of, header_of

from portico.identity.oidc.claims import half_hash
from portico.identity.service import Identity
from portico.identity.users import User
from portico.store import metadata


async def test_a_signed_in_person_comes_back_with_a_code_state_and_issuer(chat: Party) -> None:
    response = await chat.authorize()
    assert response.headers["location"].startswith("http://localhost:8000/?")
    assert answer_of(response) | {"code": ""} == {"code": "", "state": "st4te", "iss": ISSUER}
    assert response.headers["cache-control"] == "no-store"


async def test_the_access_token_is_as_rfc_9068_says_and_speaks_cognitos_names(
    chat: Party, ada: User, clock: ManualClock
) -> None:
    answer = await chat.tokens()
    token = answer["access_token"]
    assert header_of(token)["typ"] == "at+jwt"
    claims = claims_of(token)
    assert claims | {"jti": "", "origin_jti": ""} == {
        "iss": ISSUER,
        "sub": ada.id,
        "aud": ISSUER,
        "client_id": "chat",
        "token_use": "access",
        "scope": "openid profile email concierge/chat",
        "username": "Ada",
        "cognito:groups": ["buyers", "florists"],
        "iat": int(clock.now),
        "exp": int(clock.now) + 900,
        "auth_time": int(clock.now),
        "jti": "",
        "origin_jti": "",
    }
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 900
    assert (await chat.userinfo(token)).status_code == 200


async def test_the_id_token_says_who_signed_in_and_how(chat: Party, ada: User) -> None:
    answer = await chat.tokens()
    claims = claims_of(answer["id_token"])
    assert header_of(answer["id_token"])["typ"] == "JWT"
    expected = {
        "iss": ISSUER,
        "sub": ada.id,
        "aud": "chat",
        "token_use": "id",
        "nonce": "n0nce",
        "cognito:username": "Ada",
        "preferred_username": "Ada",
        "email": "ada@example.com",
        "email_verified": True,
        "amr": ["pwd"],
        "at_hash": half_hash(answer["access_token"]),
    }
    assert {name: claims[name] for name in expected} == expected
    assert claims["origin_jti"] == claims_of(answer["access_token"])["origin_jti"]


async def test_without_the_scope_openid_there_is_no_id_token(chat: Party) -> None:
    answer = await chat.tokens(scope="concierge/chat")
    assert "id_token" not in answer
    assert (await chat.userinfo(answer["access_token"])).status_code == 403


async def test_userinfo_tells_what_the_scopes_let_it(chat: Party, ada: User) -> None:
    answer = await chat.tokens(scope="openid email")
    assert (await chat.userinfo(answer["access_token"])).json() == {
        "sub": ada.id,
        "email": "ada@example.com",
        "email_verified": True,
    }


async def test_a_code_redeemed_twenty_times_at_once_has_one_winner(chat: Party) -> None:
    code = await chat.code()
    answers = await asyncio.gather(*(chat.redeem(code) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}


async def test_a_replayed_code_revokes_what_it_issued(chat: Party, identity: Identity) -> None:
    code = await chat.code()
    answer = (await chat.redeem(code)).json()
    assert (await chat.redeem(code)).json()["error"] == "invalid_grant"
    assert (await chat.userinfo(answer["access_token"])).status_code == 401
    assert (await chat.refresh(answer["refresh_token"])).json()["error"] == "invalid_grant"


async def test_what_is_signed_after_the_replay_is_void_too(chat: Party, identity: Identity, clock: ManualClock) -> None:
    """A signature may wait for others, and be dated after the revocation."""
    answer = await chat.tokens()
    claims = claims_of(answer["access_token"])
    code = await chat.code()
    first = claims_of((await chat.redeem(code)).json()["access_token"])
    await chat.redeem(code)
    await identity.feed.look()
    late = {"issued_at": first["iat"] + 5.0}
    assert identity.revocations.revoked(**late, origin_jti=first["origin_jti"])
    assert not identity.revocations.revoked(**late, origin_jti=claims["origin_jti"])


async def test_the_gateway_hears_of_a_replayed_code(chat: Party, identity: Identity) -> None:
    code = await chat.code()
    answer = (await chat.redeem(code)).json()
    await identity.feed.look()
    assert await identity.verifier.verify(answer["access_token"])
    await chat.redeem(code)
    await identity.feed.look()
    with pytest.raises(Exception, match="revoked"):
        await identity.verifier.verify(answer["access_token"])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_verifier": "another-" + VERIFIER}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"redirect_uri": "http://localhost:8000"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"client_id": "spa"}, "invalid_grant"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"client_secret": "guess"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
        ({"grant_type": None}, "invalid_request"),
        ({"code": "x" * 43}, "invalid_grant"),
    ],
)
async def test_what_is_wrong_uses_no_code_up(chat: Party, change: dict[str, str | None], error: str) -> None:
    code = await chat.code()
    response = await chat.redeem(**{"code": code, **change})
    assert response.json()["error"] == error
    assert response.status_code == (401 if error == "invalid_client" else 400)
    assert response.headers["cache-control"] == "no-store"
    assert (await chat.redeem(code)).status_code == 200


async def test_a_code_expires(chat: Party, clock: ManualClock) -> None:
    code = await chat.code()
    clock.advance(60)
    assert (await chat.redeem(code)).json()["error"] == "invalid_grant"


async def test_a_code_is_void_after_a_sign_out_everywhere(chat: Party, identity: Identity, ada: User) -> None:
    code = await chat.code()
    await identity.users.disable(ada.id)
    assert (await chat.redeem(code)).json()["error"] == "invalid_grant"


async def test_a_repeated_parameter_is_refused(chat: Party) -> None:
    code = await chat.code()
    body = f"grant_type=authorization_code&client_id=chat&client_id=spa&code={code}&code_verifier={VERIFIER}"
    response = await chat.web.post(
        "/auth/main/oauth2/token", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert response.json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 400),
        ("application/x-www-form-urlencoded", b"%ff=%ff&a=\xff", 400),
        ("application/x-www-form-urlencoded", b"a=b&" * 40, 400),
        ("application/x-www-form-urlencoded", b"grant_type=refresh_token&client_id=a%00b&refresh_token=x", 400),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=b" % n for n in range(65)), 400),
    ],
)
async def test_a_body_that_is_no_form_is_refused(
    web: httpx.AsyncClient, identity: Identity, kind: str, body: bytes, status: int
) -> None:
    response = await web.post("/auth/main/oauth2/token", content=body, headers={"Content-Type": kind})
    assert response.status_code == status
    assert response.json()["error"] == "invalid_request"


async def test_no_issued_value_is_stored_as_it_is(chat: Party, identity: Identity) -> None:
    code = await chat.code()
    answer = (await chat.redeem(code)).json()

    def everything(connection: sa.Connection) -> str:
        return " ".join(
            str(row) for table in metadata.sorted_tables for row in connection.execute(table.select()).all()
        )

    held = await identity.pool.db.read(everything)
    assert code not in held
    assert answer["refresh_token"] not in held
    assert answer["access_token"] not in held
