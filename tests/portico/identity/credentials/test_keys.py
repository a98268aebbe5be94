"""Long-lived access keys of machines."""

from __future__ import annotations

import asyncio
import secrets as random
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from tests.portico.identity.credentials.conftest import World

from portico.identity.credentials import ring
from portico.identity.credentials.errors import (
    AccessKeyDisabled,
    AccessKeyUnknown,
    CredentialsExpired,
    CredentialsRevoked,
    RoleUnknown,
    SessionTokenInvalid,
    TooManyAccessKeys,
)
from portico.identity.credentials.keys import NewAccessKey
from portico.identity.credentials.tables import access_keys
from portico.identity.source import LOCAL
from portico.store import NotSealedHere, Secrets, metadata, sealed
from portico.store.feed import Change


async def made(world: World, **more: float) -> NewAccessKey:
    key = await world.service.keys.create("backend", name="nightly", source=LOCAL, **more)
    await world.feed.look()
    return key


class Queries:
    """Counts what reaches the database."""

    def __init__(self, world: World) -> None:
        self.count = 0
        event.listen(world.pool.db.engine, "before_cursor_execute", self._one)

    def _one(self, *_arguments: object) -> None:
        self.count += 1


async def test_a_machine_signs_with_its_key(world: World) -> None:
    key = await made(world)
    assert key.key.id.startswith("AKIA")
    found = await world.resolve(key.key.id)
    assert found.secret_key == key.secret_key
    assert (found.principal.role, found.principal.access_key) == ("backend", key.key.id)
    assert (found.principal.subject, found.principal.claims) == (None, {})
    assert ("access_key_created", "success") in await world.audited()


async def test_a_key_is_for_a_role_that_there_is(world: World) -> None:
    with pytest.raises(RoleUnknown, match="florist"):
        await world.service.keys.create("admin", source=LOCAL)


async def test_the_secret_lies_sealed_and_only_in_its_own_row(world: World) -> None:
    first, second = await made(world), await made(world)
    first_row = sa.select(access_keys.c.secret).where(access_keys.c.id == first.key.id)
    stored = await world.pool.db.read(lambda connection: connection.execute(first_row).scalar_one())
    assert first.secret_key.reveal().encode() not in stored
    swapped = access_keys.update().where(access_keys.c.id == second.key.id).values(secret=stored)
    await world.pool.db.tx(lambda connection: connection.execute(swapped).rowcount)
    with pytest.raises(NotSealedHere):
        await world.resolve(second.key.id)


async def test_the_secret_is_sealed_again_with_a_new_project_secret(world: World) -> None:
    old = Secrets.generate()
    pool = replace(world.pool, secrets=Secrets(old))
    service = type(world.service)(
        pool, roles=world.roles, audit=world.service.keys._audit, verify=world.verifier,
        revocations=world.service._sessions._revocations,
    )  # fmt: skip
    key = await service.keys.create("backend", source=LOCAL)
    current = Secrets.generate()
    done = {one.column: one for one in sealed.reseal(pool.db, Secrets(current, [old]), metadata)}
    assert done["access_keys.secret"].resealed == 1
    fresh = ring.KeyRing(replace(pool, secrets=Secrets(current)))
    found = fresh.resolve(key.key.id, world.clock())
    assert (await found).secret_key == key.secret_key  # type: ignore[misc]


async def test_it_is_read_once_and_known_then(world: World) -> None:
    key = await made(world)
    queries = Queries(world)
    await asyncio.gather(*(world.resolve(key.key.id) for _ in range(20)))
    first = queries.count
    for _ in range(100):
        await world.resolve(key.key.id)
    assert queries.count == first
    assert first <= 8  # two reads, with their BEGIN and its like


async def test_a_flood_of_unknown_keys_reaches_the_database_once_a_minute_and_is_not_kept(world: World) -> None:
    await made(world)
    queries = Queries(world)
    for _ in range(5_000):
        with pytest.raises(AccessKeyUnknown):
            await world.resolve("AKIA" + random.token_hex(8).upper())
    assert queries.count <= 4
    assert len(world.service._ring._known) == 0
    assert len(world.service._ring._ids) == 1


@pytest.mark.parametrize("id", ["AKIA", "AKIA'; --", "AKIA" + "A" * 5_000, "", "ASIAAAAAAAAAAAAAAAAA", "akia"])
async def test_an_id_that_is_none_is_refused(world: World, id: str) -> None:
    with pytest.raises((AccessKeyUnknown, SessionTokenInvalid)):
        await world.resolve(id)


async def test_a_key_with_a_session_token_is_no_access_key(world: World) -> None:
    key = await made(world)
    given = world.service.mint("visitor")
    for token in ("", "x", given.session_token):
        with pytest.raises(SessionTokenInvalid):
            await world.resolve(key.key.id, token)


async def test_a_new_key_is_known_when_the_change_is_heard(world: World) -> None:
    with pytest.raises(AccessKeyUnknown):
        await world.resolve("AKIAUNKNOWN")
    key = await world.service.keys.create("backend", source=LOCAL)
    with pytest.raises(AccessKeyUnknown):
        await world.resolve(key.key.id)
    await world.feed.look()
    await world.resolve(key.key.id)


