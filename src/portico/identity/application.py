"""What answers below `/auth`: the routes of the pool's features, each request bounded."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY = 65_536  # bytes of a request's body
CLOSE = {"Connection": "close"}


class Application:
    """An ASGI application for the addresses of one pool.

    Args:
        path: where they begin: "/auth/main".
        routes: their routes, relative to that.
    """

    def __init__(self, path: str, routes: Sequence[BaseRoute]) -> None:
        self._router = Router([Mount(path, routes=routes)], redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            HTTPException: nothing is there, or the body is too long.
        """
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or len(length) > 9 or int(length) > BODY:
            raise _too_long()
        await self._router(scope, _bounded(receive), send)


def _bounded(receive: Receive) -> Receive:
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > BODY:
            raise _too_long()
        return message

    return bounded


def _too_long() -> HTTPException:
    return HTTPException(413, f"A request's body may have {BODY:,} bytes here.", CLOSE)


class Elsewhere:
    """The same address at another path: RFC 8414 section 3.1 puts the well-known part in front of the issuer's path."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the other path would."""
        await self._app({**scope, "path": self._path, "raw_path": self._path.encode()}, receive, send)
