"""Temporary credentials when they come back with a request, honest or not."""

from __future__ import annotations

import base64
import math
import timeit
from dataclasses import replace

import pytest
from tests.portico.access.conftest import write
from tests.portico.identity.credentials.conftest import ROLES, World

from portico.access import Call
from portico.identity.audit import AuditLog
from portico.identity.credentials import CredentialService, ExchangeRefused
from portico.identity.credentials.errors import (
    CredentialsExpired,
    CredentialsRevoked,
    RoleUnknown,
    SessionTokenInvalid,
    TooLarge,
)
from portico.identity.credentials.mint import Grant, mint
from portico.identity.credentials.sessions import ENTRIES, OpenSessions
from portico.identity.pool import LONGEST
from portico.identity.revocations import Revocations
from portico.identity.source import LOCAL
from portico.identity.users import repository as users
from portico.store import Secrets
from portico.store.feed import Change


def mutations(token: str) -> list[str]:
    """The token with each of its characters changed in turn, cut off, and added to."""
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token))]
    return [*changed, token[:-1], token + "A", token + "=", token.upper(), "", " ", token * 8, "é", "\0"]


async def test_a_changed_session_token_opens_nothing(world: World) -> None:
    given = world.service.mint("visitor", user=await world.user())
    raw = base64.urlsafe_b64decode(given.session_token + "==")
    for changed in mutations(given.session_token):
        try:
            same = base64.urlsafe_b64decode(changed + "=" * (-len(changed) % 4)) == raw
        except ValueError:
            same = False
        if same:  # the last character has spare bits
            continue
        with pytest.raises(SessionTokenInvalid):
            await world.resolve(given.access_key_id, changed)
    assert len(world.service._sessions) == 0


async def test_a_session_token_counts_with_its_own_access_key_id_only(world: World) -> None:
    ada = world.service.mint("visitor", user=await world.user("ada"))
    eve = world.service.mint("florist", user=await world.user("eve"))
    for id, token in ((ada.access_key_id, eve.session_token), (eve.access_key_id, ada.session_token)):
        with pytest.raises(SessionTokenInvalid):
            await world.resolve(id, token)
    await world.resolve(ada.access_key_id, ada.session_token)
    await world.resolve(eve.access_key_id, eve.session_token)
    with pytest.raises(SessionTokenInvalid):  # known by now, and still
        await world.resolve(ada.access_key_id, eve.session_token)


@pytest.mark.parametrize("token", [None, ""])
async def test_temporary_credentials_need_their_session_token(world: World, token: str | None) -> None:
    given = world.service.mint("visitor")
    with pytest.raises(SessionTokenInvalid):
        await world.resolve(given.access_key_id, token)


async def test_another_pool_and_another_project_open_nothing(world: World) -> None:
    given = world.service.mint("visitor")
    other = replace(world.pool, secrets=Secrets(Secrets.generate()))
    service = CredentialService(
        other, roles=world.roles, audit=AuditLog(other), verify=world.verifier, revocations=Revocations(world.clock)
    )
    with pytest.raises(SessionTokenInvalid):
        service.resolve(given.access_key_id, given.session_token, world.clock())


async def test_they_outlive_a_new_project_secret_as_long_as_the_old_one_is_kept(world: World) -> None:
    current = Secrets.generate()
    old = replace(world.pool, secrets=Secrets(current))
    rotated = replace(world.pool, secrets=Secrets(Secrets.generate(), [current]))
    services = [
        CredentialService(
            pool, roles=world.roles, audit=AuditLog(pool), verify=world.verifier, revocations=Revocations(world.clock)
        )
        for pool in (old, rotated)
    ]
    given = services[0].mint("visitor")
    found = services[1].resolve(given.access_key_id, given.session_token, world.clock())
    assert found.secret_key == given.secret_key  # type: ignore[union-attr]


