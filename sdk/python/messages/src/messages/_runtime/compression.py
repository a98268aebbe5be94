"""Answers as they were before they were compressed, and never larger than they may be."""

from __future__ import annotations

import zlib
from typing import Any

from .headers import Headers


class TooLarge(ValueError):
    """The answer is larger than it may be."""


class Inflater:
    """Takes a body bit by bit (RFC 9110 section 8.4.1: gzip, deflate, identity).

    Args:
        headers: of the answer.
        limit: bytes of what comes out; None: any number.
    """

    def __init__(self, headers: Headers, limit: int | None) -> None:
        coding = headers.get("content-encoding", "").strip().lower()
        self._inflate: Any = None
        self._begun = False
        self._raw_tried = coding != "deflate"
        if coding in ("gzip", "x-gzip", "deflate"):
            self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)  # finds out by itself which of the two it is
        self._left = limit

    def feed(self, chunk: bytes) -> bytes:
        """What came, inflated.

        Args:
            chunk: what came.

        Raises:
            TooLarge: that is too much.
            ValueError: it is not compressed as the headers say.
        """
        if self._inflate is not None and chunk:
            self._begun = True
            chunk = self._inflated(chunk)
        if self._left is not None:
            self._left -= len(chunk)
            if self._left < 0:
                raise TooLarge("It is larger than it may be (max_answer).")
        return chunk

    def end(self) -> None:
        """Nothing more comes.

        Raises:
            ValueError: it was cut off.
        """
        if self._begun and not self._inflate.eof:
            raise ValueError("It is cut off: what is compressed has an end.")

    def _inflated(self, chunk: bytes) -> bytes:
        """All members of a chunk, one after another (RFC 1952 section 2.2)."""
        room = -1 if self._left is None else self._left + 1
        found = []
        if self._inflate.eof:
            chunk = chunk.lstrip(b"\0")  # padding
        while chunk and room != 0:
            if self._inflate.eof:
                self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
            found.append(self._member(chunk, max(room, 0)))
            room = max(room - len(found[-1]), 0) if room > 0 else room
            chunk = self._inflate.unused_data.lstrip(b"\0")
        return b"".join(found)

    def _member(self, chunk: bytes, size: int) -> bytes:
        try:
            found: bytes = self._inflate.decompress(chunk, size)
        except zlib.error as error:
            if self._raw_tried:
                raise ValueError(f"It is not compressed as it says: {error}") from None
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)  # deflate without its wrapper, as some servers send it
            self._raw_tried = True
            return self._member(chunk, size)
        self._raw_tried = True
        return found
