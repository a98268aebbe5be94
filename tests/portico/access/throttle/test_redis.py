"""The store in Redis, when the server is not what it should be."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.portico import redis
from tests.portico.access.throttle.conftest import admitted, every, take

from portico.access.throttle import Bucket, LimitStoreUnavailable, MemoryStore, store_for
from portico.access.throttle import redis as module
from portico.access.throttle.redis import RedisStore
from portico.access.throttle.sqlite import SQLiteStore
from portico.errors import ConfigError
from portico.secret import Secret

ONE = Bucket("key:acme", 5, 1e-6)
QUOTA = Bucket("quota:acme", 5, 0.0, keep=4_000_000_000.0)


@pytest.fixture
def own_server() -> Iterator[redis.Server]:
    """A server that this test may do anything to."""
    try:
        with redis.running() as server:
            yield server
    except redis.Unavailable as error:
        pytest.skip(str(error))


@asynccontextmanager
async def opened(url: str, prefix: str = "p") -> AsyncIterator[RedisStore]:
    store = RedisStore(Secret(url), prefix)
    yield store
    await store.close()


async def heard() -> None:
    """The loop hears of connections that have ended, as it does when it has nothing else to do."""
    for _ in range(5):
        await asyncio.sleep(0.001)


@pytest.fixture
def rested(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets the time pass in which a server that failed is left alone."""
    later = itertools.count(1)
    real = time.monotonic

    def rest() -> None:
        seconds = next(later) * module.REST
        monkeypatch.setattr("portico.access.throttle.redis.time.monotonic", lambda: real() + seconds)

    return rest


async def test_what_waits_goes_together_in_one_call(redis_server: redis.Server):
    async with opened(redis_server.url, redis_server.prefix()) as store:
        await take(store, ONE)
        with redis_server.client() as client:
            before = client.info("commandstats")["cmdstat_evalsha"]["calls"]
            taken = await every(store, [((Bucket(f"key:{number}", 5, 1.0), ONE), 1.0) for number in range(500)])
            assert client.info("commandstats")["cmdstat_evalsha"]["calls"] - before <= 3
        assert sum(one.admitted for one in taken) == 4


async def test_all_names_have_one_hash_tag_and_expire(redis_server: redis.Server):
    prefix = redis_server.prefix()
    async with opened(redis_server.url, prefix) as store:
        await store.seed([(QUOTA, 1)])
        await take(store, ONE, Bucket("{other}:key", 5, 0.01), Bucket("key:fast", 5, 1e9), QUOTA)
        with redis_server.client() as client:
            names = {name.decode(): client.pttl(name) for name in client.scan_iter(f"*{prefix}}}*")}
    assert set(names) == {
        f"{{portico:{prefix}}}:{name}" for name in ("key:acme", "{other}:key", "key:fast", "quota:acme")
    }
    left = {name.split("}:", 1)[1]: milliseconds for name, milliseconds in names.items()}
    assert 0 < left["key:fast"] <= 2_000
    assert 99_000 < left["{other}:key"] <= 102_000
    assert left["key:acme"] > 900_000_000
    assert left["quota:acme"] > 31_000_000_000


async def test_prefixes_cannot_leave_their_tag(redis_server: redis.Server):
    async with opened(redis_server.url, "a}b{c") as store:
        await take(store, ONE)
        with redis_server.client() as client:
            assert client.exists("{portico:a_b_c}:key:acme")


async def test_projects_with_other_prefixes_have_other_limits(redis_server: redis.Server):
    async with (
        opened(redis_server.url, redis_server.prefix()) as one,
        opened(redis_server.url, redis_server.prefix()) as another,
    ):
        assert [await admitted(one, ONE, times=9), await admitted(another, ONE, times=9)] == [5, 5]


