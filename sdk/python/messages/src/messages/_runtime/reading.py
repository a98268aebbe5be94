"""What streams of both clients share: where they are, and what comes next."""

from __future__ import annotations

from typing import Any

from . import jsontext
from .compression import Inflater
from .errors import DoesNotFit, UnexpectedAnswer
from .events import Event, EventParser, Lines
from .steps import Open

_LONGEST_PAUSE = 60.0  # seconds before a stream is opened again, whatever the server says


class Chunks:
    """Bytes as they come, inflated."""

    def __init__(self, step: Open) -> None:
        self._inflate = Inflater(step.received.headers, None)
        self._operation = step.operation

    def feed(self, chunk: bytes) -> bytes:
        """What came, inflated."""
        try:
            return self._inflate.feed(chunk)
        except ValueError as error:
            raise UnexpectedAnswer(self._operation, str(error)) from None

    def end(self) -> bytes:
        """Nothing more comes; what was compressed must be at its end."""
        try:
            self._inflate.end()
        except ValueError as error:
            raise UnexpectedAnswer(self._operation, str(error)) from None
        return b""


class LineReader:
    """Items, a line of JSON each (JSON Lines)."""

    def __init__(self, step: Open) -> None:
        self._chunks = Chunks(step)
        self._lines = Lines(lone_returns=False)
        self._read = step.read
        self._operation = step.operation

    def feed(self, chunk: bytes) -> list[Any]:
        """The items that are complete now; no bytes are the end."""
        lines = self._lines.feed(self._chunks.feed(chunk) if chunk else self._chunks.end(), last=not chunk)
        return [read_text(self._operation, self._read, line) for line in lines if line.strip()]


class EventReader:
    """Events, and from where the stream goes on when it is opened again."""

    def __init__(self, step: Open) -> None:
        self._step = step
        self._operation = step.operation
        self._parser = EventParser()
        self._chunks = Chunks(step)
        self._found = False

    def feed(self, chunk: bytes) -> list[Event[Any]]:
        """The events that are complete now."""
        try:
            events = self._parser.feed(self._chunks.feed(chunk))
        except ValueError as error:
            raise UnexpectedAnswer(self._operation, str(error)) from None
        self._found = self._found or bool(events)
        return [self._typed(event) for event in events if event.data != "[DONE]"]

    def _typed(self, event: Event[str]) -> Event[Any]:
        data = read_text(self._operation, self._step.read, event.data)
        return Event(data, event.event, event.id, event.retry)

    @property
    def goes_on(self) -> bool:
        """Whether the stream is to be opened again: it can be, and the last time brought something."""
        return self._step.reopen is not None and bool(self._parser.last_id) and self._found

    @property
    def pause(self) -> float:
        """Seconds before it is opened again."""
        return self._step.pause if self._parser.retry is None else min(self._parser.retry / 1000, _LONGEST_PAUSE)

    @property
    def last_id(self) -> str:
        """Of the last event."""
        return self._parser.last_id

    def restart(self, step: Open) -> None:
        """It was opened again."""
        self._parser.restart()
        self._chunks = Chunks(step)
        self._found = False


def read_text(operation: str, read: Any, text: str) -> Any:
    """An event's data, or a line.

    Args:
        operation: that gives it.
        read: of its type.
        text: that came.

    Raises:
        UnexpectedAnswer: it is not as the document says.
    """
    try:
        return read(text)
    except DoesNotFit as error:
        raise UnexpectedAnswer(operation, error.reason, pointer=error.pointer, body=text.encode()) from None
    except ValueError as error:
        raise UnexpectedAnswer(operation, f"no JSON: {error}", body=text.encode()) from None
    except RecursionError:
        raise UnexpectedAnswer(operation, "it is nested too deeply", body=text.encode()) from None


def reader(read: Any, *, text: bool) -> Any:
    """Reads an event's data, or a line.

    Args:
        read: of its type.
        text: whether it is a text, and need not be JSON.
    """
    if text:
        return lambda data: data
    return lambda data: read(jsontext.read(data.encode("utf-8", "surrogatepass"), exact=True))
