"""Answers that are streams, for the synchronous client. Close them, or use them in a `with` statement."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
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
Run = Callable[[Plan[Any]], Any]


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

    def close(self) -> None:
        """Read no further."""
        if self._received.stream is not None:
            self._received.stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _next(self) -> bytes:
        found: bytes = self._received.stream.read(CHUNK) if self._received.stream is not None else b""
        return found


class Download(_Stream):
    """Bytes, as they come."""

    def __iter__(self) -> Iterator[bytes]:
        chunks = Chunks(self._step)
        with self:
            while chunk := self._next():
                if found := chunks.feed(chunk):
                    yield found
            chunks.end()

    def read(self) -> bytes:
        """All that is left."""
        return b"".join(self)

    def save(self, place: str | Path | IO[bytes]) -> None:
        """Write it to a file, bit by bit.

        Args:
            place: the path of the file, or one that is open for bytes.
        """
        if isinstance(place, (str, Path)):
            with Path(place).open("wb") as file:
                self.save(file)
        else:
            for chunk in self:
                place.write(chunk)


class LineStream(_Stream, Generic[T]):
    """Items, as they come."""

    def __iter__(self) -> Iterator[T]:
        reader = LineReader(self._step)
        with self:
            while chunk := self._next():
                yield from reader.feed(chunk)
            yield from reader.feed(b"")


class EventStream(_Stream, Generic[T]):
    """Events, as they come. A connection that is lost is opened again after the last event that had an id."""

    def __init__(self, step: Open, run: Run) -> None:
        super().__init__(step, run)
        self._reader = EventReader(step)
        self._ready: deque[Event[Any]] = deque()
        self._closed = False

    def __iter__(self) -> Iterator[Event[T]]:
        return self

    def __next__(self) -> Event[T]:
        while not self._ready:
            lost = False
            try:
                chunk = b"" if self._closed else self._next()
            except ConnectionFailed:
                if not self._reader.goes_on:
                    raise
                lost, chunk = True, b""
            if chunk:
                self._ready += self._reader.feed(chunk)
            elif not lost or not self._reopen():
                self.close()
                raise StopIteration
        return self._ready.popleft()

    def _reopen(self) -> bool:
        self._received.stream.close()
        assert self._step.reopen is not None  # noqa: S101  `goes_on` says so
        self._run(_sleep(self._reader.pause))
        self._received = self._run(self._step.reopen(self._reader.last_id))
        self._reader.restart(replace(self._step, received=self._received))
        return self._received.stream is not None and self._received.status != 204

    def close(self) -> None:
        """Read no further."""
        self._closed = True
        super().close()


def _sleep(seconds: float) -> Plan[None]:
    yield Sleep(seconds)
