"""What all stores of limits do alike."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from tests.portico.access.throttle.conftest import Stores, admitted, every, take

from portico.access.throttle import Bucket, LimitStore, Taken

SLOW = 1e-6  # tokens a second: nothing that a test would see comes back
SHARED = pytest.mark.parametrize("store_name", ["sqlite", "redis"], indirect=True)  # memory ends with its process
LATER = 4_000_000_000.0  # seconds since the epoch: after the test


def bucket(name: str = "key:acme", capacity: float = 5, rate: float = SLOW) -> Bucket:
    return Bucket(name, capacity, rate)


def quota(name: str = "quota:acme", limit: float = 5, keep: float = LATER) -> Bucket:
    return Bucket(name, limit, 0.0, keep)


def about(*levels: float | None) -> Any:
    return pytest.approx(levels, abs=0.01)


async def test_a_bucket_admits_its_burst_and_no_more(store: LimitStore):
    assert [(await take(store, bucket())).admitted for _ in range(7)] == [True] * 5 + [False] * 2


async def test_levels_are_told_with_the_cost_where_it_was_taken_and_without_it_where_it_was_not(store: LimitStore):
    assert (await take(store, bucket(capacity=3), cost=2)).levels == about(2)
    assert (await take(store, bucket(capacity=3), cost=2)).levels == about(2)


async def test_all_buckets_are_taken_from_or_none(store: LimitStore):
    tight, wide = bucket("key:a", 1), bucket("project", 100)
    assert await take(store, wide, tight) == Taken(True, about(1, 1))
    assert await take(store, wide, tight) == Taken(False, about(1, 1))
    assert await take(store, tight, wide) == Taken(False, about(1, 1))
    assert await store.read([wide, tight]) == about(1, 1)


async def test_a_refusal_makes_nothing_of_buckets_that_were_not_there(store: LimitStore):
    assert await take(store, bucket("key:b"), bucket("key:c", 0.5)) == Taken(False, about(0, 0))
    assert await store.read([bucket("key:b"), bucket("key:c")]) == about(0, 0)


async def test_tokens_come_back_with_time_and_never_beyond_the_capacity(stores: Stores, store: LimitStore):
    fast = bucket(rate=0.1)
    assert await admitted(store, fast, times=7) == 5
    await stores.pass_time(20)
    assert await admitted(store, fast, times=7) == 2
    await stores.pass_time(100_000)
    assert await admitted(store, fast, times=7) == 5


async def test_costs_may_be_any_number(store: LimitStore):
    assert (await take(store, bucket(), cost=2.5)).levels == about(2.5)
    assert (await take(store, bucket(), cost=0)).admitted
    assert (await take(store, bucket(), cost=2.5)).levels == about(5)
    assert not (await take(store, bucket(), cost=0.01)).admitted


async def test_a_cost_beyond_the_capacity_is_never_admitted_and_takes_nothing(store: LimitStore):
    assert await take(store, bucket(), cost=6) == Taken(False, about(0))
    assert await admitted(store, bucket(), times=6) == 5


async def test_a_quota_admits_nothing_before_it_is_seeded(store: LimitStore):
    assert await take(store, bucket(), quota()) == Taken(False, about(0, None))
    assert await store.read([bucket(), quota()]) == about(0, None)
    await store.seed([(quota(), 3)])
    assert await take(store, bucket(), quota()) == Taken(True, about(1, 4))
    assert [await admitted(store, quota(), times=3), *await store.read([quota()])] == [1, 5]


async def test_a_quota_does_not_come_back(stores: Stores, store: LimitStore):
    await store.seed([(quota(), 0)])
    assert await admitted(store, quota(), times=6) == 5
    await stores.pass_time(1_000_000)
    assert await admitted(store, quota(), times=1) == 0


async def test_a_quota_is_exact_however_large(store: LimitStore):
    large = quota(limit=2.0**52)
    await store.seed([(large, 2.0**52 - 2)])
    assert await admitted(store, large, times=4) == 2
    assert await store.read([large]) == (2.0**52,)


async def test_seeding_only_raises(store: LimitStore):
    one, another = quota("quota:1", 9), quota("quota:2", 9)
    await store.seed([(one, 4), (another, 1)])
    await store.seed([(one, 3), (another, 2)])
    await store.seed([])
    assert await store.read([one, another]) == (4, 2)


async def test_many_are_seeded_and_read_at_once(store: LimitStore):
    many = [quota(f"quota:{number}", 9) for number in range(1_200)]
    await store.seed([(one, float(number)) for number, one in enumerate(many)])
    assert await store.read(many) == tuple(range(1_200))
    assert await store.read([]) == ()


async def test_what_is_full_again_is_forgotten_and_what_is_not_is_kept(stores: Stores, store: LimitStore):
    fast, slow, over = bucket("key:fast", rate=10), bucket("key:slow", rate=0.001), quota(keep=1_000_000.0 + 100)
    await store.seed([(over, 1), (quota("quota:on"), 2)])
    await admitted(store, fast, slow, times=2)
    await store.sweep()
    assert await store.read([slow, over]) == about(2, 1)  # Redis keeps what is over for a second
    await stores.pass_time(200)
    await store.sweep()
    assert await store.read([fast, slow, over, quota("quota:on")]) == about(0, 1.8, None, 2)


async def test_a_clock_that_steps_back_a_little_gives_nothing_and_takes_nothing(stores: Stores, store: LimitStore):
    fast = bucket(rate=0.5)
    assert await admitted(store, fast, times=5) == 5
    await stores.pass_time(-0.8)
    assert await admitted(store, fast, times=1) == 0
    await stores.pass_time(2.9)  # 2.1 since the last
    assert await admitted(store, fast, times=3) == 1


async def test_a_clock_that_was_set_back_begins_anew_from_there(stores: Stores, store: LimitStore):
    """The bucket is used up, so nothing is admitted in which the new time could be kept beside."""
    fast = bucket(rate=0.1)
    assert await admitted(store, fast, times=5) == 5
    await stores.pass_time(-500_000)
    assert await admitted(store, fast, times=1) == 0
    await stores.pass_time(20)
    assert await admitted(store, fast, times=3) == 2


async def test_a_clock_that_was_set_back_is_noticed_by_a_sweep_or_a_take(stores: Stores, store: LimitStore):
    fast = bucket(rate=1)
    await admitted(store, fast, times=5)
    await stores.pass_time(-500_000)
    await store.sweep()
    await take(store, fast, cost=99)
    await stores.pass_time(10)
    assert await store.read([fast]) == about(0)


async def test_a_clock_that_jumps_forward_gives_one_burst(stores: Stores, store: LimitStore):
    fast = bucket(rate=10)
    await admitted(store, fast, times=5)
    await stores.pass_time(500_000_000)
    assert await admitted(store, bucket(), times=9) == 5


@SHARED
async def test_a_restart_changes_nothing(stores: Stores):
    first = stores.open()
    await first.seed([(quota(), 3)])
    await admitted(first, bucket(), quota(), times=1)
    await first.close()
    assert await take(stores.open(), bucket(), quota()) == Taken(True, about(2, 5))


@SHARED
async def test_two_that_are_open_share_what_they_keep(stores: Stores):
    one, another = stores.open(), stores.open()
    assert await admitted(one, bucket(), times=3) + await admitted(another, bucket(), times=3) == 5


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", "é" * 300, "{a}", "}{", "a\0b", "a\nb", "'; DROP TABLE buckets; --", "%s%n", "*", "\ud800",
     "half\udfff", '"]] redis.call("FLUSHALL") --', "\r\nFLUSHALL\r\n", "🔑", "x" * 100_000],
)  # fmt: skip
async def test_any_text_is_a_name(store: LimitStore, name: str):
    beside = Bucket(name + "!", 2, SLOW)
    assert await take(store, beside) == Taken(True, about(1))
    assert await admitted(store, Bucket(name, 2, SLOW), beside, times=3) == 1
    await store.seed([(quota("quota:" + name), 2)])
    await store.sweep()
    assert await store.read([Bucket(name, 2, SLOW), beside, quota("quota:" + name)]) == about(1, 2, 2)


async def test_many_at_once_on_one_loop_are_held_to_the_limit_together(store: LimitStore):
    wide = bucket("project", 70)
    requests = [((bucket(f"key:{number % 10}", 10), wide), 1.0) for number in range(1_000)]
    taken = await every(store, requests)
    assert sum(one.admitted for one in taken) == 70
    levels = await store.read([wide, *(bucket(f"key:{number}", 10) for number in range(10))])
    assert levels[0] == pytest.approx(70, abs=0.01) == pytest.approx(sum(filter(None, levels[1:])), abs=0.01)


async def test_requests_are_decided_in_their_order(store: LimitStore):
    taken = await every(store, [((bucket(capacity=20),), 1.0)] * 30)
    assert [one.admitted for one in taken] == [True] * 20 + [False] * 10
    assert [round(one.levels[0] or 0) for one in taken] == [*range(1, 21)] + [20] * 10


async def test_more_buckets_than_usual_are_no_difficulty(store: LimitStore):
    many = [bucket(f"key:{number}", number + 1) for number in range(40)]
    assert await take(store, *many) == Taken(True, about(*[1] * 40))
    assert not (await take(store, *many)).admitted


async def test_a_plan_may_change_its_numbers(stores: Stores, store: LimitStore):
    assert await admitted(store, bucket(capacity=5), times=5) == 5
    assert await take(store, bucket(capacity=6, rate=0.1)) == Taken(True, about(6))
    assert await take(store, bucket(capacity=2, rate=0.1)) == Taken(False, about(6))
    await stores.pass_time(50)
    assert await take(store, bucket(capacity=2, rate=0.1)) == Taken(True, about(2))


@pytest.mark.parametrize("store_name", ["redis"], indirect=True)
async def test_real_time_gives_back_what_the_rate_says(stores: Stores):
    """By the server's own clock; the others take one, and are tested with it."""
    store, fast = stores.open(), Bucket("key:real", 10, 50.0)
    await take(store, fast, cost=10)
    begun = time.monotonic()
    await asyncio.sleep(0.1)
    (left,) = await store.read([fast])
    assert left is not None
    assert 10 - (time.monotonic() - begun) * 50 - 2 <= left <= 5.5
