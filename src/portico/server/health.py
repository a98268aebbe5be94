"""`/healthz` and `/readyz`: is the process alive, and should it be sent requests?"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class State(enum.StrEnum):
    """Where a server is in its life."""

    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"


class Readiness:
    """Whether this process wants requests. The server sets it, `/readyz` tells it."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state = State.STARTING


class Healthz:
    """Answers 200 for as long as the event loop turns."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        await answer(scope, send, 200, b'{"status":"alive"}')


class Readyz:
    """Answers 200 while requests are welcome, else 503: while the server starts and from the moment it stops."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        state = self._readiness.state
        await answer(scope, send, 200 if state is State.READY else 503, b'{"status":"%s"}' % state.encode())


class Addresses:
    """Applications at exact paths; anything else is a 404."""

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self._apps = dict(apps)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI); with nothing to start or stop, the lifespan is acknowledged."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif (app := self._apps.get(scope["path"])) is not None:
            await app(scope, receive, send)
        else:
            await not_found(scope, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})


async def not_found(scope: Scope, send: Send) -> None:
    """Answer as if there were nothing."""
    body = b'{"type":"about:blank","title":"Not Found","status":404}'
    await answer(scope, send, 404, body, "application/problem+json")


async def answer(scope: Scope, send: Send, status: int, body: bytes, media_type: str = "application/json") -> None:
    """Answer GET and HEAD with a small text that nobody may keep; other methods with 405."""
    headers = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
    if scope["method"] not in ("GET", "HEAD"):
        status, body, media_type = 405, b'{"status":405,"title":"Method Not Allowed"}', "application/problem+json"
        headers.append((b"allow", b"GET, HEAD"))
    headers += [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
