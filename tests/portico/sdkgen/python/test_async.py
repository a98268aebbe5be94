"""The asynchronous client carries out the same plans, over threads or over httpx."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.portico.sdkgen.python import shop
from tests.portico.sdkgen.python.conftest import Clock, Handler, Server, json_answer
from tests.portico.sdkgen.python.shop import AsyncShop, Row

from portico.sdkgen.python.runtime import errors
from portico.sdkgen.python.runtime.native import HttpxTransport
from portico.sdkgen.python.runtime.payload import File
from portico.sdkgen.python.runtime.steps import Ask, Once, Plan

ROW = json_answer('{"n": 1}', X_Request_Id="r-1")


@pytest.fixture(params=["threads", "httpx"])
async def client(request: pytest.FixtureRequest, server: Server, ticking: Clock) -> AsyncIterator[AsyncShop]:
    more: dict[str, Any] = {"transport": HttpxTransport()} if request.param == "httpx" else {}
    async with AsyncShop(
        server.url, sleep=ticking.asleep, random=lambda: 0.5, api_key="k", timeout=5, **more
    ) as client:
        yield client


async def test_a_call_is_awaited(server: Server, client: AsyncShop) -> None:
    server.says(ROW)
    assert await client.get_thing("a/b") == Row(n=1)
    response = await client.raw(client.get_thing)("x")
    assert (response.data, response.request_id) == (Row(n=1), "r-1")
    assert server.seen[0].target == "/v1/things/a%2Fb"


async def test_many_calls_at_once(server: Server, client: AsyncShop) -> None:
    server.says(ROW)
    found = await asyncio.gather(*(client.get_thing(str(number)) for number in range(50)))
    assert found == [Row(n=1)] * 50


async def test_it_tries_again_after_a_pause(server: Server, client: AsyncShop, ticking: Clock) -> None:
    server.says((503, {}, b""), ROW)
    assert await client.get_thing("a") == Row(n=1)
    assert ticking.slept == [0.25]


async def test_compressed_answers_are_read(server: Server, client: AsyncShop) -> None:
    import gzip

    server.says((200, {"content-encoding": "gzip", "content-type": "application/json"}, gzip.compress(b'{"n": 5}')))
    assert await client.get_thing("a") == Row(n=5)


async def test_streams_are_read_as_they_come(server: Server, client: AsyncShop, tmp_path: Any) -> None:
    server.says(
        (200, {}, b"x" * 200_000),
        (200, {}, b"y" * 10),
        (200, {}, b'id: 1\ndata: {"n": 1}\n\n'),
        (200, {}, b'{"n": 1}\n{"n": 2}'),
    )
    assert await (await client.call(shop.download)).read() == b"x" * 200_000
    await (await client.call(shop.download)).save(tmp_path / "y")
    assert (tmp_path / "y").read_bytes() == b"y" * 10
    assert [event.data async for event in await client.call(shop.watch)] == [Row(n=1)]
    assert [row async for row in await client.call(shop.lines)] == [Row(n=1), Row(n=2)]


async def test_files_are_sent_with_their_length_and_streams_without(
    server: Server, client: AsyncShop, tmp_path: Any
) -> None:
    (tmp_path / "a.txt").write_bytes(b"z" * 100_000)
    server.says(json_answer("{}"))
    await client.call(shop.upload, body={"file": tmp_path / "a.txt"})
    await client.call(shop.upload, body={"file": File(iter([b"a", b"b"]), "x")})
    assert b"z" * 100_000 in server.seen[0].body
    assert "content-length" in server.seen[0].headers
    assert b"ab\r\n" in server.seen[1].body


async def test_pages_are_iterated(server: Server, client: AsyncShop) -> None:
    server.says(json_answer('{"items": [1, 2], "next": "b"}'), json_answer('{"items": [3]}'))
    assert [item async for item in client.iterate(shop.pages, "a")] == [1, 2, 3]


async def test_what_was_wrong_is_told(server: Server, client: AsyncShop) -> None:
    server.says(json_answer('{"title": "No", "detail": "not here"}', 404))
    with pytest.raises(errors.NotFound, match="not here"):
        await client.get_thing("a")
    with pytest.raises(errors.BadArgument):
        await client.get_thing("..")


async def test_a_call_that_is_given_up_holds_nothing(server: Server, client: AsyncShop) -> None:
    arrived, said = threading.Event(), threading.Event()

    def silent(_: Handler) -> None:
        arrived.set()
        said.wait(10)

    server.says(silent)
    began = time.monotonic()
    task = asyncio.create_task(client.get_thing("a"))
    await asyncio.to_thread(arrived.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await client.close()
    said.set()
    assert time.monotonic() - began < 5


async def test_a_deadline_ends_a_call(server: Server, client: AsyncShop) -> None:
    said = threading.Event()
    server.says(lambda _: said.wait(10) and None)
    from portico.sdkgen.python.runtime.options import Options

    with pytest.raises(errors.TimedOut):
        await client.get_thing("a", options=Options(deadline=0.2))
    said.set()


async def test_a_token_may_come_from_an_asynchronous_function(server: Server) -> None:
    async def token() -> str:
        return "fresh"

    server.says(json_answer("{}"))
    async with AsyncShop(server.url, access_token=token) as client:
        from portico.sdkgen.python.runtime.options import Options

        await client.call(shop.mine, options=Options(auth="signIn"))
    assert server.seen[0].headers["authorization"] == "Bearer fresh"


def test_a_client_outlives_its_event_loop(server: Server, ticking: Clock) -> None:
    """Locks that somebody has waited for belong to one loop."""

    async def many(client: AsyncShop) -> None:
        await asyncio.gather(*(client._driver.run(_once()) for _ in range(3)))

    def _once() -> Plan[None]:
        yield Once("tokens", _slow)

    def _slow() -> Plan[None]:
        yield Ask(lambda: asyncio.sleep(0.01))

    found = AsyncShop(server.url, sleep=ticking.asleep)
    for _ in range(2):
        asyncio.run(many(found))
