"""Drives an application through the server's own protocol with no socket behind it: bytes in, bytes out.

That is a request as `portico serve` sees it, a task and a context for each, less what the kernel does for it.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from uvicorn import Config

from bench.load import Request
from portico.server.protocol import Connections, Protocol

CONNECTIONS = 32
PATIENCE = 1_000  # looks whether the first answers have come
TURNS = 6  # of the loop for one request on every connection: more than any of the cases takes


class Transport(asyncio.Transport):
    """The far end of a connection: keeps how the last answer began."""

    answered = 0
    head = b""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 50_000), "sockname": ("127.0.0.1", 8_000)}.get(name, default)

    def write(self, data: Any) -> None:
        if data[:5] == b"HTTP/":
            self.head = data
            self.answered += 1

    def close(self) -> None: ...

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def get_write_buffer_size(self) -> int:
        return 0


class Wire:
    """Some connections to an application."""

    def __init__(self, app: Any, request: Request) -> None:
        config = Config(app, http=Protocol, access_log=False, log_config=None, proxy_headers=False, server_header=False)
        config.load()
        shared = Connections()
        self._request = request
        self._bytes = encode(request)
        self._transports = [Transport() for _ in range(CONNECTIONS)]
        self._protocols = [Protocol(config, shared, {}) for _ in self._transports]
        for protocol, transport in zip(self._protocols, self._transports, strict=True):
            protocol.connection_made(transport)

    async def batch(self, rounds: int) -> float:
        """Send a request on every connection so many times: microseconds for each.

        Raises:
            RuntimeError: an answer is missing, or not the expected one.
        """
        before = self._answered()
        sent = self._bytes
        began = time.thread_time()
        for _ in range(rounds):
            for protocol in self._protocols:
                protocol.data_received(sent)
            for _ in range(TURNS):
                await asyncio.sleep(0)
        seconds = time.thread_time() - began
        status = b" %d " % self._request.status
        if self._answered() - before != rounds * CONNECTIONS or status not in self._transports[0].head[:20]:
            raise RuntimeError(f"expected {self._request.status} from each, got {self._transports[0].head[:200]!r}")
        return seconds / rounds / CONNECTIONS * 1e6

    async def begin(self) -> None:
        """Send a first request on every connection, and wait: some things are read once, from the database."""
        before = self._answered()
        for protocol in self._protocols:
            protocol.data_received(self._bytes)
        for _ in range(PATIENCE):
            if self._answered() - before < CONNECTIONS:
                await asyncio.sleep(0.01)

    def _answered(self) -> int:
        return sum(transport.answered for transport in self._transports)


def encode(request: Request) -> bytes:
    """The request's bytes, as wrk sends them."""
    headers = {"Host": "127.0.0.1:8000", **request.headers}
    if request.body:
        headers["Content-Length"] = str(len(request.body))
    lines = [f"{request.method} {request.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + request.body