async def test_disabled_enabled_deleted_on_every_worker_that_hears_it(world: World) -> None:
    key = await made(world)
    await world.resolve(key.key.id)
    await world.service.keys.set_enabled(key.key.id, False, source=LOCAL)
    await world.resolve(key.key.id)  # not heard yet
    await world.feed.look()
    for _ in range(2):
        with pytest.raises(AccessKeyDisabled):
            await world.resolve(key.key.id)
    await world.service.keys.set_enabled(key.key.id, True, source=LOCAL)
    await world.feed.look()
    await world.resolve(key.key.id)
    await world.service.keys.delete(key.key.id, source=LOCAL)
    await world.feed.look()
    for _ in range(2):
        with pytest.raises(AccessKeyUnknown):
            await world.resolve(key.key.id)
    events = [event for event, _ in await world.audited()]
    assert events[-3:] == ["access_key_disabled", "access_key_enabled", "access_key_deleted"]


async def test_a_worker_that_hears_nothing_looks_for_itself_after_a_minute(world: World) -> None:
    key = await made(world)
    await world.resolve(key.key.id)
    await world.service.keys.delete(key.key.id, source=LOCAL)
    world.clock.advance(ring.REREAD)
    with pytest.raises(AccessKeyUnknown):
        await world.resolve(key.key.id)


async def test_a_change_that_is_heard_during_a_read_is_not_forgotten(world: World) -> None:
    key = await made(world)
    keys, db = world.service._ring, world.pool.db
    reading = asyncio.ensure_future(keys.resolve(key.key.id, world.clock()))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    await db.tx(lambda connection: connection.execute(access_keys.update().values(enabled=False)).rowcount)
    keys.hear(Change("access_key", key.key.id, at=world.clock(), until=world.clock() + 60))
    await asyncio.gather(reading, return_exceptions=True)
    with pytest.raises(AccessKeyDisabled):
        await world.resolve(key.key.id)


async def test_a_rotated_key_and_its_successor_are_both_good_for_a_while(world: World) -> None:
    old = await made(world)
    new = await world.service.keys.rotate(old.key.id, overlap=3_600, source=LOCAL)
    await world.feed.look()
    assert (new.key.role, new.key.name) == ("backend", "nightly")
    await world.resolve(old.key.id)
    await world.resolve(new.key.id)
    world.clock.advance(3_600)
    with pytest.raises(CredentialsExpired):
        await world.resolve(old.key.id)
    await world.resolve(new.key.id)


async def test_rotating_never_lengthens_what_ends_earlier(world: World) -> None:
    old = await made(world, expires_at=world.clock() + 60)
    await world.service.keys.rotate(old.key.id, overlap=3_600, source=LOCAL)
    await world.feed.look()
    world.clock.advance(60)
    with pytest.raises(CredentialsExpired):
        await world.resolve(old.key.id)


async def test_the_last_use_is_recorded_once_a_minute(world: World) -> None:
    key = await made(world)
    await world.resolve(key.key.id)
    queries = Queries(world)
    began = world.clock()
    for _ in range(50):
        world.service.note_use(key.key.id, world.clock())
        await world.service.flush()
    assert queries.count <= 3
    assert [one.last_used_at for one in await world.service.keys.all()] == [began]
    world.clock.advance(61)
    await world.resolve(key.key.id)
    world.service.note_use(key.key.id, world.clock())
    world.service.note_use("AKIAUNKNOWN", world.clock())
    await world.service.flush()
    assert [one.last_used_at for one in await world.service.keys.all()] == [began + 61]


async def test_a_late_worker_does_not_turn_the_last_use_back(world: World) -> None:
    key = await made(world)
    other = world.another_worker()
    await world.resolve(key.key.id)
    await other.resolve(key.key.id, None, world.clock())  # type: ignore[misc]
    world.service.note_use(key.key.id, world.clock() + 50)
    other.note_use(key.key.id, world.clock())
    await world.service.flush()
    await other.flush()
    assert [one.last_used_at for one in await world.service.keys.all()] == [world.clock() + 50]


async def test_temporary_credentials_can_be_disabled_by_their_id(world: World) -> None:
    given = await world.given(await world.token(await world.user()))
    await world.who(given)
    world.clock.advance(2)
    await world.service.keys.set_enabled(given["AccessKeyId"], False, source=LOCAL)
    await world.feed.look()
    with pytest.raises(CredentialsRevoked):
        await world.who(given)
    assert ("credentials_revoked", "success") in await world.audited()


async def test_there_is_an_end_to_the_number_of_keys(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portico.identity.credentials.keys.MOST", 2)
    await made(world)
    await made(world)
    with pytest.raises(TooManyAccessKeys):
        await made(world)


async def test_what_is_not_there_cannot_be_changed(world: World) -> None:
    keys = world.service.keys
    for work in (
        keys.set_enabled("AKIANONE", True, source=LOCAL),
        keys.delete("AKIANONE", source=LOCAL),
        keys.rotate("AKIANONE", overlap=0, source=LOCAL),
        keys.set_enabled("ASIANONE", True, source=LOCAL),
    ):
        with pytest.raises(AccessKeyUnknown):
            await work


async def test_uses_are_recorded_when_the_server_stops(world: World) -> None:
    key = await made(world)
    await world.resolve(key.key.id)
    running = asyncio.create_task(world.service.run())
    await asyncio.sleep(0)
    world.service.note_use(key.key.id, world.clock())
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert [one.last_used_at for one in await world.service.keys.all()] == [world.clock()]
