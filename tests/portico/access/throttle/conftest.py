"""The three stores, each as tests see it: how to open it (again), and how time passes for it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.portico import redis
from tests.portico.clocks import ManualClock

from portico.access.throttle import Bucket, LimitStore, MemoryStore, Taken
from portico.access.throttle.redis import RedisStore
from portico.access.throttle.sqlite import SQLiteStore
from portico.secret import Secret

NAMES = ["memory", "sqlite", "redis"]
PATIENCE = 10.0  # seconds: a machine that stands still for a moment is no fault of what is tested


@dataclass
class Stores:
    """Opens stores that share what they keep, and ends them."""

    name: str
    another: Callable[[], LimitStore]
    pass_time: Callable[[float], Awaitable[None]]  # seconds, also backwards
    opened: list[LimitStore] = field(default_factory=list)

    def open(self) -> LimitStore:
        store = self.another()
        self.opened.append(store)
        return store


async def take(store: LimitStore, *buckets: Bucket, cost: float = 1.0) -> Taken:
    """However the store answers."""
    taken = store.take(buckets, cost)
    return await taken if inspect.isawaitable(taken) else taken


async def admitted(store: LimitStore, *buckets: Bucket, times: int, cost: float = 1.0) -> int:
    """How many of so many requests are."""
    return sum([(await take(store, *buckets, cost=cost)).admitted for _ in range(times)])


@pytest.fixture(params=NAMES)
def store_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def stores(
    store_name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Stores]:
    clock = ManualClock(now=1_000_000.0)

    async def advance(seconds: float) -> None:
        clock.advance(seconds)

    if store_name == "memory":
        stores = Stores(store_name, lambda: MemoryStore(clock, wall=clock), advance)
    elif store_name == "sqlite":
        stores = Stores(store_name, lambda: SQLiteStore(tmp_path / "limits", clock, wall=clock), advance)
    else:
        server: redis.Server = request.getfixturevalue("redis_server")
        monkeypatch.setattr("portico.access.throttle.redis.TIMEOUT", PATIENCE)
        prefix = server.prefix()

        async def age(seconds: float) -> None:
            """The server's clock cannot be set, so what it keeps is made older, and forgotten sooner."""
            with server.client() as client:
                for key in client.scan_iter(f"{{portico:{prefix}}}:*"):
                    level, at = client.get(key).split()
                    left = client.pttl(key)
                    assert left > 0, "everything is forgotten some time"
                    if left <= seconds * 1000:
                        client.delete(key)
                    else:
                        later = max(int(left - seconds * 1000), 1)
                        client.set(key, b"%s %.17g" % (level, float(at) - seconds), px=later)

        stores = Stores(store_name, lambda: RedisStore(Secret(server.url), prefix), age)
    yield stores
    for store in stores.opened:
        await store.close()


@pytest.fixture
def store(stores: Stores) -> LimitStore:
    return stores.open()


def every(store: LimitStore, requests: Sequence[tuple[Sequence[Bucket], float]]) -> Awaitable[list[Taken]]:
    """Many at once, on one loop."""
    return asyncio.gather(*(take(store, *buckets, cost=cost) for buckets, cost in requests))
