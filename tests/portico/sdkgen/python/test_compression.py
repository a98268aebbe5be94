"""What is compressed is read to its end; lines are cut in linear time; proxies of other kinds are not passed by."""

from __future__ import annotations

import asyncio
import gzip
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portico.sdkgen.python import shop
from tests.portico.sdkgen.python.conftest import Server
from tests.portico.sdkgen.python.shop import AsyncShop, Row, Shop

from portico.sdkgen.python.runtime.compression import Inflater
from portico.sdkgen.python.runtime.errors import BadArgument, UnexpectedAnswer
from portico.sdkgen.python.runtime.events import Lines
from portico.sdkgen.python.runtime.headers import Headers

GZIP = {"content-encoding": "gzip", "content-type": "application/json"}


def inflated(coding: str, chunks: list[bytes], limit: int | None = None) -> bytes:
    inflater = Inflater(Headers([("content-encoding", coding)]), limit)
    found = b"".join(map(inflater.feed, chunks))
    inflater.end()
    return found


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4), st.integers(1, 30), st.sampled_from([None, 160]))
def test_all_members_are_read_however_they_arrive(parts: list[bytes], size: int, limit: int | None) -> None:
    body = b"".join(map(gzip.compress, parts)) + b"\0" * 5
    chunks = [body[at : at + size] for at in range(0, len(body), size)]
    assert inflated("gzip", chunks, limit) == b"".join(parts)


def test_deflate_is_read_with_and_without_its_wrapper() -> None:
    assert inflated("deflate", [zlib.compress(b"a")]) == b"a"
    assert inflated("deflate", [zlib.compress(b"a")[2:-4]]) == b"a"


def test_many_members_are_together_no_larger_than_an_answer_may_be() -> None:
    with pytest.raises(ValueError, match="max_answer"):
        inflated("gzip", [gzip.compress(b"x" * 60) * 2], limit=100)


def test_an_answer_that_is_cut_off_is_unexpected(server: Server) -> None:
    server.says((200, GZIP, gzip.compress(b'{"n": 1}')[:-9]))
    with Shop(server.url) as client:
        with pytest.raises(UnexpectedAnswer, match="cut off"):
            client.get_thing("a")
        with client.call(shop.download) as blob, pytest.raises(UnexpectedAnswer, match="cut off"):
            blob.read()
        with client.call(shop.lines) as lines, pytest.raises(UnexpectedAnswer):
            list(lines)

    async def main() -> None:
        async with AsyncShop(server.url) as client:
            with pytest.raises(UnexpectedAnswer, match="cut off"):
                await client.get_thing("a")
            with pytest.raises(UnexpectedAnswer, match="cut off"):
                await (await client.call(shop.download)).read()

    asyncio.run(main())


def test_nothing_at_all_is_no_answer_that_is_cut_off(server: Server) -> None:
    server.says((200, {"content-encoding": "gzip"}, b""))
    with Shop(server.url) as client:
        assert client.call(shop.remove) is None


@given(st.text(st.sampled_from("ab\r\n"), max_size=12), st.booleans(), st.integers(1, 3))
def test_lines_are_the_same_however_they_arrive(text: str, lone: bool, size: int) -> None:
    body = text.encode()
    lines = Lines(lone_returns=lone)
    found = [line for at in range(0, len(body), size) for line in lines.feed(body[at : at + size])]
    assert found + lines.feed(b"", last=True) == Lines(lone_returns=lone).feed(body, last=True)


def test_a_line_that_comes_byte_by_byte_takes_linear_time() -> None:
    lines, began = Lines(lone_returns=True), time.process_time()
    for _ in range(200_000):
        lines.feed(b"x")
    assert lines.feed(b"\n") == ["x" * 200_000]
    assert time.process_time() - began < 5, "it took 45 s when every byte was put to all that came before"


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:1", "https://127.0.0.1:1"])
def test_a_proxy_of_another_kind_is_not_passed_by(
    server: Server, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", address)
    with Shop("http://shop.example") as client, pytest.raises(BadArgument, match="proxy"):
        client.get_thing("a")


def test_an_iterator_has_no_whole_answer(server: Server) -> None:
    with Shop(server.url) as client, pytest.raises(BadArgument, match="one answer"):
        client.raw(client.iterate)(shop.pages)


def test_an_answer_of_two_members_is_one(server: Server) -> None:
    server.says((200, GZIP, gzip.compress(b'{"n"') + gzip.compress(b": 1}")))
    with Shop(server.url) as client:
        assert client.get_thing("a") == Row(n=1)
