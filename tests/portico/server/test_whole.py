"""The short way for bodies and answers in one piece is the same way as ASGI's, seen from the client."""

from __future__ import annotations

import asyncio
import gc
import json
from typing import Any

from uvicorn import Config

from portico.gateway import Gateway
from portico.server.protocol import Connections, Protocol

DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/echo": {
            "post": {
                "operationId": "echo",
                "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
                "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {}}}}},
            },
            "get": {
                "operationId": "hello",
                "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {}}}}},
            },
        },
    },
}


async def echo(body: dict[str, Any]) -> dict[str, Any]:
    return body


async def hello() -> dict[str, str]:
    return {"hello": "you"}


async def raw(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


class Transport(asyncio.Transport):
    """The far end of a connection: keeps the writes apart."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)}.get(name, default)

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def get_write_buffer_size(self) -> int:
        return 0


async def sent(*parts: bytes, answers: int = 1) -> Transport:
    """What the server writes when these parts arrive one after the other."""
    from connexion.resolver import Resolver

    gateway = Gateway(__name__)
    gateway.add_api(DOCUMENT, resolver=Resolver(globals().__getitem__))
    config = Config(gateway, http=Protocol, log_config=None, access_log=False, proxy_headers=False)
    config.load()
    protocol, transport = Protocol(config, Connections(), {}), Transport()
    protocol.connection_made(transport)
    for part in parts:
        protocol.data_received(part)
        for _ in range(10):
            await asyncio.sleep(0)
    for _ in range(1_000):
        if b"".join(transport.writes).count(b"HTTP/1.1 ") >= answers:
            break
        await asyncio.sleep(0.001)
    return transport


POST = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n"


async def test_an_answer_leaves_in_one_piece() -> None:
    transport = await sent(POST + b'\r\n{"a":"b"}')
    assert len(transport.writes) == 1
    head, _, body = transport.writes[0].partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-length: %d" % len(body) in head
    assert b"x-request-id: " in head
    assert json.loads(body) == {"a": "b"}
    assert not transport.closed


async def test_a_body_that_comes_in_parts_is_read_whole() -> None:
    transport = await sent(POST + b'\r\n{"a"', b':"b"}')
    assert json.loads(b"".join(transport.writes).partition(b"\r\n\r\n")[2]) == {"a": "b"}


async def test_a_body_after_100_continue_is_read_too() -> None:
    transport = await sent(POST + b"Expect: 100-continue\r\n\r\n", b'{"a":"b"}', answers=2)
    assert transport.writes[0] == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert b"".join(transport.writes).endswith(b'{"a":"b"}\n')


async def test_pipelined_requests_are_each_answered_in_order() -> None:
    one, two = POST + b'\r\n{"a":"1"}', POST + b'\r\n{"a":"2"}'
    transport = await sent(one + two + one, answers=3)
    bodies = [part.partition(b"\r\n\r\n")[2] for part in b"".join(transport.writes).split(b"HTTP/1.1 ")[1:]]
    assert [json.loads(body)["a"] for body in bodies] == ["1", "2", "1"]


async def test_the_connection_closes_where_the_client_wants_that() -> None:
    transport = await sent(POST + b'Connection: close\r\n\r\n{"a":"b"}')
    assert b"\r\nconnection: close\r\n" in transport.writes[0]
    assert transport.closed


async def test_head_has_the_head_of_get_and_no_body() -> None:
    transport = await sent(b"HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\n")
    head, _, body = b"".join(transport.writes).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-length: " in head
    assert body == b""


async def test_an_idle_connection_is_closed_after_a_while_and_one_in_use_is_not() -> None:
    config = Config(raw, http=Protocol, log_config=None, access_log=False, proxy_headers=False, timeout_keep_alive=5)
    config.load()
    shared = Connections()
    protocol, transport = Protocol(config, shared, {}), Transport()
    protocol.connection_made(transport)
    for _ in range(3):
        protocol.data_received(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for _ in range(10):
            await asyncio.sleep(0)
        for _ in range(4):
            shared.sweep()  # once a second
    assert len(transport.writes) == 6
    assert not transport.closed
    shared.sweep()
    shared.sweep()
    assert transport.closed


async def test_a_problem_is_an_answer_like_any_other() -> None:
    transport = await sent(POST + b'\r\n{"a":"b"]')
    assert len(transport.writes) == 1
    assert transport.writes[0].startswith(b"HTTP/1.1 400 ")


async def test_an_answered_request_leaves_nothing_for_the_garbage_collector() -> None:
    requests = POST + b'\r\n{"a":"b"}'
    await sent(requests)
    gc.collect()
    gc.disable()
    try:
        transport = await sent(requests * 100, answers=100)
        assert len(transport.writes) == 100
        del transport
        few = gc.collect()
    finally:
        gc.enable()
    gc.collect()
    gc.disable()
    try:
        transport = await sent(requests * 300, answers=300)
        assert len(transport.writes) == 300
        del transport
        assert gc.collect() < few + 200  # what a gateway and a connection are, and not one object for each request
    finally:
        gc.enable()
