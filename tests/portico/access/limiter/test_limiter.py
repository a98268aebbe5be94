"""Attacks on the limiter: a store that comes and goes, names from documents, everybody at once at midnight."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.portico.clocks import ManualClock
from tests.portico.gateway.designs import document, operation

from portico import design
from portico.access.account.guesses import Guesses
from portico.access.keys.model import ApiKey
from portico.access.keys.ring import NEVER, Known
from portico.access.limiter import Admission, Limiter, OperationLimiter
from portico.access.plans import Plans
from portico.access.throttle import LimitStoreUnavailable, MemoryStore
from portico.access.usage import Meter
from portico.store import Database, DatabaseUnavailable, Secrets, State

DAY = "plans: {partner: {quota: {limit: 10, period: DAY}}}"


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    """What is tested here is no database."""
    return str(request.param)


class Flaky(MemoryStore):
    """A store that is away when it is told to be."""

    away = False

    def take(self, buckets: Any, cost: float) -> Any:
        if self.away:
            raise LimitStoreUnavailable("it is away")
        return super().take(buckets, cost)


class Frail(Meter):
    """Counts the questions to the database, and fails when it is told to."""

    broken = False
    asked = 0

    async def held(self, wanted: Any) -> Any:
        self.asked += 1
        if self.broken:
            raise DatabaseUnavailable("it is away")
        return await super().held(wanted)


class World:
    def __init__(self, root: Path, database: Database, clock: ManualClock) -> None:
        self.root, self.clock = root, clock
        self.meter = Frail(State(root, database, Secrets(Secrets.generate()), clock))
        self.store = Flaky()

    def limit(self, plans: str, id: str = "talk") -> OperationLimiter:
        (self.root / "auth").mkdir(exist_ok=True)
        (self.root / "auth/plans.yaml").write_text(plans)
        api = design.read(document({"/talk": {"get": operation(id)}}), root=self.root, name="api")
        loaded = Plans.load(self.root, [api])
        assert loaded is not None
        self.plans = loaded
        self.limiter = Limiter(loaded, self.store, self.meter, clock=self.clock)
        return self.limiter.of("api", id)

    def key(self, name: str = "key_1", **more: Any) -> Known:
        return Known(ApiKey(id=name, name="acme", plans=("partner",), created_at=0.0, **more), NEVER, self.clock())


@pytest.fixture
def world(tmp_path: Path, database: Database, clock: ManualClock) -> World:
    return World(tmp_path, database, clock)


async def call(operation: OperationLimiter, key: Known) -> Admission:
    found = operation.admit(key, lambda _x, _per: None, None)
    assert found is not None
    return found if isinstance(found, Admission) else await found


async def test_a_store_that_comes_and_goes_fills_no_bucket(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portico.access.limiter.limiter.AGAIN", 0.0)
    talk, key = world.limit("plans: {partner: {throttle: {rate: 0.001, burst: 3}}}"), world.key()
    admitted = 0
    for _ in range(20):
        world.store.away = True
        for _ in range(5):
            admitted += (await call(talk, key)).admitted
        world.store.away = False
        admitted += (await call(talk, key)).admitted
        assert world.limiter._recovering is not None
        await world.limiter._recovering
    assert admitted <= 6  # one burst of the store, one of this process without it


async def test_what_could_not_be_told_to_the_store_is_told_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portico.access.limiter.limiter.AGAIN", 0.0)
    talk, key = world.limit(DAY), world.key()
    await call(talk, key)
    world.store.away = True
    for _ in range(4):
        await call(talk, key)
    world.store.away, world.meter.broken = False, True
    await call(talk, key)  # it is back, and the database is away
    assert world.limiter._recovering is not None
    await world.limiter._recovering
    world.meter.broken = False
    working = asyncio.create_task(world.limiter.run())
    buckets, level = talk._take(key, world.clock(), {}).buckets, 0.0
    for _ in range(200):
        (known,) = await world.store.read(buckets)
        level = known or 0.0
        if level == 6.0:
            break
        await asyncio.sleep(0.05)
    working.cancel()
    assert level == 6.0


async def test_what_was_allowed_without_the_store_counts_when_it_is_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portico.access.limiter.limiter.AGAIN", 0.0)
    talk = world.limit("plans: {partner: {on_store_failure: allow, quota: {limit: 10, period: DAY}}}")
    key = world.key()
    await call(talk, key)
    world.store.away = True
    assert all([(await call(talk, key)).admitted for _ in range(12)])
    world.store.away = False
    await call(talk, key)  # notices that it is back
    assert world.limiter._recovering is not None
    await world.limiter._recovering
    assert not (await call(talk, key)).admitted


async def test_all_keys_together_at_the_beginning_of_a_day_ask_the_database_a_few_times(world: World) -> None:
    """One after the other they would wait for seconds: each question is a transaction."""
    talk = world.limit(DAY)
    keys = [world.key(f"key_{number}") for number in range(300)]
    same = [world.key("key_same", quota_revision=1)] * 300
    found = await asyncio.gather(*(call(talk, key) for key in (*keys, *same)))
    assert sum(one.admitted for one in found) == 300 + 10
    assert world.meter.asked <= 10


async def test_who_asks_with_others_hears_of_a_failure(world: World) -> None:
    talk = world.limit(DAY)
    world.meter.broken = True
    found = await asyncio.gather(*(call(talk, world.key(f"key_{n}")) for n in range(5)), return_exceptions=True)
    assert [type(one) for one in found] == [DatabaseUnavailable] * 5
    world.meter.broken = False
    assert (await call(talk, world.key())).admitted


async def test_who_goes_away_while_it_is_asked_takes_nobody_along(world: World) -> None:
    talk = world.limit(DAY)
    tasks = [asyncio.create_task(call(talk, world.key(f"key_{number}"))) for number in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert [one.admitted for one in found[1:] if isinstance(one, Admission)] == [True, True]


@pytest.mark.parametrize(
    ("id", "told"), [("50%d off", "50%d off"), ('a"b\\c', 'a\\"b\\\\c'), ("ordér\r\nx: y", "ord?r??x: y")]
)
async def test_no_operation_id_breaks_the_fields(world: World, id: str, told: str) -> None:
    talk = world.limit("plans: {partner: {throttle: {rate: 1, burst: 3}}}", id)
    plan, name = world.plans.all["partner"], f"api.{id}"
    world.plans.all = {"partner": replace(plan, operations={name: replace(plan.own, name=f"partner/{name}")})}
    (limit, policy) = (await call(talk, world.key())).fields
    assert limit[1].decode("ascii") == f'"partner/api.{told}";r=2;t=1, "partner";r=2;t=1'
    assert policy[1].decode("ascii") == f'"partner/api.{told}";q=3;w=3, "partner";q=3;w=3'


async def test_a_limit_that_is_called_account_holds_nobody_back_from_the_page_of_keys(world: World) -> None:
    talk = world.limit(f"{DAY}\nlimits: [{{id: account, per: address, throttle: {{rate: 100, burst: 200}}}}]")
    for _ in range(20):
        pending = talk.admit(None, lambda _x, _per: "192.0.2.7", None)
        assert isinstance(pending, Admission)
    await Guesses(world.store).check("192.0.2.7")
