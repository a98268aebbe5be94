"""Connections: kept, used again, bounded, given up in time."""

from __future__ import annotations

import gc
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.portico.sdkgen.python import shop
from tests.portico.sdkgen.python.conftest import Clock, Handler, Server, json_answer, options
from tests.portico.sdkgen.python.shop import Row, Shop

from portico.sdkgen.python.runtime.errors import ConnectionFailed, TimedOut, UnexpectedAnswer
from portico.sdkgen.python.runtime.options import Options
from portico.sdkgen.python.runtime.transport import HttpTransport

ROW = json_answer('{"n": 1}')


def hang_up(handler: Handler) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def answer_and_hang_up(handler: Handler) -> None:
    """As a server does whose patience with kept connections ends just now: it does not say so."""
    handler.answer(200, {"content-type": "application/json"}, b'{"n": 1}')
    hang_up(handler)


def test_one_connection_is_enough_for_one_call_after_another(server: Server) -> None:
    server.says(ROW)
    with Shop(server.url) as client:
        for _ in range(5):
            assert client.get_thing("a") == Row(n=1)
    assert server.connections == 1


def test_a_connection_that_the_server_closed_meanwhile_is_replaced(server: Server) -> None:
    server.says(answer_and_hang_up, ROW)
    with Shop(server.url, retries=0) as client:
        client.get_thing("a")
        deadline = time.monotonic() + 5
        transport = client._transport
        assert isinstance(transport, HttpTransport)
        (origin,) = transport._origins.values()
        while not origin.idle[0].is_stale() and time.monotonic() < deadline:
            pass
        client.add_thing(n=1)
    assert server.connections == 2


def test_a_kept_connection_that_breaks_while_it_is_used_is_replaced_for_what_is_safe_only(server: Server) -> None:
    server.says(ROW, hang_up, ROW, hang_up, ROW)
    with Shop(server.url, retries=0) as client:
        client.get_thing("a")
        assert client.get_thing("b") == Row(n=1)
        with pytest.raises(ConnectionFailed):
            client.add_thing(n=1)
    assert [seen.method for seen in server.seen] == ["GET", "GET", "GET", "POST"]


def test_threads_share_a_client(server: Server) -> None:
    server.says(ROW)
    with Shop(server.url) as client, ThreadPoolExecutor(8) as threads:
        assert set(map(str, threads.map(client.get_thing, map(str, range(100))))) == {"Row(n=1)"}
    assert server.connections <= 8


def test_no_more_connections_are_opened_than_there_may_be(server: Server) -> None:
    server.says(ROW)
    transport = HttpTransport(limit=2)
    with Shop(server.url, transport=transport) as client, ThreadPoolExecutor(8) as threads:
        list(threads.map(client.get_thing, map(str, range(50))))
    assert server.connections <= 2


def test_who_waits_too_long_for_a_connection_is_told(server: Server) -> None:
    server.says((200, {}, b"x"))
    with Shop(server.url, transport=HttpTransport(limit=1), retries=0, timeout=0.05) as client:
        with client.call(shop.download), pytest.raises(TimedOut, match="in use"):
            client.get_thing("a")
        server.answers.clear()
        server.says(ROW)
        assert client.get_thing("a") == Row(n=1), "what was left unread gave its place back"


def test_a_stream_that_nobody_closed_gives_its_place_back(server: Server) -> None:
    server.says((200, {}, b"x" * 1_000_000))
    with Shop(server.url, transport=HttpTransport(limit=1), retries=0, timeout=5) as client:
        for _ in range(3):
            next(iter(client.call(shop.download)))
            gc.collect()


def test_silence_ends_in_time(server: Server) -> None:
    said = threading.Event()
    server.says(lambda handler: said.wait(5) and None)
    with Shop(server.url, timeout=0.05, retries=0) as client, pytest.raises(TimedOut):
        client.get_thing("a")
    said.set()