async def test_a_server_that_hangs_is_told_in_time_and_then_left_alone(
    own_server: redis.Server, rested: Callable[[], None]
):
    async with opened(own_server.url) as store:
        await take(store, ONE)
        with own_server.hanging():
            begun = time.perf_counter()
            failures = await asyncio.gather(*(take(store, ONE) for _ in range(600)), return_exceptions=True)
            assert {type(one) for one in failures} == {LimitStoreUnavailable}
            assert "does not answer within 0.25 s" in str(failures[0])
            for _ in range(100):
                with pytest.raises(LimitStoreUnavailable):
                    await take(store, ONE)
            assert time.perf_counter() - begun < 3, "nobody waited for its own timeout"
        rested()
        other = Bucket("key:other", 3, 1e-6)
        assert [round((await take(store, other)).levels[0] or 0) for _ in range(3)] == [1, 2, 3], "no answer of before"


async def test_a_server_that_dies_and_comes_back_is_used_again(own_server: redis.Server, rested: Callable[[], None]):
    async with opened(own_server.url) as store:
        await take(store, ONE)
        own_server.stop()
        with pytest.raises(LimitStoreUnavailable, match="cannot be used"):
            await take(store, ONE)
        rested()
        with pytest.raises(LimitStoreUnavailable, match="cannot be used"):
            await store.read([ONE])
        own_server.start()
        rested()
        assert (await take(store, ONE)).levels == (1,), "it has forgotten, and the script too"


async def test_a_server_that_restarts_between_two_requests_costs_none(own_server: redis.Server):
    async with opened(own_server.url) as store:
        await take(store, ONE)
        own_server.stop()
        own_server.start()
        await heard()
        assert (await take(store, ONE)).admitted


async def test_limits_outlive_a_restart_where_the_server_keeps_them():
    try:
        with redis.running(*redis.KEPT) as server:
            async with opened(server.url) as store:
                await store.seed([(QUOTA, 2)])
                assert await admitted(store, ONE, QUOTA, times=2) == 2
                with server.client() as client:
                    client.shutdown(save=False)
                server.stop()
                server.start()
                await heard()
                assert await store.read([ONE, QUOTA]) == pytest.approx((2, 4), abs=0.01)
    except redis.Unavailable as error:
        pytest.skip(str(error))


async def test_a_flushed_server_admits_a_burst_and_asks_for_quotas_again(own_server: redis.Server):
    async with opened(own_server.url) as store:
        await store.seed([(QUOTA, 2)])
        await admitted(store, ONE, QUOTA, times=5)
        with own_server.client() as client:
            client.flushall()
            client.script_flush()
        assert (await take(store, ONE, QUOTA)).levels == (0, None)
        await store.seed([(QUOTA, 4)])
        assert (await take(store, ONE, QUOTA)).levels == (1, 5)


async def test_a_server_without_memory_left_admits_nobody_and_takes_nothing_by_halves(
    own_server: redis.Server, rested: Callable[[], None]
):
    async with opened(own_server.url) as store:
        await take(store, ONE, Bucket("key:b", 5, 1e-6))
        with own_server.client() as client:
            client.config_set("maxmemory", 1)
            with pytest.raises(LimitStoreUnavailable, match="memory"):
                await take(store, ONE, Bucket("key:b", 5, 1e-6))
            client.config_set("maxmemory", 0)
        rested()
        assert await store.read([ONE, Bucket("key:b", 5, 1e-6)]) == pytest.approx((1, 1), abs=0.01)


@pytest.mark.parametrize(
    "reply",
    [b"+OK\r\n", b":1\r\n", b"$-1\r\n", b"*0\r\n", b"$3\r\nabc\r\n", b"$1\r\n\x90\r\n", b"-ERR it broke\r\n",
     b"\0\xff\xfe", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"$99999999999\r\n", b"$5\r\n\x94\x01\x01\x01\x01\r\n", b""],
)  # fmt: skip
async def test_a_server_that_answers_nonsense_is_not_believed(reply: bytes):
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100_000):
            if b"EVAL" not in data:
                writer.write(b"+OK\r\n" * max(data.count(b"\r\n*") + 1, 1))
            elif reply:
                writer.write(reply)
            else:
                writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with opened(f"redis://127.0.0.1:{port}/0?protocol=2") as store:
        with pytest.raises(LimitStoreUnavailable):
            await take(store, ONE)
    server.close()


