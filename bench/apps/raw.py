"""The ceiling: an ASGI function that reads the body and sends prepared bytes. It checks nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from bench.messages import GREETING, INVALID, PROBLEM, REPLY

Message = MutableMapping[str, Any]


async def app(scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Any]) -> None:
    if scope["type"] != "http":
        return
    status, body = 200, GREETING
    if scope["method"] == "POST":
        read = b""
        while True:
            part = await receive()
            read += part.get("body", b"")
            if not part.get("more_body"):
                break
        status, body = (400, PROBLEM) if len(read) == len(INVALID) else (200, REPLY)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
