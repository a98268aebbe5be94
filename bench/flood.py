"""More requests than are admitted, from many connections, and what became of each.

A connection sends its next request when the last one is answered. Where it breaks, the request is lost: nobody knows
whether it was admitted, and another connection takes its place.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import uvloop

from bench.load import Request
from bench.process import LOAD_CORE
from bench.wire import encode

CONNECTIONS = 64
HOST = "127.0.0.1"
LOOK = 0.005  # seconds between two looks whether there are enough
PAUSE = 0.05  # seconds before a connection that broke is made again
LOST = 0  # the status of a request that was never answered


@dataclass(frozen=True, slots=True)
class Answer:
    """One request, answered or lost."""

    request: int  # its place among those that are sent in turn
    connection: int
    status: int
    at: float  # seconds since the first request was sent


@dataclass
class Flood:
    """Sends requests in turn."""

    ports: Sequence[int]
    requests: Sequence[Request]
    connections: int = CONNECTIONS
    answers: list[Answer] = field(default_factory=list)
    began: float = 0.0  # seconds, monotonic
    _next: itertools.count[int] = field(default_factory=itertools.count)
    _serial: itertools.count[int] = field(default_factory=itertools.count)
    _bytes: list[bytes] = field(default_factory=list)
    _ended: bool = False

    def run(self, enough: Callable[[Flood], bool], *, at_most: float) -> list[Answer]:
        """Send until there are enough, or for so long.

        Args:
            enough: asked now and then.
            at_most: seconds.
        """
        self._bytes = [encode(request) for request in self.requests]
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {int(LOAD_CORE)})
        try:
            uvloop.run(self._run(enough, at_most))
        finally:
            os.sched_setaffinity(0, cores)
        return self.answers

    def count(self, status: int, *, before: float = float("inf")) -> int:
        """How many answers had a status, of those that came before a moment."""
        return sum(answer.status == status and answer.at < before for answer in self.answers)

    async def _run(self, enough: Callable[[Flood], bool], at_most: float) -> None:
        loop = asyncio.get_running_loop()
        ports = itertools.cycle(self.ports)

        async def connect() -> None:
            port = next(ports)
            while not self._ended:
                try:
                    await loop.create_connection(lambda: _Connection(self, next(self._serial), reconnect), HOST, port)
                    return
                except OSError:
                    await asyncio.sleep(PAUSE)

        def reconnect() -> None:
            task = loop.create_task(connect())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        tasks: set[asyncio.Task[None]] = set()
        self.began = time.monotonic()
        await asyncio.gather(*(connect() for _ in range(self.connections)))
        while not enough(self) and time.monotonic() < self.began + at_most:  # noqa: ASYNC110 - not one at each answer
            await asyncio.sleep(LOOK)
        self._ended = True
        await asyncio.sleep(0.2)  # for the last answers

    def following(self) -> tuple[int, bytes] | None:
        """The next request; None when it is over."""
        if self._ended:
            return None
        place = next(self._next) % len(self._bytes)
        return place, self._bytes[place]


class _Connection(asyncio.Protocol):
    """One connection."""

    def __init__(self, flood: Flood, number: int, again: Callable[[], None]) -> None:
        self._flood = flood
        self._number = number
        self._again = again
        self._asked: int | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if blank and len(body) >= _length(head):
            self._record(int(head[9:12]))
            self._received = b""
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if self._asked is not None:
            self._record(LOST)
            self._again()

    def _send(self) -> None:
        following = self._flood.following()
        if following is None:
            self._transport.close()
            return
        self._asked, sent = following
        self._transport.write(sent)  # type: ignore[attr-defined]

    def _record(self, status: int) -> None:
        assert self._asked is not None
        at = time.monotonic() - self._flood.began
        self._flood.answers.append(Answer(self._asked, self._number, status, at))
        self._asked = None


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0
