"""A token in, credentials out."""

from __future__ import annotations

import math

import pytest
import sqlalchemy as sa
from tests.portico.identity.credentials.conftest import World

from portico.identity.credentials import CredentialsRefused
from portico.identity.credentials.guests import ADDRESSES, PER_ADDRESS, GuestLimit
from portico.identity.source import LOCAL
from portico.identity.users import repository as users


async def test_a_signed_in_person_gets_credentials_of_their_role(world: World) -> None:
    ada = await world.user()
    given = await world.given(await world.token(ada))
    assert set(given) == {"AccessKeyId", "SecretKey", "SessionToken", "Expiration", "Role"}
    assert given["AccessKeyId"].startswith("ASIA")
    assert len(given["AccessKeyId"]) == 20
    assert len(given["SecretKey"]) == 40
    assert len(given["SessionToken"]) <= 2_048
    assert given["Expiration"] == int(world.clock() + 3_600)
    assert given["Role"] == "visitor"
    who = await world.who(given)
    assert (who.role, who.subject, who.username, who.client) == ("visitor", ada.id, "ada", "web")
    assert ("credentials_issued", "success") in await world.audited()


async def test_credentials_are_kept_by_no_cache(world: World) -> None:
    answer = world.ask(await world.token(await world.user()))
    assert answer.headers["cache-control"] == "no-store"


async def test_any_worker_knows_them_without_a_look_up(world: World) -> None:
    given = await world.given(await world.token(await world.user()))
    world.pool.db.engine.dispose()
    found = world.another_worker().resolve(given["AccessKeyId"], given["SessionToken"], world.clock())
    assert found.secret_key.reveal() == given["SecretKey"]  # type: ignore[union-attr]


async def test_members_of_a_group_get_its_role_and_may_prefer_another(world: World) -> None:
    token = await world.token(await world.user(groups=("florists",)))
    assert (await world.given(token))["Role"] == "florist"
    given = await world.given(token, PreferredRole="visitor")
    assert given["Role"] == "visitor"
    assert (await world.who(given)).groups == ("florists",)


async def test_a_role_that_is_not_for_the_caller_is_refused_and_audited(world: World) -> None:
    token = await world.token(await world.user())
    for role in ("florist", "stranger", "backend", "admin", ""):
        answer = world.ask(token, PreferredRole=role)
        assert answer.status_code == 403
        assert answer.headers["content-type"] == "application/problem+json"
    assert ("credentials_refused", "failure") in await world.audited()


async def test_how_long_they_are_valid_can_be_asked_for(world: World) -> None:
    token = await world.token(await world.user(groups=("florists",)))
    for seconds in (900, 1_800):
        assert (await world.given(token, DurationSeconds=seconds))["Expiration"] == int(world.clock() + seconds)
    assert (await world.given(token))["Expiration"] == int(world.clock() + 1_800)


async def test_too_short_and_too_long_is_refused(world: World) -> None:
    token = await world.token(await world.user(groups=("florists",)))
    for seconds in (899, 1_801, 0, -900, 10**9):
        assert world.ask(token, DurationSeconds=seconds).status_code == 400


async def test_a_body_that_is_none_is_refused(world: World) -> None:
    token = await world.token(await world.user())
    for body in (b"[]", b"{", b'{"Role": "x"}', b'{"DurationSeconds": "3600"}', b'{"DurationSeconds": 1.5}', b"\xff"):
        assert world.ask(token, raw=body).status_code == 400


async def test_no_body_asks_for_nothing_in_particular_and_a_large_one_is_not_read(world: World) -> None:
    token = await world.token(await world.user())
    assert world.ask(token, raw=b"").status_code == 200
    assert world.ask(token, raw=b" " * 70_000).status_code == 400


async def test_a_token_that_proves_nothing_gives_nothing(world: World) -> None:
    for token in ("x", "a.b.c", "é"):
        answer = world.client.post("/auth/main/credentials", headers={"Authorization": f"Bearer {token}".encode()})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer realm=")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_a_wrong_scheme_is_no_guest(world: World) -> None:
    for header in ("Basic YTpi", "Bearer", "Bearer ", "AWS4-HMAC-SHA256 x"):
        answer = world.client.post("/auth/main/credentials", headers={"Authorization": header})
        assert answer.status_code == 401
        assert "error" not in answer.headers["www-authenticate"]


