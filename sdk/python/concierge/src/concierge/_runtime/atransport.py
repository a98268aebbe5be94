"""Carrying requests without holding up the event loop: the connections of the standard library, in threads."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from .headers import Headers
from .request import Incoming, Request, Transport

T = TypeVar("T")


class ThreadTransport:
    """A transport that waits, in threads of its own.

    Args:
        transport: that waits.
        threads: requests at the same time; who comes later waits.
    """

    def __init__(self, transport: Transport, *, threads: int = 64) -> None:
        self._transport = transport
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="sdk")

    async def send(self, request: Request) -> ThreadIncoming:
        """Send a request, and wait for the head of the answer.

        Raises:
            ConnectionFailed: there is no answer.
        """
        abort = _Abort()
        request.on_connection = abort.remember
        incoming = await self.run(abort, functools.partial(self._transport.send, request))
        return ThreadIncoming(self, incoming, abort)

    async def run(self, abort: _Abort, function: Callable[[], T]) -> T:
        """Call a function in a thread. Who gives up waiting ends the connection, and so the thread.

        Args:
            abort: ends the connection.
            function: to call.
        """
        future = asyncio.get_running_loop().run_in_executor(self._threads, function)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            abort()
            future.add_done_callback(_drop)
            raise

    async def close(self) -> None:
        """Close the connections that nobody uses."""
        self._transport.close()
        self._threads.shutdown(wait=False)


class ThreadIncoming:
    """An answer of which the body is still to be read."""

    __slots__ = ("_abort", "_incoming", "_transport", "headers", "status")

    def __init__(self, transport: ThreadTransport, incoming: Incoming, abort: _Abort) -> None:
        self.status: int = incoming.status
        self.headers: Headers = incoming.headers
        self._transport = transport
        self._incoming = incoming
        self._abort = abort

    async def read(self, size: int) -> bytes:
        """The next bytes, `size` at most; none at the end."""
        return await self._transport.run(self._abort, functools.partial(self._incoming.read, size))

    async def close(self) -> None:
        """Give the connection back, or close it."""
        self._incoming.close()


class _Abort:
    """Ends a connection, so that whoever reads from it reads no longer."""

    __slots__ = ("_done", "_sock")

    def __init__(self) -> None:
        self._sock: socket.socket | None = None
        self._done = False

    def remember(self, sock: socket.socket) -> None:
        self._sock = sock
        if self._done:
            self()

    def __call__(self) -> None:
        self._done = True
        if self._sock is not None:
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)


def _drop(future: asyncio.Future[Any]) -> None:
    """Nobody waits for this any more."""
    if future.cancelled() or future.exception() is not None:
        return
    close = getattr(future.result(), "close", None)
    if close is not None:
        close()
