"""Answers that are streams, for the asynchronous client. Close them, or use them in an `async with` statement."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Generic, Self, TypeVar

from .errors import ConnectionFailed
from .events import Event
from .headers import Headers
from .payload import CHUNK
from .reading import Chunks, EventReader, LineReader
from .request import Received
from .steps import Open, Plan, Sleep

T = TypeVar("T")
Run = Callable[[Plan[Any]], Awaitable[Any]]


class _Stream:
    def __init__(self, step: Open, run: Run) -> None:
        self._received: Received = step.received
        self._step = step
        self._run = run

    @property
    def headers(self) -> Headers:
        """Of the answer."""
        return self._received.headers

    @property
    def content_type(self) -> str:
        """Of the answer."""
        return self.headers.get("content-type", "")

    async def close(self) -> None:
        """Read no further."""
        if self._received.stream is not None:
            await self._received.stream.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _next(self) -> bytes:
        found: bytes = await self._received.stream.read(CHUNK) if self._received.stream is not None else b""
        return found


class AsyncDownload(_Stream):
    """Bytes, as they come."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = Chunks(self._step)
        async with self:
            while chunk := await self._next():
                if found := chunks.feed(chunk):
                    yield found
            chunks.end()

    async def read(self) -> bytes:
        """All that is left."""
        return b"".join([chunk async for chunk in self])

    async def save(self, place: str | Path | IO[bytes]) -> None:
        """Write it to a file, bit by bit.

        Args:
            place: the path of the file, or one that is open for bytes.
        """
        if isinstance(place, (str, Path)):
            with Path(place).open("wb") as file:  # noqa: ASYNC230  a chunk at a time, into the system's cache
                await self.save(file)
        else:
            async for chunk in self:
                place.write(chunk)  # noqa: ASYNC240  a chunk at a time, into the system's cache


class AsyncLineStream(_Stream, Generic[T]):
    """Items, as they come."""

    async def __aiter__(self) -> AsyncIterator[T]:
        reader = LineReader(self._step)
        async with self:
            while chunk := await self._next():
                for item in reader.feed(chunk):
                    yield item
            for item in reader.feed(b""):
                yield item


class AsyncEventStream(_Stream, Generic[T]):
    """Events, as they come. A connection that is lost is opened again after the last event that had an id."""

    def __init__(self, step: Open, run: Run) -> None:
        super().__init__(step, run)
        self._reader = EventReader(step)
        self._ready: deque[Event[Any]] = deque()
        self._closed = False

    def __aiter__(self) -> AsyncIterator[Event[T]]:
        return self

    async def __anext__(self) -> Event[T]:
        while not self._ready:
            lost = False
            try:
                chunk = b"" if self._closed else await self._next()
            except ConnectionFailed:
                if not self._reader.goes_on:
                    raise
                lost, chunk = True, b""
            if chunk:
                self._ready += self._reader.feed(chunk)
            elif not lost or not await self._reopen():
                await self.close()
                raise StopAsyncIteration
        return self._ready.popleft()

    async def _reopen(self) -> bool:
        await self._received.stream.close()
        assert self._step.reopen is not None  # noqa: S101  `goes_on` says so
        await self._run(_sleep(self._reader.pause))
        self._received = await self._run(self._step.reopen(self._reader.last_id))
        self._reader.restart(replace(self._step, received=self._received))
        return self._received.stream is not None and self._received.status != 204

    async def close(self) -> None:
        """Read no further."""
        self._closed = True
        await super().close()


def _sleep(seconds: float) -> Plan[None]:
    yield Sleep(seconds)
