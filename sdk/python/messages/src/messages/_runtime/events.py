"""Reading streams bit by bit: server-sent events (WHATWG HTML, section 9.2) and lines."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .headers import fault

T = TypeVar("T")
_DIGITS = 15  # of a pause
_LONGEST = 10_000_000  # characters of one event, or of one line


@dataclass(frozen=True, slots=True)
class Event(Generic[T]):
    """An event of a stream."""

    data: T
    event: str = "message"
    id: str = ""
    retry: int | None = None  # milliseconds


class TooLong(ValueError):
    """A line, or an event, has no end."""


class Lines:
    """Cuts bytes into lines, which end with \\n, \\r\\n or (for events) \\r."""

    def __init__(self, *, lone_returns: bool) -> None:
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest: list[str] = []  # of a line that has no end yet, as it came
        self._size = 0
        self._lone = lone_returns
        self._begun = False

    def feed(self, chunk: bytes, *, last: bool = False) -> list[str]:
        """The lines that are complete now.

        Args:
            chunk: what came.
            last: whether it is the end, so that what is left is a line as well.
        """
        text = self._text.decode(chunk, last)
        if not self._begun and text:
            self._begun, text = True, text.removeprefix("\ufeff")
        self._rest.append(text)
        self._size += len(text)
        lines = self._cut(last=last) if last or "\n" in text or self._returns(text) else []
        if self._size > _LONGEST:
            raise TooLong("A line of the stream is too long.")
        return lines

    def _returns(self, text: str) -> bool:
        """Whether a line ends with \r, in this text or before it."""
        return self._lone and ("\r" in text or (len(self._rest) > 1 and self._rest[-2].endswith("\r")))

    def _cut(self, *, last: bool) -> list[str]:
        text = "".join(self._rest)
        held = "\r" if text.endswith("\r") and not last else ""  # its \n may still come
        text = text[: len(text) - len(held)].replace("\r\n", "\n")
        if self._lone:
            text = text.replace("\r", "\n")
        *lines, rest = text.split("\n")
        if last and rest:
            lines.append(rest)
            rest = ""
        self._rest, self._size = [rest + held], len(rest) + len(held)
        return lines


class EventParser:
    """Puts lines together to events."""

    def __init__(self) -> None:
        self._lines = Lines(lone_returns=True)
        self._data: list[str] = []
        self._size = 0
        self._event = ""
        self._retry: int | None = None
        self.last_id = ""
        self.retry: int | None = None  # milliseconds: how long to wait before the stream is opened again

    def feed(self, chunk: bytes) -> list[Event[str]]:
        """The events that are complete now.

        Args:
            chunk: what came.
        """
        found: list[Event[str]] = []
        for line in self._lines.feed(chunk):
            if line:
                self._field(line)
            elif self._data:
                found.append(Event("\n".join(self._data), self._event or "message", self.last_id, self._retry))
                self._clear()
            else:
                self._clear()
        return found

    def restart(self) -> None:
        """Forget what is half read: the stream is opened again."""
        self._lines = Lines(lone_returns=True)
        self._clear()

    def _clear(self) -> None:
        self._data, self._size, self._event, self._retry = [], 0, "", None

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
            self._size += len(value)
            if self._size > _LONGEST:
                raise TooLong("An event of the stream is too long.")
        elif name == "event":
            self._event = value
        elif name == "id" and not fault("last-event-id", value):  # one that could not be sent back is none
            self.last_id = value
        elif name == "retry" and value.isascii() and value.isdecimal():
            self.retry = self._retry = int(value[:_DIGITS])


def is_done(event: Event[Any]) -> bool:
    """Whether an event only says that there are no more, as many servers end their streams."""
    return bool(event.data == "[DONE]")
