"""A refresh token is used once; honest people with two tabs stay signed in, thieves do not."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest
import sqlalchemy as sa
from tests.portico.clocks import ManualClock
from tests.portico.identity.oidc.conftest import Party, claims_of

from portico.identity.oidc import refresh_token, repository
from portico.identity.service import Identity
from portico.identity.source import LOCAL
from portico.identity.users import User
from portico.store import metadata


async def test_a_refresh_token_gives_new_tokens_of_the_same_sign_in(chat: Party, clock: ManualClock) -> None:
    first = await chat.tokens()
    clock.advance(600)
    second = (await chat.refresh(first["refresh_token"])).json()
    before, after = claims_of(first["id_token"]), claims_of(second["id_token"])
    assert second["refresh_token"] != first["refresh_token"]
    assert [after[name] for name in ("sub", "aud", "auth_time", "origin_jti")] == [
        before[name] for name in ("sub", "aud", "auth_time", "origin_jti")
    ]
    assert after["iat"] == before["iat"] + 600
    assert "nonce" not in after
    assert (await chat.userinfo(second["access_token"])).status_code == 200


async def test_within_ten_seconds_the_same_token_gives_the_same_successor(chat: Party, clock: ManualClock) -> None:
    token = (await chat.tokens())["refresh_token"]
    first = (await chat.refresh(token)).json()
    clock.advance(9.9)
    again = (await chat.refresh(token)).json()
    assert again["refresh_token"] == first["refresh_token"]
    assert again["access_token"] != first["access_token"]
    assert (await chat.refresh(first["refresh_token"])).status_code == 200


async def test_after_the_grace_a_used_token_revokes_its_family(
    chat: Party, clock: ManualClock, identity: Identity
) -> None:
    token = (await chat.tokens())["refresh_token"]
    successor = (await chat.refresh(token)).json()
    clock.advance(10)
    assert (await chat.refresh(token)).json()["error"] == "invalid_grant"
    assert (await chat.refresh(successor["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await chat.userinfo(successor["access_token"])).status_code == 401


async def test_a_token_from_two_steps_before_revokes_its_family_at_once(chat: Party) -> None:
    first = (await chat.tokens())["refresh_token"]
    second = (await chat.refresh(first)).json()["refresh_token"]
    third = (await chat.refresh(second)).json()["refresh_token"]
    assert (await chat.refresh(first)).status_code == 400
    assert (await chat.refresh(third)).status_code == 400


async def test_of_twenty_at_once_none_gets_another_successor(chat: Party, clock: ManualClock) -> None:
    token = (await chat.tokens())["refresh_token"]
    answers = await asyncio.gather(*(chat.refresh(token) for _ in range(20)))
    successors = {answer.json()["refresh_token"] for answer in answers if answer.status_code == 200}
    assert len(successors) == 1
    clock.advance(60)
    assert (await chat.refresh(successors.pop())).status_code == 200


async def test_a_wrong_client_or_scope_burns_nothing(chat: Party, spa: Party) -> None:
    token = (await chat.tokens(scope="openid concierge/chat"))["refresh_token"]
    assert (await spa.refresh(token)).json()["error"] == "invalid_grant"
    assert (await chat.refresh(token, scope="openid concierge/orders")).json()["error"] == "invalid_scope"
    assert (await chat.refresh(token, client_secret="x")).json()["error"] == "invalid_client"
    narrow = (await chat.refresh(token, scope="openid")).json()
    assert narrow["scope"] == "openid"
    wide = (await chat.refresh(narrow["refresh_token"])).json()
    assert wide["scope"] == "openid concierge/chat"


async def test_a_refresh_token_expires_with_its_family(chat: Party, clock: ManualClock) -> None:
    token = (await chat.tokens())["refresh_token"]
    for _ in range(3):
        clock.advance(10 * 86_400 - 1)
        answer = await chat.refresh(token)
        assert answer.status_code == 200
        token = answer.json()["refresh_token"]
    clock.advance(3)
    assert (await chat.refresh(token)).json()["error"] == "invalid_grant"


async def test_groups_are_those_of_now(chat: Party, identity: Identity, ada: User) -> None:
    token = (await chat.tokens())["refresh_token"]
    await identity.users.remove_group(ada.id, "buyers")
    answer = (await chat.refresh(token)).json()
    assert claims_of(answer["access_token"])["cognito:groups"] == ["florists"]


async def test_a_disabled_person_gets_no_tokens(chat: Party, identity: Identity, ada: User) -> None:
    token = (await chat.tokens())["refresh_token"]
    await identity.users.disable(ada.id)
    assert (await chat.refresh(token)).json()["error"] == "invalid_grant"


async def test_a_sign_out_everywhere_ends_refresh_tokens_and_dates_new_ones_after_it(
    chat: Party, identity: Identity, ada: User, clock: ManualClock
) -> None:
    token = (await chat.tokens())["refresh_token"]
    clock.advance(0.4)
    await identity.users.sign_out_everywhere(ada.id, source=LOCAL)
    clock.advance(0.2)
    assert (await chat.refresh(token)).json()["error"] == "invalid_grant"
    minted = await identity.tokens.mint_access_token(ada, "chat", ("openid",))
    assert claims_of(minted)["iat"] == int(clock.now) + 1
    await identity.feed.look()
    assert await identity.verifier.verify(minted)


async def test_guessing_refresh_tokens_ends_no_family_of_others(chat: Party) -> None:
    answer = await chat.tokens()
    for guess in ("x", refresh_token.new(), claims_of(answer["access_token"])["origin_jti"], "ä" * 65):
        assert (await chat.refresh(guess)).json()["error"] == "invalid_grant"
    assert (await chat.refresh(answer["refresh_token"])).status_code == 200


async def test_a_family_is_one_row_however_often_it_is_refreshed(chat: Party, identity: Identity) -> None:
    answer = await chat.tokens()
    for _ in range(3):
        answer = (await chat.refresh(answer["refresh_token"])).json()
    held = await identity.pool.db.read(repository.held_of, claims_of(answer["access_token"])["sub"])
    assert len(held["sign_ins_of_applications"]) == 1


async def test_a_scope_that_the_client_has_lost_is_lost_at_the_next_refresh(
    chat: Party, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = (await chat.tokens())["refresh_token"]
    declared = identity.provider.clients.declared
    fewer = dataclasses.replace(declared["chat"], scopes=("openid", "profile", "email"))
    monkeypatch.setattr(identity.provider.clients, "declared", {**declared, "chat": fewer})
    assert (await chat.refresh(token, scope="concierge/chat")).json()["error"] == "invalid_scope"
    assert (await chat.refresh(token)).json()["scope"] == "openid profile email"


async def test_who_signs_in_again_and_again_fills_no_table(
    chat: Party, identity: Identity, clock: ManualClock, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "KEPT", 3)
    monkeypatch.setattr(repository, "TRIMS_BELOW", "g")
    answers = []
    for _ in range(5):
        clock.advance(61)
        await chat.code()
        answers.append(await chat.tokens())
    tables = (metadata.tables[name] for name in ("token_families", "authorization_codes"))
    counts = [sa.select(sa.func.count()).select_from(table) for table in tables]
    held = await identity.pool.db.read(lambda connection: [connection.execute(one).scalar() for one in counts])
    assert held == [3, 4]  # codes: those of the families, and the one that was not redeemed just now
    assert (await chat.refresh(answers[0]["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await chat.refresh(answers[-1]["refresh_token"])).status_code == 200