async def test_a_forgotten_project_secret_opens_nothing_that_was_open_already(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who stole the secret gives themselves any role for any time; the secret is changed while servers run."""
    monkeypatch.setattr("portico.store.secrets.LOOK_AGAIN", -1.0)
    stolen, new = Secrets.generate(), Secrets.generate()
    changed: list[tuple[str, ...]] = []
    pool = replace(world.pool, secrets=Secrets(stolen, again=lambda: changed.pop() if changed else None))
    sessions = OpenSessions(pool, roles=world.roles, revocations=Revocations(world.clock))
    given = mint(pool, world.roles, Grant("florist", None), world.clock())

    def role() -> str:
        return sessions.resolve(given.access_key_id, given.session_token, world.clock()).principal.role

    assert role() == "florist"
    changed.append((new, stolen))
    assert role() == "florist"
    changed.append((new,))
    with pytest.raises(SessionTokenInvalid):
        role()


async def test_they_end_in_time(world: World) -> None:
    given = world.service.mint("visitor", duration=900)
    world.clock.advance(899.9)
    await world.resolve(given.access_key_id, given.session_token)
    world.clock.advance(0.1)
    for _ in range(2):
        with pytest.raises(CredentialsExpired):
            await world.resolve(given.access_key_id, given.session_token)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("kind", ["user", "session", "token", "client", "access_key"])
async def test_they_are_revoked_with_what_they_came_from(world: World, kind: str, known: bool) -> None:
    ada = await world.user()
    token = await world.token(ada, origin_jti="sign-in-1")
    given = await world.given(token)
    claims = await world.verifier.verify(token)
    subject = {
        "user": ada.id,
        "session": "sign-in-1",
        "token": claims["jti"],
        "client": "web",
        "access_key": given["AccessKeyId"],
    }[kind]
    if known:
        await world.who(given)
    world.clock.advance(2)
    await world.tell(Change(kind, subject, at=world.clock(), until=world.clock() + LONGEST))
    for _ in range(2):
        with pytest.raises(CredentialsRevoked):
            await world.who(given)


async def test_a_revocation_that_is_heard_late_ends_credentials_that_were_made_in_between(world: World) -> None:
    """The session is revoked, this worker does not know, gives credentials a second later, and hears then."""
    token = await world.token(await world.user(), origin_jti="sign-in-1")
    at = world.clock() + 1
    world.clock.advance(3)
    given = await world.given(token)
    await world.who(given)
    await world.tell(Change("session", "sign-in-1", at=at, until=at + LONGEST))
    with pytest.raises(CredentialsRevoked):
        await world.who(given)


async def test_a_withdrawn_signing_key_ends_credentials_that_were_given_for_its_tokens(world: World) -> None:
    """Whoever stole the key made tokens with it, and has credentials for hours."""
    ada = await world.user()
    stolen, operators = await world.given(await world.token(ada)), world.service.mint("visitor", user=ada)
    await world.who(stolen)
    world.clock.advance(60)
    await world.keys.rotate(withdraw=True)
    await world.feed.look()
    with pytest.raises(CredentialsRevoked):
        await world.who(stolen)
    await world.resolve(operators.access_key_id, operators.session_token)
    world.clock.advance(60)
    await world.keys.rotate()  # an honest rotation takes nothing back, and forgets nothing
    await world.feed.look()
    await world.who(await world.given(await world.token(ada)))
    with pytest.raises(CredentialsRevoked):
        await world.who(stolen)


async def test_what_others_revoke_does_not_matter(world: World) -> None:
    given = await world.given(await world.token(await world.user()))
    world.clock.advance(2)
    for kind in ("user", "session", "token", "client", "access_key"):
        await world.tell(Change(kind, "somebody-else", at=world.clock(), until=world.clock() + LONGEST))
    assert (await world.who(given)).username == "ada"


async def test_who_leaves_a_group_loses_its_role_and_keeps_others(world: World) -> None:
    ada = await world.user(groups=("florists",))
    token = await world.token(ada)
    florist, visitor = await world.given(token), await world.given(token, PreferredRole="visitor")
    await world.who(florist)
    world.clock.advance(2)
    await world.pool.db.tx(users.remove_group, ada.id, "florists", world.clock())
    await world.feed.look()
    with pytest.raises(CredentialsRevoked):
        await world.who(florist)
    assert (await world.who(visitor)).groups == ()


async def test_a_role_that_is_given_to_others_now_is_lost_within_a_look(world: World) -> None:
    given = await world.given(await world.token(await world.user()))
    await world.who(given)
    write(world.pool.root, ROLES.replace("{signed_in: true}", "{groups: [florists]}"))
    world.roles.refresh()
    with pytest.raises(CredentialsRevoked):
        await world.who(given)
    write(world.pool.root, ROLES)
    world.roles.refresh()
    assert (await world.who(given)).role == "visitor"
    write(world.pool.root, "roles: {}")
    world.roles.refresh()
    with pytest.raises(CredentialsRevoked):
        await world.who(given)


async def test_a_role_that_allows_less_time_now_shortens_what_was_given(world: World) -> None:
    given = await world.given(await world.token(await world.user()))
    write(world.pool.root, ROLES.replace("  visitor:\n", "  visitor:\n    max_duration: 15m\n"))
    world.roles.refresh()
    found = await world.resolve(given["AccessKeyId"], given["SessionToken"])
    assert found.expires_at == world.clock() + 900


async def test_a_policy_that_looks_at_a_new_claim_denies_to_who_does_not_carry_it(world: World) -> None:
    ada = await world.user()
    given = await world.given(await world.token(ada))
    write(world.pool.root, ROLES.replace("{suspended: true}", "{banned: true}"))
    world.roles.refresh()
    call = Call(api="shop", operation="getOrder", path=f"/orders/{ada.id}/1", address="192.0.2.1", at=world.clock())
    said = world.roles.decide(await world.who(given), call)
    assert (said.allowed, said.statement) == (False, "visitor/suspended")
    again = await world.given(await world.token(ada))
    assert world.roles.decide(await world.who(again), call).allowed


async def test_the_claims_of_the_caller_reach_path_patterns(world: World) -> None:
    ada, eve = await world.user("ada"), await world.user("eve")
    who = await world.who(await world.given(await world.token(ada)))
    for owner, allowed in ((ada, True), (eve, False)):
        path = f"/orders/{owner.id}/1"
        call = Call(api="shop", operation="getOrder", path=path, address="192.0.2.1", at=world.clock())
        assert world.roles.decide(who, call).allowed is allowed


async def test_minting_needs_a_role_and_a_time_that_it_allows(world: World) -> None:
    with pytest.raises(RoleUnknown, match="visitor"):
        world.service.mint("admin")
    with pytest.raises(ExchangeRefused):
        world.service.mint("florist", duration=3_600)
    ada = await world.user()
    given = world.service.mint("florist", user=ada, duration=900)
    found = await world.resolve(given.access_key_id, given.session_token)
    assert (found.principal.role, found.principal.subject) == ("florist", ada.id)


async def test_a_user_in_hundreds_of_groups_is_told_so(world: World) -> None:
    ada = replace(await world.user(), groups=tuple(f"a-group-with-a-long-name-{n}" for n in range(200)))
    with pytest.raises(TooLarge, match="200"):
        world.service.mint("visitor", user=ada)


@pytest.mark.parametrize("value", [1 << 70, "\ud800"])
async def test_a_claim_that_cannot_be_sealed_is_told(world: World, value: object) -> None:
    ada = replace(await world.user(), attributes={"suspended": value})
    with pytest.raises(TooLarge, match="claim"):
        world.service.mint("visitor", user=ada)


async def test_a_day_after_a_sign_out_everywhere_new_credentials_are_good(world: World) -> None:
    ada = await world.user()
    await world.pool.db.tx(users.end_tokens, ada.id, world.clock())
    await world.feed.look()
    world.clock.now = math.ceil(world.clock.now) + 1.0
    given = await world.given(await world.token(ada))
    assert (await world.who(given)).subject == ada.id


async def test_the_memory_of_opened_tokens_is_bounded(world: World) -> None:
    world.service._sessions._known.clear()
    first = world.service.mint("visitor")
    for _ in range(ENTRIES + 10):
        given = world.service.mint("visitor")
        world.service.resolve(given.access_key_id, given.session_token, world.clock())
    assert len(world.service._sessions) == ENTRIES
    await world.resolve(first.access_key_id, first.session_token)


async def test_a_known_token_is_resolved_in_the_time_of_a_look_up(world: World) -> None:
    given = world.service.mint("visitor", user=await world.user())
    now, fresh = world.clock(), world.another_worker()

    def hit() -> None:
        world.service.resolve(given.access_key_id, given.session_token, now)

    def miss() -> None:
        fresh._sessions._known.clear()
        fresh.resolve(given.access_key_id, given.session_token, now)

    assert min(timeit.repeat(hit, number=500, repeat=5)) * 5 < min(timeit.repeat(miss, number=500, repeat=5))


async def test_no_credentials_print_their_secret(world: World) -> None:
    given = world.service.mint("visitor")
    found = await world.resolve(given.access_key_id, given.session_token)
    made = await world.service.keys.create("backend", source=LOCAL)
    for one in (given, found, made):
        assert given.secret_key.reveal() not in repr(one)
        assert made.secret_key.reveal() not in repr(one)
    assert "session_token='" not in repr(given)
