"""One connection: writes a request, and reads the answers of `http.client`."""

from __future__ import annotations

import contextlib
import http.client
import io
import select
import socket
import ssl
from collections.abc import Callable
from typing import Any

from .errors import BadArgument, ConnectionFailed, TimedOut
from .headers import Headers
from .payload import Payload
from .proxies import Proxy
from .request import Request

Clock = Callable[[], float]
_ANNOUNCEMENTS = 20  # before one answer
_FIRST = 16_384  # bytes that are tried first: a record of TLS, so that all of it leaves, or nothing does
_LOST = (OSError, http.client.HTTPException)


class Connection:
    """A connection to one origin.

    Args:
        request: the first that it is for.
        context: of TLS.
        proxy: that carries it.
        clock: seconds since the epoch.
    """

    def __init__(self, request: Request, *, context: ssl.SSLContext | None, proxy: Proxy | None, clock: Clock) -> None:
        self._clock = clock
        self._proxy = proxy if request.scheme == "http" else None  # else it is a tunnel, and no longer seen
        self._sock = _connect(request, context, proxy, clock)
        self._reached = False  # whether something of the request left
        self.idle_since = 0.0  # seconds since the epoch

    def is_stale(self) -> bool:
        """Whether the server has closed it, or has said something that nobody asked for."""
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return True
        poll = select.poll() if hasattr(select, "poll") else None
        if poll is None:
            return bool(select.select([self._sock], [], [], 0)[0])
        poll.register(self._sock, select.POLLIN)
        return bool(poll.poll(0))

    def send(self, request: Request) -> http.client.HTTPResponse:
        """Write a request, and read the head of its answer.

        Raises:
            ConnectionFailed: it was lost; `reached` says whether the server may have got the request.
        """
        self._reached = False
        try:
            self._sock.settimeout(_wait(request, self._clock))
            if request.on_connection is not None:
                request.on_connection(self._sock)
            self._write(request)
            answer = _Response(_Reader(self._sock, request.until, self._clock), method=request.method)  # type: ignore[arg-type]
            answer.begin()
        except TimeoutError:
            raise TimedOut(f"{request.host} did not answer in time.") from None
        except _LOST as error:
            raise lost(request, error, reached=self._reached) from None
        return answer

    def _write(self, request: Request) -> None:
        body, head = request.body, self._head(request)
        whole = head + body if isinstance(body, bytes) else head
        sent = self._sock.send(whole[:_FIRST])
        self._reached = True  # where not even this left, the server had closed the connection
        # the server may answer before it has read everything: its answer says more than that it hung up
        with contextlib.suppress(ConnectionError):
            if sent < len(whole):
                self._sock.sendall(memoryview(whole)[sent:])
            if isinstance(body, Payload):
                self._write_chunks(body)

    def _write_chunks(self, body: Payload) -> None:
        for chunk in body.chunks():
            if body.length is not None:
                self._sock.sendall(chunk)
            elif chunk:
                self._sock.sendall(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        if body.length is None:
            self._sock.sendall(b"0\r\n\r\n")

    def _head(self, request: Request) -> bytes:
        target = request.target
        headers = request.headers
        if self._proxy is not None:
            target = request.url
            if self._proxy.authorization is not None:
                headers = {**headers, "proxy-authorization": self._proxy.authorization}
        lines = [f"{request.method} {target} HTTP/1.1", f"host: {request.authority}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += *_framing(request), "", ""
        text = "".join(lines)
        if "\r" in text or "\n" in text or "\0" in text:
            raise BadArgument("A header, or the address, has a line break.")
        try:
            return "\r\n".join(lines).encode()
        except UnicodeEncodeError:
            raise BadArgument("A header, or the address, has half of a surrogate pair.") from None

    def close(self) -> None:
        """Close it."""
        self._sock.close()


def _framing(request: Request) -> list[str]:
    """How the body ends (RFC 9112 section 6)."""
    body = request.body
    if body is None:
        return ["content-length: 0"] if request.method in ("POST", "PUT", "PATCH") else []
    length = body.length if isinstance(body, Payload) else len(body)
    return ["transfer-encoding: chunked" if length is None else f"content-length: {length}"]


def _wait(request: Request, clock: Clock) -> float:
    """Seconds for which the socket may be silent."""
    if request.until is None:
        return request.timeout
    left = request.until - clock()
    if left <= 0:
        raise TimeoutError
    return min(request.timeout, left)


def _connect(request: Request, context: ssl.SSLContext | None, proxy: Proxy | None, clock: Clock) -> socket.socket:
    host, port = (proxy.host, proxy.port) if proxy is not None else (request.host, request.port)
    try:
        timeout = _wait(request, clock)
        if request.scheme == "http":
            made = http.client.HTTPConnection(host, port, timeout=timeout)
        else:
            made = http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
            if proxy is not None:
                made.set_tunnel(request.host, request.port, _tunnel_headers(proxy))
        made.connect()
    except TimeoutError:
        raise TimedOut(f"{request.host} did not take the connection in time.", reached=False) from None
    except _LOST as error:
        raise lost(request, error, reached=False) from None
    found: socket.socket = made.sock
    return found


def _tunnel_headers(proxy: Proxy) -> dict[str, str]:
    return {} if proxy.authorization is None else {"Proxy-Authorization": proxy.authorization}


def lost(request: Request, error: Exception, *, reached: bool) -> ConnectionFailed:
    """What a fault of the network is called here."""
    told = str(error) or type(error).__name__
    return ConnectionFailed(f"The connection to {request.host}:{request.port} failed: {told}", reached=reached)


class _Response(http.client.HTTPResponse):
    """An answer, without those that only announce it (RFC 9110 section 15.2): the standard library skips 100 alone."""

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(_ANNOUNCEMENTS):
            found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
            if not 101 < found[1] < 200:
                return found
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException("The server announces its answer, and never gives it.")


class _Reader(io.RawIOBase):
    """The socket as `http.client` reads it: every read keeps to the deadline of the whole call."""

    def __init__(self, sock: socket.socket, until: float | None, clock: Clock) -> None:
        self._sock = sock
        self._until = until
        self._clock = clock

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._until is not None:
            left = self._until - self._clock()
            if left <= 0:
                raise TimeoutError
            waits = self._sock.gettimeout()
            self._sock.settimeout(left if waits is None else min(left, waits))
        return self._sock.recv_into(buffer)


def headers_of(answer: http.client.HTTPResponse) -> Headers:
    """The headers of an answer."""
    return Headers(answer.getheaders())
