"""The decision, and that every store decides so."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from tests.portico import redis
from tests.portico.access.throttle.conftest import take
from tests.portico.clocks import ManualClock

from portico.access.throttle import Bucket, MemoryStore, Taken
from portico.access.throttle.bucket import JUMP, State, decide, settle, told, weigh
from portico.access.throttle.redis import RedisStore
from portico.access.throttle.sqlite import Request, SQLiteStore
from portico.secret import Secret

amounts = some.floats(0, 20) | some.integers(0, 20).map(float)
rates = some.sampled_from([0.0, 0.001, 1.0, 7.3, 1000.0])
buckets = some.builds(Bucket, some.sampled_from(["key:a", "key:b", "address:c", "quota:d"]), amounts, rates)
several = some.lists(buckets, min_size=1, max_size=4, unique_by=lambda bucket: bucket.name)
steps = some.sampled_from([0.0, 0.001, 0.4, 30.0, -0.3, -0.99, -1.01, -50.0])
requests = some.tuples(some.sampled_from(["take", "take", "take", "seed"]), several, amounts, steps)


def test_settle_gives_back_what_the_rate_says():
    assert settle(State(5, 10), 2, 11) == State(3, 11)
    assert settle(State(5, 10), 2, 100) == State(0, 100)
    assert settle(State(5, 10), 0, 100) == State(5, 100)


def test_settle_knows_a_little_from_a_lot():
    assert settle(State(5, 10), 2, 10 - JUMP / 2) == State(5, 10)
    assert settle(State(5, 10), 2, 10 - JUMP * 2) == State(5, 10 - JUMP * 2)


def test_settle_of_nothing_is_full_or_not_seeded():
    assert settle(None, 1, 7) == State(0, 7)
    assert settle(None, 0, 7) is None


class Model:
    """What a store is to be: `settle` and `decide`, and a dictionary."""

    def __init__(self) -> None:
        self.states: dict[str, State] = {}

    def take(self, buckets: Sequence[Bucket], cost: float, now: float) -> Taken:
        settled = [settle(self.states.get(bucket.name), bucket.rate, now) for bucket in buckets]
        taken = decide(buckets, settled, cost)
        set_back = any(bucket.name in self.states and now - self.states[bucket.name].at < -JUMP for bucket in buckets)
        for bucket, state, level in zip(buckets, settled, taken.levels, strict=True):
            if (
                state is not None
                and level is not None
                and (taken.admitted or (set_back and bucket.name in self.states))
            ):
                self.states[bucket.name] = State(level, state.at)
        return taken

    def seed(self, buckets: Sequence[Bucket], level: float, now: float) -> None:
        for bucket in buckets:
            state = settle(self.states.get(bucket.name), bucket.rate, now) or State(0.0, now)
            self.states[bucket.name] = State(max(level, state.level), now)


@given(
    several,
    some.dictionaries(some.sampled_from(["key:a", "key:b", "quota:d"]), some.tuples(amounts, some.floats(0, 100))),
    amounts,
    some.floats(0, 100),
)
def test_weigh_is_settle_and_decide(
    buckets: list[Bucket], kept: dict[str, tuple[float, float]], cost: float, now: float
):
    states = [State(*kept[bucket.name]) if bucket.name in kept else None for bucket in buckets]
    settled = [settle(state, bucket.rate, now) for state, bucket in zip(states, buckets, strict=True)]
    admitted, levels, moments, fresh, set_back = weigh(buckets, kept, cost, now)
    assert told(admitted, levels) == decide(buckets, settled, cost)
    assert [at for at, state in zip(moments, settled, strict=True) if state] == [one.at for one in settled if one]
    assert set_back == any(state is not None and now - state.at < -JUMP for state in states)
    assert not admitted or fresh == (None in states)


async def _taken(store: MemoryStore | SQLiteStore, buckets: Sequence[Bucket], cost: float) -> Taken:
    return await take(store, *buckets, cost=cost)


@pytest.mark.parametrize("name", ["memory", "sqlite"])
@settings(max_examples=100)
@given(story=some.lists(requests, max_size=25))
def test_a_store_does_what_the_decision_says(name: str, story: list[tuple[str, list[Bucket], float, float]]):
    clock, model = ManualClock(now=1000.0), Model()
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        store = MemoryStore(clock) if name == "memory" else SQLiteStore(Path(folder) / "limits", clock)
        for kind, buckets, amount, step in story:
            clock.advance(step)
            if kind == "take":
                assert runner.run(_taken(store, buckets, amount)) == model.take(buckets, amount, clock.now)
            else:
                runner.run(store.seed([(bucket, amount) for bucket in buckets]))
                model.seed(buckets, amount, clock.now)
        runner.run(store.close())


@settings(max_examples=100)
@given(turns=some.lists(some.tuples(some.lists(some.tuples(several, amounts), max_size=12), steps), max_size=5))
def test_requests_in_one_transaction_are_decided_one_after_the_other(
    turns: list[tuple[list[tuple[list[Bucket], float]], float]],
):
    clock, model = ManualClock(now=1000.0), Model()
    with tempfile.TemporaryDirectory() as folder:
        store = SQLiteStore(Path(folder) / "limits", clock)
        for asked, step in turns:
            clock.advance(step)
            expected = [model.take(buckets, cost, clock.now) for buckets, cost in asked]
            assert store.take_at_once([Request(buckets, cost) for buckets, cost in asked]) == expected
        asyncio.run(store.close())


@settings(max_examples=60)
@given(story=some.lists(requests, max_size=12))
def test_the_script_of_redis_does_what_the_decision_says(
    redis_server: redis.Server, story: list[tuple[str, list[Bucket], float, float]]
):
    """By the server's clock: what it says lies between the decision just before and the one just after."""
    prefix = redis_server.prefix()

    def moved(bucket: Bucket, step: float) -> State | None:
        """What is kept, made older by so many seconds."""
        key = f"{{portico:{prefix}}}:{bucket.name}"
        value = client.get(key)
        if value is None:
            return None
        level, at = map(float, value.split())
        client.set(key, f"{level!r} {at - step!r}", px=1_000_000)
        return State(level, at - step)

    async def tell() -> None:
        store = RedisStore(Secret(redis_server.url), prefix)
        for kind, buckets, amount, step in story:
            if kind == "seed":
                await store.seed([(bucket, amount) for bucket in buckets if not bucket.rate])
                continue
            states = [moved(bucket, step) for bucket in buckets]
            before = time.time()
            taken = await take(store, *buckets, cost=amount)
            first, last = (
                decide(buckets, [settle(s, b.rate, now) for s, b in zip(states, buckets, strict=True)], amount)
                for now in (before - 1e-5, time.time() + 1e-5)
            )
            if first.admitted != last.admitted:
                continue
            assert taken.admitted == first.admitted
            for most, level, least in zip(first.levels, taken.levels, last.levels, strict=True):
                assert (most is None) == (level is None)
                assert level is None or (most or 0) + 1e-6 >= level >= (least or 0) - 1e-6
        await store.close()

    with redis_server.client() as client:
        asyncio.run(tell())
