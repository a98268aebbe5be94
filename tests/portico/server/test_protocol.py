"""The wire: what a stranger can send costs the server little."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from portico.server import protocol


@pytest.fixture
def serving(shop: Any, serve: Any) -> Any:
    return serve().ready()


def connect(serving: Any) -> socket.socket:
    host, port = serving.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=40)


def sent(serving: Any, *parts: bytes) -> bytes:
    """What the server answers until it closes, or until its first answer is whole."""
    with connect(serving) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            pass
        received = b""
        try:
            while part := connection.recv(65_536):
                received += part
        except ConnectionResetError:
            pass
        return received


HEAD = b"GET /shop/v1/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"


def test_what_is_not_http_is_a_400_problem(serving: Any) -> None:
    answer = sent(serving, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in answer


@pytest.mark.parametrize(
    "fields",
    [
        b"X-Long: " + b"a" * 70_000 + b"\r\n",
        b"".join(b"X-%d: %s\r\n" % (number, b"a" * 1_000) for number in range(90)),
        b"".join(b"X-%d: a\r\n" % number for number in range(200)),
    ],
    ids=["one long", "much", "many"],
)
def test_a_head_too_large_is_a_431_however_it_is_cut(serving: Any, fields: bytes) -> None:
    assert sent(serving, HEAD + fields + b"\r\n").startswith(b"HTTP/1.1 431 ")
    whole = HEAD + fields + b"\r\n"
    pieces = [whole[start : start + 5_000] for start in range(0, len(whole), 5_000)]
    assert sent(serving, *pieces).startswith(b"HTTP/1.1 431 ")
    assert serving.get("/healthz").status_code == 200


def test_a_long_url_is_refused(serving: Any) -> None:
    answer = sent(serving, b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")


def test_a_head_without_end_does_not_fill_the_memory(serving: Any) -> None:
    def endless() -> Iterator[bytes]:
        yield HEAD + b"X-Endless: "
        for _ in range(500):
            yield b"a" * 100_000

    before = memory(serving)
    sent(serving, *endless())
    assert memory(serving) - before < 20_000_000


def test_trailers_are_bounded_and_never_become_headers(serving: Any) -> None:
    chunked = (
        b"POST /shop/v1/ping HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    assert b" 405 " in sent(serving, chunked, b"2\r\n{}\r\n0\r\nX-Late: 1\r\n\r\n").split(b"\r\n")[0]
    before = memory(serving)
    sent(serving, chunked, b"2\r\n{}\r\n0\r\n", *(b"X-%d: %s\r\n" % (number, b"a" * 50_000) for number in range(1_000)))
    assert memory(serving) - before < 20_000_000
    assert serving.get("/healthz").status_code == 200


def test_a_body_of_many_small_chunks_is_honest_work(serving: Any) -> None:
    chunked = (
        b"POST /shop/v1/ping HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    body = b"1\r\n \r\n" * 60_000 + b"0\r\n\r\n"
    assert sent(serving, chunked + body).startswith(b"HTTP/1.1 405 ")


def test_pipelined_requests_are_answered_in_order(serving: Any) -> None:
    kept = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = sent(serving, kept % b"/healthz" + kept % b"/readyz" + HEAD + b"\r\n")
    assert answer.index(b"alive") < answer.index(b"ready") < answer.index(b'"says"')


def test_who_does_not_send_a_head_is_let_go(serving: Any) -> None:
    silent, slow, kept = connect(serving), connect(serving), connect(serving)
    slow.sendall(b"GET / HTTP/1.1\r\nHo")
    kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    while not kept.recv(65_536).endswith(b"}"):
        pass
    kept.sendall(b"\r\n")
    start = time.monotonic()
    with silent, slow, kept:
        for connection in (silent, slow, kept):
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(1) == b""
    assert time.monotonic() - start < protocol.HEAD_TIMEOUT + 10


def test_the_server_does_not_tell_what_it_is(serving: Any) -> None:
    assert "server" not in serving.get("/healthz").headers


def test_a_websocket_handshake_is_answered_as_the_plain_request_that_it_is_here(serving: Any) -> None:
    upgrade = HEAD.replace(b"close", b"upgrade") + b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"
    with connect(serving) as connection:
        connection.sendall(upgrade)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 ")
    assert serving.get("/healthz").status_code == 200


SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize("wanted", [b"h2c", b"websocket", b"x"])
@pytest.mark.parametrize("connection_field", [b"upgrade", b"keep-alive, Upgrade"])
@pytest.mark.parametrize("framing", [b"Content-Length: %d" % len(SMUGGLED), b"Transfer-Encoding: chunked"])
def test_the_body_of_a_request_that_asks_for_an_upgrade_is_never_a_request(
    serving: Any, wanted: bytes, connection_field: bytes, framing: bytes
) -> None:
    head = b"POST /shop/v1/ping HTTP/1.1\r\nHost: localhost\r\nConnection: %s\r\nUpgrade: %s\r\n%s\r\n\r\n"
    head %= (connection_field, wanted, framing)
    for packets in ([head + SMUGGLED], [head, SMUGGLED]):
        answer = in_packets(serving, packets)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert answer.count(b"HTTP/1.1") == 1


def test_a_request_that_asks_for_an_upgrade_is_the_last_on_its_connection(serving: Any) -> None:
    head = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    for packets in ([head + SMUGGLED], [head, SMUGGLED]):
        answer = in_packets(serving, packets)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in answer.lower()
        assert answer.count(b"HTTP/1.1") == 1


def in_packets(serving: Any, packets: list[bytes]) -> bytes:
    """What comes back until the server closes, for bytes each part of which is sent once the one before is answered."""
    received = b""
    with connect(serving) as connection:
        for packet in packets:
            with contextlib.suppress(OSError):  # it may have closed already
                connection.sendall(packet)
                received += connection.recv(65_536)
        with contextlib.suppress(OSError):
            while more := connection.recv(65_536):
                received += more
    return received


def memory(serving: Any) -> int:
    with open(f"/proc/{serving.process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * 4_096
