"""The store in the process, against those who send from very many addresses."""

from __future__ import annotations

import asyncio
import sys

from tests.portico.clocks import ManualClock

from portico.access.throttle import Bucket, MemoryStore

MOST = 5_000


def failing(number: int) -> tuple[Bucket]:
    """The bucket of failed sign-ins from one address."""
    return (Bucket(f"address:2001:db8::{number:x}", 3, 0.01),)


KEY = (Bucket("key:acme", 10, 0.01),)


def test_a_flood_of_addresses_ends_at_a_number_of_them():
    store = MemoryStore(ManualClock(), most=MOST)
    for number in range(MOST * 6):
        assert store.take(failing(number), 1.0).admitted
        assert len(store) <= MOST + 1
    assert len(store) > MOST // 2


async def test_a_flood_of_addresses_lets_no_key_off():
    store = MemoryStore(ManualClock(), most=MOST)
    quota = Bucket("quota:acme", 1, 0.0)
    await store.seed([(quota, 1)])
    assert [store.take(KEY, 1.0).admitted for _ in range(11)] == [True] * 10 + [False]
    for number in range(MOST * 4):
        store.take(failing(number), 1.0)
    assert not store.take(KEY, 1.0).admitted
    assert await store.read([quota]) == (1,)


def test_an_address_is_let_off_only_after_as_many_others_as_there_is_room_for():
    store = MemoryStore(ManualClock(), most=MOST)
    assert [store.take(failing(0), 1.0).admitted for _ in range(4)] == [True] * 3 + [False]
    for number in range(1, MOST):
        store.take(failing(number), 1.0)
    assert not store.take(failing(0), 1.0).admitted


def test_keys_do_not_count_towards_the_room_of_addresses():
    """Or a project with many keys would forget every address at once, and hold none of them to anything."""
    store = MemoryStore(ManualClock(), most=100)
    for number in range(1_000):
        store.take((Bucket(f"key:{number}", 3, 0.01),), 1.0)
    assert [store.take(failing(1), 1.0).admitted for _ in range(4)] == [True] * 3 + [False]
    assert len(store) == 1_001


def test_refused_requests_leave_nothing():
    store = MemoryStore(ManualClock(), most=MOST)
    for number in range(100):
        assert not store.take((*failing(number), Bucket("project", 0.5, 1)), 1.0).admitted
    assert len(store) == 0


async def test_a_sweep_lets_others_run_and_forgets_what_is_full():
    clock = ManualClock()
    store = MemoryStore(clock, most=100_000)
    for number in range(10_000):
        store.take(failing(number), 1.0)
    clock.advance(101)
    store.take(failing(1), 3.0)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            store.take((Bucket(f"key:{turns}", 3, 0.01),), 1.0)
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    await store.sweep()
    task.cancel()
    assert turns >= 4
    assert len(store) == turns + 1
    assert not store.take(failing(1), 3.0).admitted


def test_what_is_kept_of_a_bucket_is_small():
    store = MemoryStore(ManualClock())
    store.take(failing(1), 1.0)
    (kept,) = store._kept.values()
    assert sys.getsizeof(kept) + 2 * sys.getsizeof(1.5) <= 150
