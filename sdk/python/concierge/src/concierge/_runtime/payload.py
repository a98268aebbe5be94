"""What is sent: bytes, or a stream of which never more than a chunk is in memory."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias

from .errors import BadArgument

CHUNK = 65_536  # bytes

Source: TypeAlias = bytes | bytearray | memoryview | str | Path | IO[bytes] | Iterable[bytes]
"""Bytes, a text (sent as UTF-8), the path of a file, a file that is open, or what gives bytes bit by bit."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a form.

    Args:
        content: bytes, a text, a path, an open file, or what gives bytes bit by bit.
        name: of the file; that of the path or of the open file where it is left out.
        content_type: its media type; what the document says where it is left out.
    """

    content: Source
    name: str | None = None
    content_type: str | None = None


class Payload:
    """A body that is read when it is sent.

    Args:
        open: begins to read it from its start.
        length: bytes; None where nobody knows before it was read.
        repeatable: whether it can be read again.
    """

    __slots__ = ("_begun", "_open", "length", "repeatable")

    def __init__(self, open: Callable[[], Iterator[bytes]], length: int | None, *, repeatable: bool) -> None:
        self._open = open
        self.length = length
        self.repeatable = repeatable
        self._begun = False

    @property
    def spent(self) -> bool:
        """Whether it was read and cannot be read again."""
        return self._begun and not self.repeatable

    def chunks(self) -> Iterator[bytes]:
        """The bytes, from the start; as many as were promised, also where a file has changed meanwhile.

        Raises:
            BadArgument: there are fewer.
        """
        self._begun = True
        return self._open() if self.length is None else _exactly(self._open(), self.length)

    def sha256(self) -> str:
        """The hash of all bytes, in hexadecimal digits; it is read for that."""
        found = hashlib.sha256()
        for chunk in self._open() if self.length is None else _exactly(self._open(), self.length):
            found.update(chunk)
        return found.hexdigest()


def _exactly(chunks: Iterator[bytes], length: int) -> Iterator[bytes]:
    """What is more than the promised length would be read as the next request."""
    for chunk in chunks:
        yield chunk[:length]
        length -= len(chunk)
        if length <= 0:
            return
    if length > 0:
        raise BadArgument("What is sent became shorter while it was sent.")


Body: TypeAlias = bytes | Payload


def of(source: Any) -> Body:
    """A body of whatever somebody gives.

    Args:
        source: see `Source`.

    Raises:
        BadArgument: it is nothing of that kind.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, str):
        return source.encode()
    if isinstance(source, Path):
        return _of_path(source)
    if callable(getattr(source, "read", None)):
        return _of_file(source)
    if isinstance(source, Iterable) and not isinstance(source, dict):
        return Payload(lambda: iter(source), None, repeatable=isinstance(source, Sequence))
    raise BadArgument(
        f"{type(source).__name__} cannot be sent: give bytes, a path, an open file or an iterable of bytes."
    )


def _of_path(path: Path) -> Payload:
    def chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            yield from _read(file)

    return Payload(chunks, path.stat().st_size, repeatable=True)


def _of_file(file: IO[bytes]) -> Payload:
    try:
        start = file.tell()
        length = file.seek(0, os.SEEK_END) - start
        file.seek(start)
    except (OSError, AttributeError, io.UnsupportedOperation):
        return Payload(lambda: _read(file), None, repeatable=False)

    def chunks() -> Iterator[bytes]:
        file.seek(start)
        yield from _read(file)

    return Payload(chunks, length, repeatable=True)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        if not isinstance(chunk, bytes):
            raise BadArgument("The file gives texts: open it in binary mode.")
        yield chunk


def joined(parts: Sequence[Body]) -> Body:
    """Several bodies, one after another.

    Args:
        parts: in their order.
    """
    streams = [part for part in parts if isinstance(part, Payload)]
    if not streams:
        return b"".join(part for part in parts if isinstance(part, bytes))
    lengths = [part.length if isinstance(part, Payload) else len(part) for part in parts]

    def chunks() -> Iterator[bytes]:
        for part in parts:
            if isinstance(part, Payload):
                yield from part.chunks()
            else:
                yield part

    known = [length for length in lengths if length is not None]
    length = sum(known) if len(known) == len(lengths) else None
    return Payload(chunks, length, repeatable=all(part.repeatable for part in streams))


Upload: TypeAlias = File | Source
"""What can be given for a file of a form, and for a body of bytes."""