def test_a_deadline_ends_an_answer_that_trickles(server: Server) -> None:
    stopped = threading.Event()

    def trickle(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("content-length", "1000")
        handler.end_headers()
        while not stopped.wait(0.02):
            handler.wfile.write(b"x")

    server.says(trickle)
    began = time.monotonic()
    with Shop(server.url, deadline=0.3, timeout=5, retries=0) as client, pytest.raises(TimedOut):
        client.call(shop.text)
    stopped.set()
    assert time.monotonic() - began < 4


def test_an_answer_that_is_cut_is_no_answer(server: Server) -> None:
    def cut(handler: Handler) -> None:
        handler.answer(200, {"content-type": "application/json", "content-length": "100"}, b'{"n": 1}')
        handler.close_connection = True

    server.says(cut)
    with Shop(server.url, retries=0) as client, pytest.raises(ConnectionFailed):
        client.get_thing("a")


def test_a_chunked_answer_leaves_its_connection_for_the_next(server: Server) -> None:
    chunked = (
        200,
        {"content-type": "application/json", "transfer-encoding": "chunked"},
        b'3\r\n{"n\r\n5\r\n": 1}\r\n0\r\n\r\n',
    )
    server.says(chunked)
    with Shop(server.url) as client:
        assert client.get_thing("a") == client.get_thing("b") == Row(n=1)
    assert server.connections == 1


def test_announcements_are_passed_over(server: Server) -> None:
    def announce(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n")
        handler.answer(200, {"content-type": "application/json"}, b'{"n": 1}')

    server.says(announce)
    with Shop(server.url) as client:
        assert client.get_thing("a") == client.get_thing("b") == Row(n=1)
    assert server.connections == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_process_has_connections_of_its_own(server: Server) -> None:
    server.says(ROW)
    with Shop(server.url) as client:
        client.get_thing("a")
        child = os.fork()
        if child == 0:
            os._exit(0 if client.get_thing("b") == Row(n=1) else 1)
        assert os.waitpid(child, 0)[1] == 0
        client.get_thing("c")
    assert [seen.connection for seen in server.seen] == [1, 2, 1]


def test_nobody_answering_is_told_with_the_operation() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        Shop(f"http://127.0.0.1:{port}", retries=0) as client,
        pytest.raises(ConnectionFailed, match="getThing") as caught,
    ):
        client.get_thing("a")
    assert not caught.value.reached


def test_an_answer_larger_than_it_may_be_is_refused_also_when_it_is_compressed(server: Server) -> None:
    import zlib

    bomb = zlib.compress(b" " * 10_000_000)
    server.says(
        (200, {"content-encoding": "deflate", "content-type": "application/json"}, bomb), json_answer(" " * 2_000)
    )
    with Shop(server.url, max_answer=1_000) as client:
        for _ in range(2):
            with pytest.raises(UnexpectedAnswer, match="max_answer"):
                client.get_thing("a")


def test_a_proxy_of_the_environment_carries_requests(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url.replace("://", "://ann:pass%20word@"))
    server.says(ROW)
    with Shop("http://shop.example") as client:
        assert client.get_thing("a") == Row(n=1)
    assert server.seen[0].target == "http://shop.example/v1/things/a"
    assert server.seen[0].headers["host"] == "shop.example"
    assert server.seen[0].headers["proxy-authorization"] == "Basic YW5uOnBhc3Mgd29yZA=="
    monkeypatch.setenv("no_proxy", "shop.example")
    with Shop("http://shop.example", retries=0) as client, pytest.raises(ConnectionFailed):
        client.get_thing("a", options=Options(timeout=1))
    assert len(server.seen) == 1


def test_a_tunnel_through_a_proxy_is_asked_for_with_its_name_and_password_only(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", server.url.replace("://", "://ann:word@"))
    server.says((403, {}, b""))
    client = Shop("https://shop.example", api_key="secret", retries=0)
    with client, pytest.raises(ConnectionFailed):
        client.call(shop.mine)
    assert server.seen[0].method == "CONNECT"
    assert server.seen[0].target == "shop.example:443"
    assert server.seen[0].headers["proxy-authorization"] == "Basic YW5uOndvcmQ="
    assert "x-api-key" not in server.seen[0].headers


def test_a_connection_that_nobody_used_for_long_is_not_used_again(server: Server, ticking: Clock) -> None:
    server.says(ROW)
    with Shop(server.url, **options(ticking)) as client:
        client.get_thing("a")
        ticking.now += 60
        client.get_thing("a")
    assert server.connections == 2


def test_a_deadline_counts_while_all_connections_are_in_use(server: Server) -> None:
    server.says((200, {}, b"x" * 1_000_000))
    client = Shop(server.url, transport=HttpTransport(limit=1), retries=0, timeout=60)
    with client, client.call(shop.download), pytest.raises(TimedOut) as caught:
        client.get_thing("a", options=Options(deadline=0.05))
    assert not caught.value.reached
