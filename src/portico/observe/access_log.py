"""One JSON line for each request, written off the hot path.

`AccessLog.write` appends a tuple to a bounded queue and nothing else. A thread wakes by timer, encodes what has come
and writes it in batches. When the stream cannot keep up, lines are dropped and counted rather than requests delayed.

A line holds no query string and no header, because those may hold secrets. It cannot be forged from outside: every
value is JSON, and what is not ASCII is escaped, so neither a line break nor a terminal's control sequence gets through.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import select
import stat
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TextIO, TypeAlias

Fields: TypeAlias = tuple[float, str, str, str, str, str, int, float, int, str | None]
"""time (seconds since the epoch), request_id, client, method, path, operation, status, seconds, bytes_out, caller."""

LIMIT = 65_536  # lines that wait; more are dropped
INTERVAL = 0.05  # seconds between two flushes; what waits for longer has left the processor's cache
LONGEST = 1_024  # characters of a path or another value that a client chose
PIPE_BUF = select.PIPE_BUF  # bytes that a pipe takes in one piece
CLOSING = 5.0  # seconds that `close` waits for a stream that does not move


class AccessLog:
    """The access log of one process."""

    __slots__ = ("__weakref__", "_idle", "_lines", "_writer")

    def __init__(self, stream: TextIO | None = sys.stdout) -> None:
        """Log to a stream; None logs nothing.

        Args:
            stream: a terminal gets short lines for people, anything else gets JSON.
        """
        self._writer = None if stream is None else _Writer(stream)
        self._lines: deque[Fields] = deque(maxlen=0) if self._writer is None else self._writer.lines
        self._idle = self._writer is not None  # no thread runs before the first line
        if self._writer is not None:
            # Also at the interpreter's exit: lines are not lost when nobody called `close`.
            weakref.finalize(self, self._writer.stop)

    def write(self, fields: Fields) -> None:
        """Log one request. Never blocks and never raises."""
        if self._idle:
            self._start()
        if len(self._lines) < LIMIT:
            self._lines.append(fields)
        elif self._writer is not None:
            self._writer.dropped += 1

    def close(self) -> None:
        """Write what waits and stop the thread. A later `write` starts it again."""
        if self._writer is not None:
            self._writer.stop()
            self._idle = True

    @property
    def dropped(self) -> int:
        """Lines that were lost because the stream did not keep up or refused them."""
        return 0 if self._writer is None else self._writer.dropped

    def _start(self) -> None:
        if self._writer is not None:
            self._writer.start()
        self._idle = False


class _Writer:
    """The far end of the queue: encodes and writes in a thread of its own."""

    def __init__(self, stream: TextIO) -> None:
        self.lines: deque[Fields] = deque()
        self.dropped = 0
        self._reported = 0
        self._stream = stream
        self._format, self._piece = _plain if stream.isatty() else _json, _atomic_size(stream)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._thread is not None:
            self._stopping.set()
            self._thread.join(CLOSING)
            self._thread = None

    def _run(self) -> None:
        while not self._stopping.wait(INTERVAL):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        for piece, count in self._pieces():
            try:
                self._put(piece)
            except (OSError, ValueError):  # a closed pipe, a full disk, a closed stream: requests go on
                self.dropped += count

    def _put(self, piece: bytes) -> None:
        binary = getattr(self._stream, "buffer", None)
        if binary is None:
            self._stream.write(piece.decode("ascii"))
        else:
            binary.write(piece)
        self._stream.flush()

    def _pieces(self) -> Iterator[tuple[bytes, int]]:
        """What waits now, in pieces that one write puts whole into the stream, with the number of lines in each."""
        piece: list[bytes] = []
        size = 0
        for line in self._taken():
            if piece and size + len(line) > self._piece:
                yield b"".join(piece), len(piece)
                piece, size = [], 0
            piece.append(line)
            size += len(line)
        if piece:
            yield b"".join(piece), len(piece)

    def _taken(self) -> Iterator[bytes]:
        for _ in range(len(self.lines)):
            yield self._format(self.lines.popleft())
        lost = self.dropped - self._reported
        if lost:
            self._reported = self.dropped
            now = _rfc3339(datetime.now(UTC))
            yield _dumps({"time": now, "level": "warning", "event": "access_log_dropped", "lines": lost})


def _atomic_size(stream: TextIO) -> int:
    """How many bytes one write may hold: workers share a stream, and a pipe tears longer writes apart (POSIX write)."""
    with contextlib.suppress(OSError, ValueError):
        if stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode):
            return PIPE_BUF
    return 1 << 20


_PLAIN = re.compile(r"[ !#-\[\]-~]*").fullmatch  # what JSON and a terminal take as it is


@functools.lru_cache(maxsize=4)
def _second(whole: int) -> str:
    return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _json(fields: Fields) -> bytes:
    """The line of one request. Written out by hand: at 40,000 requests a second an encoder is a core's tenth."""
    moment, request_id, client, method, path, operation, status, seconds, size, caller = fields
    if len(path) > LONGEST:
        path = path[:LONGEST]
    whole = int(moment)
    stamp = f"{_second(whole)}.{int((moment - whole) * 1e6):06d}Z"
    if not _PLAIN(f"{request_id}{client}{method}{path}{operation}{caller}"):
        return _dumps(_members(stamp, (moment, request_id, client, method, path, *fields[5:])))
    user = "null" if caller is None else f'"{caller}"'
    return (
        f'{{"time":"{stamp}","level":"info","event":"request","request_id":"{request_id}","client":"{client}",'
        f'"method":"{method}","path":"{path}","operation":"{operation}","status":{status},'
        f'"duration_ms":{seconds * 1_000:.3f},"bytes":{size},"caller":{user}}}\n'
    ).encode("ascii")


def _members(stamp: str, fields: Fields) -> dict[str, object]:
    _, request_id, client, method, path, operation, status, seconds, size, caller = fields
    return {
        "time": stamp, "level": "info", "event": "request", "request_id": request_id, "client": client,
        "method": method, "path": path, "operation": operation, "status": status,
        "duration_ms": round(seconds * 1_000, 3), "bytes": size, "caller": caller,
    }  # fmt: skip


def _dumps(members: dict[str, object]) -> bytes:
    return json.dumps(members, separators=(",", ":")).encode("ascii") + b"\n"


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _plain(fields: Fields) -> bytes:
    """For people: `07:42:00 POST /concierge/v1/nlu 200 1.2 ms sendMessage`."""
    moment, _, _, method, path, operation, status, seconds, _, _ = fields
    clock = time.strftime("%H:%M:%S", time.localtime(moment))
    shown = json.dumps(f"{method[:LONGEST]} {path[:LONGEST]}")[1:-1]
    return f"{clock} {shown} {status} {seconds * 1_000:.1f} ms {operation}\n".encode("ascii", "backslashreplace")
