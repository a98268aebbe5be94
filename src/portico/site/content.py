"""Something to read, in memory or on disk, and the answer that a request for it gets."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from portico.site import encoding, preconditions, ranges
from portico.site.answer import Answer, Request, problem
from portico.site.encoding import Coding
from portico.site.headers import Headers, compresses

COMPRESS_ABOVE = 1_024  # bytes; a shorter text gains nothing
CHUNK = 256 * 1_024  # bytes read from disk at a time


@dataclass(slots=True)
class Text:
    """Bytes in memory, with their compressed forms once somebody asked for them."""

    body: bytes
    media_type: str
    modified: int | None = None  # whole seconds since the epoch
    tag: str = ""
    forms: dict[Coding, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tag = hashlib.sha256(self.body).hexdigest()[:32]

    @property
    def size(self) -> int:
        """Bytes, uncompressed."""
        return len(self.body)

    @property
    def weight(self) -> int:
        """Bytes of memory."""
        return len(self.body) + sum(map(len, self.forms.values()))

    @property
    def compressible(self) -> bool:
        """Whether a compressed form is offered."""
        return self.size > COMPRESS_ABOVE and compresses(self.media_type)

    async def form(self, coding: Coding) -> bytes:
        """The body in a coding; made off the event loop, once."""
        if coding not in self.forms:
            self.forms[coding] = await asyncio.to_thread(encoding.compress, self.body, coding)
        return self.forms[coding]

    async def parts(self, spans: list[tuple[int, int]]) -> AsyncIterator[bytes]:
        """The bytes of some parts, one after the other."""
        for start, end in spans:
            yield self.body[start:end]


@dataclass(frozen=True, slots=True)
class File:
    """A file that is too large to keep in memory: read while it is sent, and never compressed."""

    path: Path
    media_type: str
    status: os.stat_result
    compressible: bool = False

    @property
    def size(self) -> int:
        """Bytes."""
        return self.status.st_size

    @property
    def modified(self) -> int:
        """Whole seconds since the epoch."""
        return int(self.status.st_mtime)

    @property
    def tag(self) -> str:
        """Changes whenever the file is written or replaced."""
        return hashlib.sha256(repr(signature(self.status)).encode()).hexdigest()[:32]

    async def parts(self, spans: list[tuple[int, int]]) -> AsyncIterator[bytes]:
        """The bytes of some parts, in pieces.

        Raises:
            OSError: the file changed since the answer began, which can then only be broken off.
        """
        handle = await asyncio.to_thread(self.path.open, "rb")
        try:
            if signature(os.fstat(handle.fileno())) != signature(self.status):
                raise OSError(f"{self.path} was replaced while it was sent")
            for start, end in spans:
                while start < end:
                    piece = await asyncio.to_thread(_read, handle, start, min(CHUNK, end - start))
                    if not piece:
                        raise OSError(f"{self.path} became shorter while it was sent")
                    start += len(piece)
                    yield piece
        finally:
            handle.close()


def signature(status: os.stat_result) -> tuple[int, int, int]:
    """What differs once a file was written or replaced."""
    return status.st_mtime_ns, status.st_size, status.st_ino


async def answer(request: Request, content: Text | File, headers: Headers, *, status: int = 200) -> Answer:
    """The answer to a GET or HEAD: 200, 206, 304, 412 or 416.

    Args:
        request: what was asked.
        content: what is there.
        headers: caching and security headers of that content.
        status: 404 for an error page: it is neither conditional nor cut into ranges.
    """
    wants_range = "range" in request.headers and request.method == "GET" and status == 200
    coding = encoding.choose(request.headers.get("accept-encoding", "")) if content.compressible else None
    etag = f'"{content.tag}"'
    if coding and not (
        wants_range and preconditions.range_applies(request.headers, etag=etag, modified=content.modified)
    ):
        etag = f'"{content.tag}-{coding}"'  # another form is another representation (RFC 9110 section 8.8.3.3)
    else:
        coding = None
    common = [*headers, *_about(content, etag)]
    if status == 200:
        verdict = preconditions.evaluate(request.headers, etag=etag, modified=content.modified)
        if verdict == 304:
            return Answer(304, common)
        if verdict == 412:
            return problem(request, 412, "The file is not the one that the request was meant for.")
    common.append(("content-type", content.media_type))
    if (
        wants_range
        and coding is None
        and preconditions.range_applies(request.headers, etag=etag, modified=content.modified)
    ):
        partial = _partial(request, content, common)
        if partial is not None:
            return partial
    if isinstance(content, Text):
        if coding is None:
            return Answer(status, common, content.body)
        return Answer(status, [*common, ("content-encoding", coding)], await content.form(coding))
    return Answer(status, common, lambda: content.parts([(0, content.size)]), content.size)


def _about(content: Text | File, etag: str) -> Headers:
    headers = [("etag", etag), ("accept-ranges", "bytes")]
    if content.modified is not None:
        headers.append(("last-modified", preconditions.http_date(content.modified)))
    if content.compressible:
        headers.append(("vary", "accept-encoding"))
    return headers


def _partial(request: Request, content: Text | File, headers: Headers) -> Answer | None:
    """206 or 416; None where the Range header is to be ignored."""
    try:
        spans = ranges.parse(request.headers["range"], content.size)
    except ranges.RangeNotSatisfiable:
        return problem(request, 416, f"There are {content.size} bytes.", [("content-range", f"bytes */{content.size}")])
    if spans is None:
        return None
    if len(spans) > 1:
        return _several(content, spans, headers)
    start, end = spans[0]
    headers.append(("content-range", f"bytes {start}-{end - 1}/{content.size}"))
    return Answer(206, headers, lambda: content.parts(spans), end - start)


def _several(content: Text | File, spans: list[tuple[int, int]], headers: Headers) -> Answer:
    """Several parts in one answer (RFC 9110 section 14.6)."""
    boundary = secrets.token_hex(12)
    heads = [
        f"--{boundary}\r\nContent-Type: {content.media_type}\r\n"
        f"Content-Range: bytes {start}-{end - 1}/{content.size}\r\n\r\n".encode()
        for start, end in spans
    ]
    tail = f"--{boundary}--\r\n".encode()

    async def parts() -> AsyncIterator[bytes]:
        for head, span in zip(heads, spans, strict=True):
            yield head
            async for piece in content.parts([span]):
                yield piece
            yield b"\r\n"
        yield tail

    length = len(tail) + sum(len(head) + end - start + 2 for head, (start, end) in zip(heads, spans, strict=True))
    others = [(name, value) for name, value in headers if name != "content-type"]
    return Answer(206, [*others, ("content-type", f"multipart/byteranges; boundary={boundary}")], parts, length)


def _read(handle: BinaryIO, start: int, length: int) -> bytes:
    handle.seek(start)
    return handle.read(length)
