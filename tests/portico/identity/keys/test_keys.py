"""The keys that sign a pool's tokens, from their first day to their last."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import jwt
import msgspec
import pytest
from joserfc import jwt as joserfc_jwt
from tests.portico.identity.conftest import ManualClock

from portico.identity.audit import AuditLog
from portico.identity.keys import SigningKeys, repository
from portico.identity.keys.service import PUBLISH_AHEAD
from portico.identity.pool import LONGEST, Pool
from portico.identity.settings import PoolSettings
from portico.store import NotSealedHere, Secrets
from portico.store.feed import Feed


@pytest.fixture
def settings() -> PoolSettings:
    return PoolSettings(algorithm="ES256")


@pytest.fixture
async def keys(pool: Pool) -> SigningKeys:
    keys = SigningKeys(pool, audit=AuditLog(pool))
    await keys.start()
    return keys


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_a_pool_signs_with_the_algorithm_that_it_declares(pool: Pool, algorithm: str) -> None:
    pool = replace(pool, settings=msgspec.structs.replace(pool.settings, algorithm=algorithm))
    keys = SigningKeys(pool, audit=AuditLog(pool))
    kid, key = await keys.current()
    token = joserfc_jwt.encode({"alg": algorithm, "kid": kid}, {"sub": "ada"}, key, algorithms=[algorithm])
    public = keys.public_keys_now()[kid]
    assert public.algorithm == algorithm
    assert jwt.decode(token, public.key, algorithms=[public.algorithm])["sub"] == "ada"


async def test_the_key_set_tells_public_parts_only(keys: SigningKeys) -> None:
    (jwk,) = (await keys.jwks())["keys"]
    assert set(jwk) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert jwk["use"] == "sig"


async def test_workers_that_start_at_once_share_one_key(pool: Pool) -> None:
    workers = [SigningKeys(pool, audit=AuditLog(pool)) for _ in range(6)]
    await asyncio.gather(*(worker.start() for worker in workers))
    kids = {(await worker.current())[0] for worker in workers}
    assert len(kids) == 1
    assert len(await pool.db.read(repository.of_pool, "main")) == 1


async def test_a_key_is_published_before_it_signs_and_kept_until_its_last_token_has_expired(
    keys: SigningKeys, clock: ManualClock
) -> None:
    old, _ = await keys.current()
    new = (await keys.rotate()).kid
    assert (await keys.current())[0] == old
    assert {jwk["kid"] for jwk in (await keys.jwks())["keys"]} == {old, new}
    clock.advance(PUBLISH_AHEAD)
    assert (await keys.current())[0] == new
    clock.advance(LONGEST)
    assert old in keys.public_keys_now()
    clock.advance(301)
    assert set(keys.public_keys_now()) == {new}
    assert [jwk["kid"] for jwk in (await keys.jwks())["keys"]] == [new]


async def test_another_worker_hears_of_a_rotation(pool: Pool, keys: SigningKeys, clock: ManualClock) -> None:
    other, feed = SigningKeys(pool, audit=AuditLog(pool)), Feed(pool.db, clock)
    await other.current()
    feed.listen(other.hear)
    clock.advance(1)
    new = (await keys.rotate(ahead=0)).kid
    await feed.look()
    assert (await other.current())[0] == new


async def test_a_stolen_key_is_trusted_by_nobody_from_now_on(keys: SigningKeys) -> None:
    stolen, _ = await keys.current()
    new = (await keys.rotate(withdraw=True)).kid
    assert (await keys.current())[0] == new
    assert stolen not in keys.public_keys_now()


async def test_a_key_that_signs_no_more_loses_its_private_part(
    pool: Pool, keys: SigningKeys, clock: ManualClock
) -> None:
    clock.advance(1)
    await keys.rotate(ahead=0)
    await keys.start()
    old, new = await pool.db.read(repository.of_pool, "main")
    assert old.private is None
    assert new.private is not None


async def test_a_changed_algorithm_is_a_rotation(pool: Pool, keys: SigningKeys, clock: ManualClock) -> None:
    changed = SigningKeys(
        replace(pool, settings=msgspec.structs.replace(pool.settings, algorithm="RS256")), audit=AuditLog(pool)
    )
    await changed.start()
    await changed.start()
    assert [state for _, state in await changed.listed()] == ["active", "published"]
    clock.advance(PUBLISH_AHEAD)
    kid, _ = await changed.current()
    assert changed.public_keys_now()[kid].algorithm == "RS256"


async def test_the_private_part_lies_sealed_in_the_database(pool: Pool, keys: SigningKeys) -> None:
    (stored,) = await pool.db.read(repository.of_pool, "main")
    assert stored.private is not None
    assert pool.secrets.open("signing-key", stored.private, bound_to=stored.kid)
    with pytest.raises(NotSealedHere):
        pool.secrets.open("signing-key", stored.private, bound_to="another")
    stranger = SigningKeys(replace(pool, secrets=Secrets(Secrets.generate())), audit=AuditLog(pool))
    with pytest.raises(NotSealedHere, match="Put that secret back"):
        stranger.check()
    with pytest.raises(NotSealedHere):  # a server with another secret does not even start
        await stranger.start()


async def test_unknown_kids_do_not_flood_the_database(keys: SigningKeys, clock: ManualClock) -> None:
    await keys.refresh()
    before = keys._loaded_at
    clock.advance(1)
    await keys.refresh()
    assert keys._loaded_at == before
    clock.advance(5)
    await keys.refresh()
    assert keys._loaded_at > before


async def test_a_clock_that_was_set_back_leaves_no_pool_without_a_key(
    pool: Pool, keys: SigningKeys, clock: ManualClock
) -> None:
    clock.advance(-3_600)
    kid, _ = await SigningKeys(pool, audit=AuditLog(pool)).current()
    assert kid != (await pool.db.read(repository.of_pool, "main"))[-1].kid