async def test_two_tokens_at_once_are_refused(world: World) -> None:
    token = await world.token(await world.user())
    headers = [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")]
    assert world.client.post("/auth/main/credentials", headers=headers).status_code == 401


async def test_an_expired_token_gives_nothing(world: World) -> None:
    token = await world.token(await world.user())
    world.clock.advance(1_000)
    assert world.ask(token).status_code == 401


async def test_a_client_with_consent_cannot_turn_a_few_scopes_into_a_role(world: World) -> None:
    ada = await world.user()
    for client in ("partner", "registered-later"):
        answer = world.ask(await world.token(ada, client))
        assert answer.status_code == 403
        assert client in answer.json()["detail"]


async def test_a_guest_gets_the_guests_role_and_an_end(world: World) -> None:
    given = await world.given()
    assert given["Role"] == "stranger"
    who = await world.who(given)
    assert (who.subject, who.client, who.groups) == (None, None, ())
    answers = [world.ask().status_code for _ in range(PER_ADDRESS)]
    assert answers.count(429) == 1
    assert int(world.ask().headers["retry-after"]) <= 61
    world.clock.advance(61)
    assert world.ask().status_code == 200


async def test_an_application_gets_what_is_assigned_to_it_and_nothing_of_persons(world: World) -> None:
    assert (await world.given(await world.token(None, "batch")))["Role"] == "backend"
    assert world.ask(await world.token(None, "web")).status_code == 403


async def test_a_disabled_or_deleted_user_gets_nothing_even_before_the_worker_hears(world: World) -> None:
    ada = await world.user()
    token = await world.token(ada)
    await world.pool.db.tx(users.update, ada.id, now=world.clock(), enabled=False)
    assert world.ask(token).status_code == 401
    await world.pool.db.tx(users.delete, ada.id, world.clock())
    assert world.ask(token).status_code == 401


async def test_a_token_of_before_a_sign_out_everywhere_gives_nothing_even_before_the_worker_hears(world: World) -> None:
    ada = await world.user()
    token = await world.token(ada)
    world.clock.advance(5)
    await world.pool.db.tx(users.end_tokens, ada.id, world.clock())
    assert world.ask(token).status_code == 401
    world.clock.advance(math.ceil(world.clock()) - world.clock() + 1)
    assert world.ask(await world.token(ada)).status_code == 200


async def test_a_policy_that_denies_by_an_attribute_holds_for_access_tokens_too(world: World) -> None:
    """Access tokens do not carry attributes; who exchanges one must not slip past a deny."""
    from portico.access import Call

    eve = await world.user("eve", suspended=True)
    who = await world.who(await world.given(await world.token(eve)))
    call = Call(api="shop", operation="getOrder", path=f"/orders/{eve.id}/1", address="192.0.2.1", at=world.clock())
    assert world.roles.decide(who, call).statement == "visitor/suspended"
    ada = await world.user("ada")
    who = await world.who(await world.given(await world.token(ada)))
    own = Call(api="shop", operation="getOrder", path=f"/orders/{ada.id}/1", address="192.0.2.1", at=world.clock())
    assert world.roles.decide(who, own).statement == "visitor/own"


async def test_pages_of_declared_clients_may_ask_and_no_others(world: World) -> None:
    token = await world.token(await world.user())
    for origin, allowed in (
        ("https://shop.example", True),
        ("http://localhost:8000", True),
        ("https://evil.example", False),
    ):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        preflight = world.client.options("/auth/main/credentials", headers=headers)
        answer = world.client.post(
            "/auth/main/credentials", headers={"Origin": origin, "Authorization": f"Bearer {token}"}
        )
        refusal = world.client.post("/auth/main/credentials", headers={"Origin": origin, "Authorization": "Bearer x"})
        for one in (preflight, answer, refusal):
            assert (one.headers.get("access-control-allow-origin") == origin) is allowed
            assert "access-control-allow-credentials" not in one.headers
            assert "Origin" in one.headers["vary"]


async def test_without_its_database_the_endpoint_asks_to_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await world.token(await world.user())
    world.ask(token)
    monkeypatch.setattr("portico.store.database.WAITING", 0)
    answer = world.ask(token)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_no_secret_is_in_the_audit_log(world: World) -> None:
    given = await world.given(await world.token(await world.user()))

    def everything(connection: sa.Connection) -> str:
        from portico.identity.audit.tables import audit

        return str(connection.execute(sa.select(audit)).all())

    said = await world.pool.db.read(everything)
    assert given["AccessKeyId"] in said
    assert given["SecretKey"] not in said
    assert given["SessionToken"][:40] not in said


async def test_no_secret_is_in_the_log_at_any_level(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    token = await world.token(await world.user())
    given = await world.given(token)
    key = await world.service.keys.create("backend", source=LOCAL)
    await world.feed.look()
    await world.who(given)
    await world.resolve(key.key.id)
    for wrong in (given["SessionToken"][:-4], given["SessionToken"][4:]):
        with pytest.raises(CredentialsRefused):
            await world.resolve(given["AccessKeyId"], wrong)
    said = caplog.text
    for secret in (token, given["SecretKey"], given["SessionToken"], key.secret_key.reveal()):
        assert secret[-16:] not in said


def test_guests_are_counted_in_bounded_memory_and_by_network() -> None:
    limit = GuestLimit()
    for host in range(2 * ADDRESSES):
        limit.admit(f"10.{host >> 16}.{host >> 8 & 255}.{host & 255}", 0.0)
    assert len(limit._given) == ADDRESSES
    other = GuestLimit()
    answers = [other.admit(f"2001:db8::{host:x}", 30.0) for host in range(PER_ADDRESS + 1)]
    assert answers == [0.0] * PER_ADDRESS + [30.0]
    assert other.admit("2001:db8:0:1::1", 30.0) == 0.0
    assert other.admit("2001:db8::1", 60.0) == 0.0
