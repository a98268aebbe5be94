"""A request for something to read, and the answer to it, whole or in parts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from portico.context import REQUEST_ID
from portico.site.headers import Headers

Parts = Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True)
class Request:
    """What matters of a request for a file or a page."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)  # by lower-case name; several of one name are joined
    id: str | None = None  # what the operator finds in the log, where a gateway stands in front

    @classmethod
    def of(cls, scope: Scope) -> Request:
        """The request of an ASGI scope."""
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
        query = scope.get("query_string", b"").decode("latin-1")
        return cls(scope["method"], scope["path"], query, headers, scope.get(REQUEST_ID))


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers, and a body: bytes, or parts that are read while they are sent."""

    status: int
    headers: Headers
    body: bytes | Parts = b""
    length: int | None = None  # of the body, where that comes in parts

    async def send(self, request: Request, receive: Receive, send: Send) -> None:
        """Send the answer; to HEAD without the body, but with its length (RFC 9110 section 9.3.2)."""
        headers = list(self.headers)
        if self.status not in (204, 304):
            length = len(self.body) if isinstance(self.body, bytes) else self.length
            headers.append(("content-length", str(length)))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        if request.method == "HEAD" or isinstance(self.body, bytes):
            body = b"" if request.method == "HEAD" else self.body
            await send({"type": "http.response.body", "body": body})
        else:
            await _send_parts(self.body, receive, send)


async def _send_parts(parts: Parts, receive: Receive, send: Send) -> None:
    """Send part by part, and stop reading once the client has gone."""
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        async with aclosing(parts()) as stream:  # type: ignore[type-var]
            async for part in stream:
                if gone.done():
                    return
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def problem(request: Request, status: int, detail: str, headers: Headers | None = None) -> Answer:
    """A problem document (RFC 9457)."""
    members = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    if request.id is not None:
        members["request_id"] = request.id
    extra = [("cache-control", "no-cache"), ("x-content-type-options", "nosniff"), *(headers or [])]
    return Answer(status, [("content-type", "application/problem+json"), *extra], json.dumps(members).encode())


def redirect(path: str, query: str) -> Answer:
    """Send the client to another path of this site.

    Args:
        path: percent-encoded; begins with one slash, so that it never names another host.
        query: as it was received.
    """
    location = f"{path}?{query}" if query else path
    return Answer(308, [("location", location), ("cache-control", "no-cache"), ("x-content-type-options", "nosniff")])


def method_not_allowed(request: Request) -> Answer:
    """Files and pages can be read only (RFC 9110 section 15.5.6)."""
    if request.method == "OPTIONS":
        return Answer(204, [("allow", "GET, HEAD, OPTIONS")])
    return problem(request, 405, f"{request.method} is not possible here.", [("allow", "GET, HEAD, OPTIONS")])
