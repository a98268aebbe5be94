"""What is written to a connection is one request, and no more; and what came of it is told as it is."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.portico.sdkgen.python import shop
from tests.portico.sdkgen.python.conftest import Handler, Server
from tests.portico.sdkgen.python.shop import Shop

from portico.sdkgen.python.runtime.errors import ApiError, BadArgument, ConnectionFailed
from portico.sdkgen.python.runtime.identity import Credentials
from portico.sdkgen.python.runtime.operation import Content, Operation, Parameter
from portico.sdkgen.python.runtime.options import Options
from portico.sdkgen.python.runtime.sdk import Scheme

RAW = Content("application/octet-stream", "binary", "binary")
send = Operation("send", "POST", "/blob", bodies=(RAW,))


class Abrupt:
    """Takes connections, and hangs up after the head of a request; perhaps it says why."""

    def __init__(self, answer: bytes) -> None:
        self.taken = 0
        self._answer = answer
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                taken, _ = self._listening.accept()
            except OSError:
                return
            self.taken += 1
            with taken:
                taken.recv(1_000)
                taken.sendall(self._answer)

    def close(self) -> None:
        self._listening.close()


def abrupt(answer: bytes, call: Callable[[Shop], Any]) -> int:
    """How many connections a call took."""
    server = Abrupt(answer)
    try:
        with Shop(server.url, sleep=lambda _: None) as client:
            call(client)
    finally:
        server.close()
    return server.taken


def test_a_large_body_that_was_cut_off_is_not_sent_again() -> None:
    def call(client: Shop) -> None:
        with pytest.raises(ConnectionFailed) as caught:
            client.call(send, body=b"x" * 30_000_000)
        assert caught.value.reached

    assert abrupt(b"", call) == 1


def test_an_answer_that_comes_before_the_body_was_read_is_the_answer(server: Server) -> None:
    def refuse(handler: Handler) -> None:
        handler.answer(413, {"connection": "close"}, b"")
        handler.close_connection = True

    class Early(Handler):
        def read_body(self) -> bytes:
            return b""

    server.RequestHandlerClass = Early
    server.says(refuse)
    with Shop(server.url) as client, pytest.raises(ApiError) as caught:
        client.call(send, body=b"x" * 30_000_000)
    assert (caught.value.status, server.connections) == (413, 1)


def test_a_file_that_grows_while_it_is_sent_is_cut_where_it_ended(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 100_000)

    def grow(_: object) -> None:
        with path.open("ab") as file:
            file.write(b"DELETE /v1/orders/1 HTTP/1.1\r\nhost: x\r\n\r\n")

    with path.open("rb") as file, Shop(server.url) as client:
        growing = Grown(file, grow)
        client.call(send, body=growing)
        client.call(shop.remove)
    assert [seen.target for seen in server.seen] == ["/v1/blob", "/v1/things"]
    assert server.seen[0].body == b"x" * 100_000


def test_a_file_that_shrinks_while_it_is_sent_is_an_error(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 100_000)
    with path.open("rb") as file, Shop(server.url) as client, pytest.raises(BadArgument, match="shorter"):
        client.call(send, body=Grown(file, lambda _: path.write_bytes(b"x")))


class Grown:
    """A file that somebody else writes to as soon as it is read."""

    def __init__(self, file: Any, change: Callable[[object], Any]) -> None:
        self._file, self._change = file, change
        self.tell, self.seek = file.tell, file.seek

    def read(self, size: int) -> Any:
        self._change(None)
        return self._file.read(size)


EVIL = "x\r\nx-evil: 1"


def _with_key(scheme: Scheme) -> Any:
    class Locked(Shop):
        _sdk_ = shop.SDK._replace(schemes={"key": scheme})

    return Locked


@pytest.mark.parametrize(
    ("client", "call"),
    [
        (lambda url: Shop(url, user_agent=EVIL), lambda one: one.get_thing("a")),
        (
            lambda url: Shop(url, credentials=Credentials("a", "b", EVIL)),
            lambda one: one.call(shop.mine, options=Options(auth="sigv4")),
        ),
        (
            Shop,
            lambda one: one.call(send, body=b"x", options=Options(content_type=f"application/octet-stream; {EVIL}")),
        ),
        (Shop, lambda one: one.call(Operation("a", "POST", "/", bodies=(RAW._replace(media_type=EVIL),)), body=b"x")),
        (lambda url: _with_key(Scheme("key", "header", EVIL))(url, api_key="k"), lambda one: one.call(shop.mine)),
        (lambda url: _with_key(Scheme("key", "header", "Host"))(url, api_key="k"), lambda one: one.call(shop.mine)),
        (lambda url: _with_key(Scheme("key", "cookie", "a; b"))(url, api_key="k"), lambda one: one.call(shop.mine)),
        (lambda url: _with_key(Scheme("key", "header", "X-Key"))(url, api_key="k\0"), lambda one: one.call(shop.mine)),
        (Shop, lambda one: one.call(header("Transfer-Encoding"), "chunked")),
        (Shop, lambda one: one.call(header("Host"), "other.example")),
        (Shop, lambda one: one.call(header("X-A"), "\ud800")),
        (Shop, lambda one: one.get_thing("a", options=Options(headers={"x-a": "\ud800"}))),
    ],
)
def test_no_header_ends_the_head_or_says_where_the_request_ends(server: Server, client: Any, call: Any) -> None:
    with client(server.url) as one, pytest.raises(BadArgument):
        call(one)
    assert server.seen == []


def header(name: str) -> Operation:
    return Operation("a", "GET", "/a", parameters=(Parameter("header", name, "a", "str"),))