async def test_what_others_wrote_under_our_names_is_not_believed(redis_server: redis.Server):
    prefix = redis_server.prefix()
    async with opened(redis_server.url, prefix) as store:
        with redis_server.client() as client:
            for value in ("nonsense", "1", "nan nan", "inf 1", "-5 1", "1 2 3", ""):
                client.set(f"{{portico:{prefix}}}:key:acme", value)
                assert (await take(store, ONE)).levels == (1,), value
            client.delete(f"{{portico:{prefix}}}:key:acme")
            client.rpush(f"{{portico:{prefix}}}:key:acme", "a list")
            assert (await take(store, ONE)).levels == (1,)


async def test_who_no_longer_waits_changes_nothing_for_others(redis_server: redis.Server):
    async with opened(redis_server.url, redis_server.prefix()) as store:
        early = [asyncio.ensure_future(take(store, ONE)) for _ in range(4)]
        early[0].cancel()  # before it is sent
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        early[1].cancel()  # while the call is under way, perhaps
        results = await asyncio.gather(*early, return_exceptions=True)
        assert [isinstance(one, asyncio.CancelledError) for one in results] == [True, True, False, False]
        late = await asyncio.gather(*(take(store, Bucket("key:late", 2, 1e-6)) for _ in range(3)))
        assert [one.admitted for one in late] == [True, True, False]


async def test_there_is_an_end_to_those_who_wait(redis_server: redis.Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "WAITING", 20)
    async with opened(redis_server.url, redis_server.prefix()) as store:
        results = await asyncio.gather(
            *(take(store, Bucket("key:w", 1_000, 1.0)) for _ in range(30)), return_exceptions=True
        )
        assert sum(isinstance(one, LimitStoreUnavailable) for one in results) == 10
        assert (await take(store, ONE)).admitted


async def test_closing_answers_those_who_wait(own_server: redis.Server):
    store = RedisStore(Secret(own_server.url), "p")
    with own_server.hanging():
        waiting = asyncio.ensure_future(take(store, ONE))
        await asyncio.sleep(0.01)
        await store.close()
        with pytest.raises(LimitStoreUnavailable, match="closed"):
            await waiting


@pytest.mark.parametrize(
    "url", ["http://u:hidden@host", "redis://u:hidden@host:port", "hidden", "redis://h/?db=hidden"]
)
def test_a_wrong_url_is_told_without_its_password(url: str):
    with pytest.raises(ConfigError) as told:
        RedisStore(Secret(url), "p")
    assert "hidden" not in "".join(traceback.format_exception(told.value))


async def test_no_password_is_told_where_it_is_wrong(own_server: redis.Server, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with own_server.client() as client:
        client.config_set("requirepass", "right")
        async with opened(own_server.url.replace("unix://", "unix://:hidden@")) as store:
            with pytest.raises(LimitStoreUnavailable) as told:
                await take(store, ONE)
        async with opened(own_server.url.replace("unix://", "unix://:right@")) as store:
            assert (await take(store, ONE)).admitted
    assert "hidden" not in "".join(traceback.format_exception(told.value)) + caplog.text + repr(vars(store))


async def test_a_url_a_path_or_neither_says_which_store_it_is(tmp_path: Path):
    url = Secret("redis://localhost/0")
    stores = [
        store_for(url, path=tmp_path / "limits", prefix="p"),
        store_for(Secret(), path=tmp_path / "limits", prefix="p"),
        store_for(None, path=None, prefix="p"),
    ]
    assert [type(one) for one in stores] == [RedisStore, SQLiteStore, MemoryStore]
    assert not (tmp_path / "limits").exists()
    for one in stores:
        await one.close()
