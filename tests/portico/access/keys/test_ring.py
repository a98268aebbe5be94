"""What every worker asks: which key a secret stands for."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from tests.portico.access.keys.conftest import Queries, World

from portico import config
from portico.access.keys import (
    ApiKey,
    ApiKeyDisabled,
    ApiKeyExpired,
    ApiKeyUnknown,
    KeySecret,
    NewApiKey,
    digest,
    form,
    ring,
)
from portico.access.keys import repository as keys
from portico.access.keys.repository import StoredSecret
from portico.access.keys.ring import KeyRing, Known
from portico.access.keys.service import new_id
from portico.access.keys.tables import api_key_secrets, api_keys
from portico.identity.source import LOCAL
from portico.store import Database, DatabaseUnavailable, NotSealedHere, Secrets, StoreError
from portico.store.feed import Change, publish


async def test_a_key_is_read_once_and_known_then(world: World, queries: Queries) -> None:
    made = await world.made()
    queries.count = 0
    found = await asyncio.gather(*(world.resolve(made) for _ in range(50)))
    first = queries.count
    assert first <= 3  # the pepper, the digests, the key
    assert len({id(known) for known in found}) == 1
    for _ in range(100):
        assert world.ring.resolve(made.secret.reveal().encode(), world.clock()) is found[0]
    assert queries.count == first


async def test_a_flood_of_unknown_secrets_reaches_the_database_once_a_minute_and_is_not_kept(
    world: World, queries: Queries
) -> None:
    await world.made()
    queries.count = 0
    for _ in range(2_000):
        with pytest.raises(ApiKeyUnknown):
            await world.resolve(form.new_secret().reveal())
    assert queries.count <= 2
    sizes = (world.ring._known, world.ring._fresh, world.ring._secrets_of, world.ring._reading, world.ring._uses)
    assert [len(one) for one in sizes] == [0] * 5
    assert len(world.ring._shorts) == 1


async def test_a_project_without_keys_asks_once_a_minute(world: World, queries: Queries) -> None:
    for _ in range(100):
        with pytest.raises(ApiKeyUnknown):
            await world.resolve(form.new_secret().reveal())
    assert queries.count <= 2


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "secret", [b"", b"pk_", b"x" * 19, b"x" * 129, b"x" * 1_000_000, b"\xff" * 52, b"a b" * 10, b"pk_" + b"0" * 49]
)
async def test_what_can_be_no_secret_is_refused_without_any_look_up(
    world: World, secret: bytes, queries: Queries
) -> None:
    for _ in range(2):
        with pytest.raises(ApiKeyUnknown):
            world.ring.resolve(secret, world.clock())
        await world.made()
        queries.count = 0
    assert queries.count == 0


async def test_every_worker_hears_of_what_changes(world: World) -> None:
    here, there = world.worker(), world.worker()
    made = await world.made()
    for worker in (here, there):
        assert (await world.resolve(made, worker.ring)).key.name == "acme"
    await world.keys.change(made.key.id, name="other", source=LOCAL)
    await there.feed.look()
    assert (await world.resolve(made, here.ring)).key.name == "acme"  # has not heard yet
    assert (await world.resolve(made, there.ring)).key.name == "other"
    await world.keys.set_enabled(made.key.id, False, source=LOCAL)
    await world.heard()
    for worker in (here, there):
        with pytest.raises(ApiKeyDisabled):
            await world.resolve(made, worker.ring)


async def test_a_second_process_hears_within_two_seconds(
    world: World, database_settings: config.Database, tmp_path: Path
) -> None:
    async def is_known(made: NewApiKey, ring: KeyRing) -> bool:
        try:
            return bool(await world.resolve(made, ring))
        except ApiKeyUnknown:
            return False

    other = Database.open(database_settings, root=tmp_path)
    worker = world.worker(replace(world.state, db=other))
    try:
        await worker.feed.start()
        for _ in range(2):  # before there is any key, and when there are
            with pytest.raises(ApiKeyUnknown):
                await world.resolve(form.new_secret().reveal(), worker.ring)
            made = await world.keys.create("acme", [], source=LOCAL)
            async with asyncio.timeout(2):
                while not await is_known(made, worker.ring):  # noqa: ASYNC110 - it is another process that changes
                    await asyncio.sleep(0.02)  # between two looks, not to pass
        await world.keys.delete(made.key.id, source=LOCAL)
        async with asyncio.timeout(2):
            while await is_known(made, worker.ring):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    finally:
        await worker.feed.stop()
        other.close()


async def test_a_new_key_is_known_when_the_change_is_heard_without_reading_all(world: World, queries: Queries) -> None:
    await world.resolve(await world.made())
    await world.heard()
    made = await world.keys.create("other", [], source=LOCAL)
    with pytest.raises(ApiKeyUnknown):
        await world.resolve(made)
    await world.heard()
    queries.count = 0
    await world.resolve(made)
    assert queries.count == 1


async def test_an_import_is_heard_and_all_are_read_anew(world: World) -> None:
    made = await world.made()
    before = await world.resolve(made)
    await world.state.db.tx(lambda connection: connection.execute(api_keys.update().values(name="imported")).rowcount)
    secret = await stored(world, "late")
    await world.state.db.tx(publish, Change("api_keys", "*", at=world.clock(), until=world.clock() + 60))
    with pytest.raises(ApiKeyUnknown):
        await world.resolve(secret)
    await world.heard()
    assert (await world.resolve(secret)).key.name == "late"
    after = await world.resolve(made)
    assert (after.key.name, after is before) == ("imported", False)


async def stored(world: World, name: str, secret: str = "") -> str:
    """A key that nobody is told of."""
    secret = secret or form.new_secret().reveal()
    key = ApiKey(id=new_id(), name=name, created_at=world.clock())

    def work(connection: object) -> None:
        found = digest.find_or_make(connection, world.state.secrets).of(secret.encode())  # type: ignore[arg-type]
        told = KeySecret(hint="", created_at=world.clock())
        keys.add(connection, [key])  # type: ignore[arg-type]
        keys.add_secrets(connection, [(StoredSecret(found, key.id, None), told)])  # type: ignore[arg-type]

    await world.state.db.tx(work)
    return secret


async def test_a_worker_that_hears_nothing_looks_for_itself_after_a_minute(world: World) -> None:
    made = await world.made()
    await world.resolve(made)
    await world.keys.delete(made.key.id, source=LOCAL)
    other = await stored(world, "other")
    world.clock.advance(ring.REREAD)
    with pytest.raises(ApiKeyUnknown):
        await world.resolve(made)
    await world.resolve(other)


async def test_what_the_gateway_concluded_stays_as_long_as_the_key(world: World) -> None:
    made = await world.made()
    known = await world.resolve(made)
    known.takes["shop"] = "compiled"
    world.ring.note_use(known, world.clock())
    await world.ring.flush()
    world.clock.advance(ring.REREAD)
    assert await world.resolve(made) is known  # read again, and nothing but its last use has changed
    await world.keys.change(made.key.id, plans=["gold"], source=LOCAL)
    await world.heard()
    after = await world.resolve(made)
    assert (after.key.plans, after.takes) == (("gold",), {})
    after.takes["shop"] = "compiled"
    await world.state.db.tx(lambda connection: connection.execute(api_keys.update().values(name="x")).rowcount)
    world.clock.advance(ring.REREAD)
    assert (await world.resolve(made)).takes == {}


async def test_a_change_that_is_heard_during_a_read_is_not_forgotten(world: World) -> None:
    made = await world.made()
    await world.resolve(await world.made("other"))
    reading = asyncio.ensure_future(world.resolve(made))
    await asyncio.sleep(0)
    await world.state.db.tx(lambda connection: connection.execute(api_keys.update().values(enabled=False)).rowcount)
    world.ring.hear(Change("api_key", made.key.id, at=world.clock(), until=world.clock() + 60))
    await asyncio.gather(reading, return_exceptions=True)
    with pytest.raises(ApiKeyDisabled):
        await world.resolve(made)


async def test_who_goes_away_during_a_read_ends_it_for_nobody_else(world: World) -> None:
    made = await world.made()
    first, second = (asyncio.ensure_future(world.resolve(made)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).key.id == made.key.id


async def test_a_key_ends_at_its_time(world: World) -> None:
    made = await world.made(expires_at=world.clock() + 10)
    known = await world.resolve(made)
    assert known.lasts_until == world.clock() + 10
    world.clock.advance(9.9)
    assert await world.resolve(made) is known
    world.clock.advance(0.1)
    for _ in range(2):
        with pytest.raises(ApiKeyExpired):
            await world.resolve(made)
    await world.keys.change(made.key.id, expires_at=None, source=LOCAL)
    await world.heard()
    await world.resolve(made)


async def test_when_the_database_is_away_known_keys_go_on_for_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, other = await world.made(), await world.made("other")
    await world.resolve(made)

    async def away(*_arguments: object) -> None:
        raise DatabaseUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(Database, "read", away)
        world.clock.advance(ring.REREAD - 0.1)
        await world.resolve(made)
        with pytest.raises(StoreError):
            await world.resolve(other)
        world.clock.advance(0.1)
        for _ in range(2):
            with pytest.raises(StoreError):
                await world.resolve(made)
        with pytest.raises(StoreError):
            await world.of_user("ada")
        with pytest.raises(StoreError):
            await world.resolve(form.new_secret().reveal())
    await world.resolve(made)
    await world.resolve(other)


async def test_digests_of_another_project_secret_let_nobody_in(world: World) -> None:
    made = await world.made()
    with pytest.raises(NotSealedHere):
        await world.resolve(made, KeyRing(world.with_secrets(Secrets(Secrets.generate()))))


async def test_the_last_ones_are_kept_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "ENTRIES", 2)
    made = [await world.made(f"k{n}") for n in range(4)]
    for one in made:
        await world.resolve(one)
        await world.of_user(one.key.id)
    assert [len(one) for one in (world.ring._known, world.ring._secrets_of, world.ring._bound)] == [2, 2, 2]
    for one in made:
        await world.keys.delete(one.key.id, source=LOCAL)
    await world.heard()
    assert [len(one) for one in (world.ring._known, world.ring._secrets_of, world.ring._bound)] == [0, 0, 0]
    for _ in range(2):
        for one in made:
            with pytest.raises(ApiKeyUnknown):
                await world.resolve(one)  # they are among those that were read; nobody has them any more
    assert [len(one) for one in (world.ring._known, world.ring._secrets_of)] == [2, 0]


async def test_ever_more_new_keys_do_not_grow_memory(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "FRESH", 3)
    await world.resolve(await world.made("first"))
    made = [await world.keys.create(f"k{n}", [], source=LOCAL) for n in range(9)]
    await world.heard()
    assert len(world.ring._fresh) <= 3
    for one in made:
        await world.resolve(one)
    world.ring.hear(Change("token", "x", at=0, until=0, value=["no number"]))


async def test_identities_stand_for_the_oldest_key_of_theirs_that_may_be_used(world: World) -> None:
    assert await world.of_user("ada") is None
    first = await world.made("first", user_id="ada", expires_at=world.clock() + 30)
    world.clock.advance(1)
    second = await world.made("second", user_id="ada", client_id="batch")
    known = await world.of_user("ada")
    assert known is not None
    assert (known.key.id, known.lasts_until) == (first.key.id, first.key.expires_at)
    assert await world.of_user("ada") is known
    assert (await world.of_client("batch")).key.id == second.key.id  # type: ignore[union-attr]
    assert await world.of_user("batch") is None
    world.clock.advance(29)  # the first ends, and nobody says so
    assert (await world.of_user("ada")).key.id == second.key.id  # type: ignore[union-attr]
    await world.keys.set_enabled(second.key.id, False, source=LOCAL)
    await world.heard()
    for _ in range(2):
        with pytest.raises(ApiKeyExpired):
            await world.of_user("ada")
        with pytest.raises(ApiKeyDisabled):
            await world.of_client("batch")
    await world.keys.delete(first.key.id, source=LOCAL)
    await world.keys.delete(second.key.id, source=LOCAL)
    await world.heard()
    assert await world.of_user("ada") is None


async def test_identities_are_read_once(world: World, queries: Queries) -> None:
    await world.made(user_id="ada")
    queries.count = 0
    await asyncio.gather(*(world.of_user("ada") for _ in range(20)))
    for _ in range(20):
        await world.of_user("ada")
        await world.of_user("eve")
    assert queries.count == 2


async def test_the_last_use_is_recorded_once_a_minute(world: World, queries: Queries) -> None:
    made = await world.made()
    known, began = await world.resolve(made), world.clock()
    queries.count = 0
    for _ in range(50):
        world.ring.note_use(known, world.clock())
        await world.ring.flush()
    assert queries.count == 1
    assert (await world.keys.find("acme")).last_used_at == began
    other = world.worker()
    late = await world.resolve(made, other.ring)
    world.ring.note_use(known, began + 100)
    other.ring.note_use(late, began + 70)
    await world.ring.flush()
    await other.ring.flush()
    assert (await world.keys.find("acme")).last_used_at == began + 100  # a late worker does not turn it back


async def test_a_change_keeps_the_last_use(world: World) -> None:
    made = await world.made()
    world.ring.note_use(await world.resolve(made), world.clock())
    await world.ring.flush()
    await world.keys.change(made.key.id, name="other", source=LOCAL)
    assert (await world.keys.find("other")).last_used_at == world.clock()


@pytest.mark.parametrize(
    ("networks", "address", "admitted"),
    [
        ((), "203.0.113.9", True),
        ((), "", True),
        (("203.0.113.0/24",), "203.0.113.9", True),
        (("203.0.113.0/24", "2001:db8::/32"), "2001:db8::1", True),
        (("203.0.113.0/24",), "203.0.114.9", False),
        (("203.0.113.0/24",), "2001:db8::1", False),
        (("0.0.0.0/0",), "testclient", False),
    ],
)
def test_where_a_key_may_be_used_from(networks: tuple[str, ...], address: str, admitted: bool) -> None:
    known = Known(ApiKey(id="key_x", name="x", created_at=0.0, networks=networks), ring.NEVER, 0.0)
    assert known.admits(address) is admitted


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_keys_that_are_at_hand_stay_small(world: World) -> None:
    """All digests, and as many keys at hand as there can be. `make bench` measures a process with 100,000 keys."""
    secrets = await world.state.db.tx(_many, world, 10_000)
    fresh = KeyRing(world.state)
    gc.collect()
    tracemalloc.start()
    for secret in secrets[: ring.ENTRIES + 500]:
        await world.resolve(secret, fresh)
    for n in range(ring.ENTRIES + 500):
        fresh._bound[("user", str(n))] = ring._Bound([], 0.0)
        fresh._uses[f"key_{n}"] = 0.0
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(fresh._shorts) == 10_000
    assert len(fresh._known) == ring.ENTRIES
    assert used < 15_000_000


def _many(connection: object, world: World, count: int) -> list[str]:
    made = digest.find_or_make(connection, world.state.secrets)  # type: ignore[arg-type]
    secrets = [form.new_secret().reveal() for _ in range(count)]
    rows = []
    for n, secret in enumerate(secrets):
        key = ApiKey(
            id=new_id(),
            name=f"partner {n}",
            description="What it is for, in a sentence or two.",
            owner=f"ops{n}@partner.example",
            tags={"team": "shop", "cost": f"c{n % 100}"},
            plans=(f"plan{n % 1_000}",),
            created_at=world.clock() + n,
        )
        rows.append((key, (StoredSecret(made.of(secret.encode()), key.id, None), KeySecret(hint="", created_at=0.0))))
    keys.add(connection, [key for key, _ in rows])  # type: ignore[arg-type]
    keys.add_secrets(connection, [one for _, one in rows])  # type: ignore[arg-type]
    return secrets


async def test_a_beginning_that_two_digests_share_lets_nobody_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.resolve(await world.made())
    monkeypatch.setattr(KeyRing, "_there_may_be", lambda _ring, _found: True)
    with pytest.raises(ApiKeyUnknown):
        await world.resolve(form.new_secret().reveal())
    assert len(await world.rows(api_key_secrets)) == 1
