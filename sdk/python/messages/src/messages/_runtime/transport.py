"""Connections that are kept and used again: a pool, safe to use from several threads, bounded."""

from __future__ import annotations

import http.client
import os
import ssl
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable

from .connection import Connection, headers_of, lost
from .errors import ConnectionFailed, TimedOut
from .headers import Headers
from .payload import Payload
from .proxies import Proxy, proxy_for
from .request import Request

_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))


_all: weakref.WeakSet[HttpTransport] = weakref.WeakSet()


def _leave_to_the_parent() -> None:
    """A process that was forked must not write to its parent's connections."""
    for transport in list(_all):
        transport.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_the_parent)


class _Origin:
    """The connections to one origin."""

    __slots__ = ("idle", "places", "proxy")

    def __init__(self, limit: int, proxy: Proxy | None) -> None:
        self.idle: deque[Connection] = deque()
        self.places = threading.BoundedSemaphore(limit)
        self.proxy = proxy


class HttpTransport:
    """HTTP/1.1 of the standard library, with connections that are kept open.

    Args:
        limit: connections to one origin at the same time; who comes later waits.
        keep: seconds for which a connection is kept that nobody uses.
        context: of TLS; by default the system's certificates are trusted.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        *,
        limit: int = 64,
        keep: float = 50.0,
        context: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._limit = limit
        self._keep = keep
        self._context = context
        self._clock = clock
        self._origins: dict[tuple[str, str, int], _Origin] = {}
        self._lock = threading.Lock()
        _all.add(self)

    def send(self, request: Request) -> HttpIncoming:
        """Send a request, and wait for the head of the answer.

        Raises:
            ConnectionFailed: there is no answer.
        """
        origin = self._origins.get(request.origin) or self._add(request)
        if not origin.places.acquire(timeout=self._patience(request)):
            raise TimedOut(f"All {self._limit} connections to {request.host} are in use.", reached=False)
        try:
            connection, answer = self._exchange(origin, request)
        except BaseException:
            origin.places.release()
            raise
        return HttpIncoming(self, origin, connection, answer, request)

    def _patience(self, request: Request) -> float:
        """Seconds for which a request may wait."""
        left = request.timeout if request.until is None else request.until - self._clock()
        return max(0.0, min(request.timeout, left))

    def _exchange(self, origin: _Origin, request: Request) -> tuple[Connection, http.client.HTTPResponse]:
        kept = self._idle(origin)
        if kept is not None:
            try:
                return kept, _sent(kept, request)
            except ConnectionFailed as error:
                if not _was_closed(request, error):
                    raise
        connection = self._open(origin, request)
        return connection, _sent(connection, request)

    def _idle(self, origin: _Origin) -> Connection | None:
        """A connection that is kept and still good."""
        while origin.idle:
            try:
                connection = origin.idle.pop()
            except IndexError:
                break
            if self._clock() - connection.idle_since < self._keep and not connection.is_stale():
                return connection
            connection.close()
        return None

    def _open(self, origin: _Origin, request: Request) -> Connection:
        if request.scheme == "https" and self._context is None:
            self._context = ssl.create_default_context()
        return Connection(request, context=self._context, proxy=origin.proxy, clock=self._clock)

    def _add(self, request: Request) -> _Origin:
        proxy = proxy_for(request.scheme, request.host)
        with self._lock:
            return self._origins.setdefault(request.origin, _Origin(self._limit, proxy))

    def give_back(self, origin: _Origin, connection: Connection, *, good: bool) -> None:
        """Keep a connection for the next request, or close it."""
        if good:
            connection.idle_since = self._clock()
            origin.idle.append(connection)
        else:
            connection.close()
        origin.places.release()

    def forget(self) -> None:
        """Begin anew, and leave the connections to whoever else has them."""
        self._lock = threading.Lock()
        self._origins = {}

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            origins, self._origins = self._origins, {}
        for origin in origins.values():
            while origin.idle:
                origin.idle.pop().close()


def _sent(connection: Connection, request: Request) -> http.client.HTTPResponse:
    try:
        return connection.send(request)
    except BaseException:
        connection.close()
        raise


def _was_closed(request: Request, error: ConnectionFailed) -> bool:
    """Whether the server had closed a kept connection, so that the request may go over a new one."""
    if isinstance(error, TimedOut) or (isinstance(request.body, Payload) and not request.body.repeatable):
        return False
    return not error.reached or request.method in _SAFE


class HttpIncoming:
    """An answer of which the body is still to be read."""

    __slots__ = ("_answer", "_connection", "_origin", "_request", "_transport", "headers", "status")

    def __init__(
        self,
        transport: HttpTransport,
        origin: _Origin,
        connection: Connection,
        answer: http.client.HTTPResponse,
        request: Request,
    ) -> None:
        self.status: int = answer.status
        self.headers: Headers = headers_of(answer)
        self._transport = transport
        self._origin = origin
        self._connection: Connection | None = connection
        self._answer = answer
        self._request = request
        if answer.isclosed():
            self._end(good=True)

    def read(self, size: int) -> bytes:
        """The next bytes, `size` at most; none at the end.

        Raises:
            ConnectionFailed: the answer was cut off.
        """
        if self._connection is None:
            return b""
        try:
            chunk = self._answer.read1(size)
            if not chunk and self._answer.length:
                raise http.client.IncompleteRead(b"", self._answer.length)
        except TimeoutError:
            self._end(good=False)
            raise TimedOut(f"{self._request.host} stopped answering.") from None
        except (OSError, http.client.HTTPException) as error:
            self._end(good=False)
            raise lost(self._request, error, reached=True) from None
        if not chunk or self._answer.length == 0:
            self._end(good=True)
        return chunk

    def close(self) -> None:
        """Give the connection back, or close it where something is left to be read."""
        self._end(good=False)

    def __del__(self) -> None:
        if hasattr(self, "_connection"):
            self._end(good=False)  # somebody forgot to close it: its place is not lost

    def _end(self, *, good: bool) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._answer.close()
            self._transport.give_back(self._origin, connection, good=good and not self._answer.will_close)
