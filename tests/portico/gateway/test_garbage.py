"""What a request leaves behind: nothing that waits for the garbage collector, whose pauses all others feel."""

import asyncio
import gc
from typing import Any

import pytest

from portico.gateway import Gateway

DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/echo": {
            "post": {
                "operationId": "echo",
                "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
                "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {}}}}},
            }
        }
    },
}


async def echo(body: dict[str, Any]) -> dict[str, Any]:
    return body


@pytest.fixture
def gateway() -> Gateway:
    from connexion.resolver import Resolver

    gateway = Gateway(__name__)
    gateway.add_api(DOCUMENT, resolver=Resolver(lambda name: echo))
    gateway.compile()
    return gateway


async def post(gateway: Gateway, body: bytes) -> int:
    """One request in a task of its own, as a server runs it."""
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        statuses.append(message.get("status", 0))

    scope = {
        "type": "http", "method": "POST", "path": "/echo", "raw_path": b"/echo", "query_string": b"", "root_path": "",
        "headers": [(b"content-type", b"application/json")], "client": ("127.0.0.1", 1), "scheme": "http",
        "http_version": "1.1", "server": ("127.0.0.1", 2),
    }  # fmt: skip
    await asyncio.get_running_loop().create_task(gateway(scope, receive, send))
    return statuses[0]


async def test_an_answered_request_leaves_no_cycle_of_objects_behind(gateway: Gateway) -> None:
    for _ in range(10):
        assert await post(gateway, b'{"a": 1}') == 200
    gc.collect()
    gc.disable()
    try:
        for _ in range(100):
            await post(gateway, b'{"a": 1}')
        assert gc.collect() < 100  # fewer than one object a request; a cycle through the exchange is 28 of them
    finally:
        gc.enable()
