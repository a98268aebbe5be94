"""Raw HTTP/1.1 over a socket, and a reader of answers that forgives nothing (RFC 9112)."""

from __future__ import annotations

import re
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d) ([\t\x20-\x7e]*)")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_LARGEST_HEAD = 65_536


class Malformed(Exception):
    """An answer that is not HTTP."""


class Hang(Exception):
    """No answer, and no end of the connection, within the deadline."""


@dataclass(frozen=True)
class Answer:
    """One answer, read whole."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Case:
    """What is done to the server over one connection."""

    name: str
    parts: tuple[bytes | float, ...]  # bytes to send, and seconds to pause
    methods: tuple[str, ...] = ("GET",)  # one for each answer that is due: it decides whether a body follows
    after: str = "wait"  # then "wait" for the answer, "half-close" and wait, or "reset" the connection
    may_close: bool = False  # the server may end the connection without an answer
    statuses: tuple[int, ...] = ()  # what the answers must be; empty: anything below 500
    deadline: float = 10.0  # seconds

    @property
    def sent(self) -> bytes:
        """Every byte of it, for a reproducer."""
        return b"".join(part for part in self.parts if isinstance(part, bytes))


@dataclass
class Reader:
    """Reads answers from a socket until a deadline."""

    connection: socket.socket
    until: float  # on the monotonic clock
    held: bytes = b""
    closed: bool = field(default=False)

    def answer(self, method: str) -> Answer | None:
        """The next final answer; None where the connection ended properly before one began.

        Raises:
            Malformed: it is not HTTP, or the connection ended in the middle of it.
            Hang: it did not come in time.
        """
        while True:
            head = self._head()
            if head is None:
                return None
            status, headers = parse_head(head)
            if status >= 200:
                return Answer(status, headers, self._body(method, status, headers))

    def _head(self) -> bytes | None:
        while b"\r\n\r\n" not in self.held:
            if len(self.held) > _LARGEST_HEAD:
                raise Malformed(f"no end of the head in {len(self.held)} bytes")
            if not self._more():
                if self.held:
                    raise Malformed(f"the connection ended in the head: {self.held[:200]!r}")
                return None
        head, _, self.held = self.held.partition(b"\r\n\r\n")
        return head

    def _body(self, method: str, status: int, headers: dict[str, str]) -> bytes:
        if method == "HEAD" or status in (204, 304):
            return b""
        if "transfer-encoding" in headers:
            return self._chunks()
        if "content-length" in headers:
            return self._exactly(int(headers["content-length"]))
        while self._more():
            pass
        body, self.held = self.held, b""
        return body

    def _chunks(self) -> bytes:
        body = b""
        while True:
            size = int(self._line(), 16)
            chunk = self._exactly(size)
            if self._exactly(2) != b"\r\n":
                raise Malformed("a chunk does not end in CRLF")
            if not size:
                return body
            body += chunk

    def _line(self) -> bytes:
        while b"\r\n" not in self.held:
            if not self._more():
                raise Malformed("the connection ended in a chunk")
        line, _, self.held = self.held.partition(b"\r\n")
        return line

    def _exactly(self, size: int) -> bytes:
        while len(self.held) < size:
            if not self._more():
                raise Malformed(f"the connection ended {size - len(self.held)} bytes before the end of the body")
        taken, self.held = self.held[:size], self.held[size:]
        return taken

    def _more(self) -> bool:
        left = self.until - time.monotonic()
        if left <= 0:
            raise Hang(f"no end within the deadline; so far: {self.held[:200]!r}")
        self.connection.settimeout(left)
        try:
            received = self.connection.recv(65_536)
        except TimeoutError:
            raise Hang(f"no answer within the deadline; so far: {self.held[:200]!r}") from None
        except ConnectionError:
            received = b""
        self.held += received
        self.closed = not received
        return bool(received)


def parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers by lower-case name.

    Raises:
        Malformed: a line is none that RFC 9112 allows, or the framing is ambiguous.
    """
    first, *lines = head.split(b"\r\n")
    match = _STATUS_LINE.fullmatch(first)
    if match is None:
        raise Malformed(f"status line {first[:100]!r}")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise Malformed(f"header line {line[:200]!r}")
        key = name.decode().lower()
        if key in ("content-length", "transfer-encoding", "content-type", "date", "x-request-id") and key in headers:
            raise Malformed(f"{key} twice")
        headers[key] = value.strip().decode("latin-1")
    if "content-length" in headers and "transfer-encoding" in headers:
        raise Malformed("both Content-Length and Transfer-Encoding")
    if not re.fullmatch(r"\d+", headers.get("content-length", "0")):
        raise Malformed(f"Content-Length {headers['content-length']!r}")
    return int(match[1]), headers


def perform(case: Case, port: int) -> list[Answer]:
    """Send a case and read its answers.

    Raises:
        Malformed: an answer is not HTTP.
        Hang: the server neither answered nor closed.
        ConnectionError: the server could not be reached at all.
    """
    until = time.monotonic() + case.deadline
    with socket.create_connection(("127.0.0.1", port), timeout=case.deadline) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _send(connection, case.parts)
        if case.after == "reset":  # SO_LINGER of zero seconds sends RST
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return []
        if case.after == "half-close":
            _half_close(connection)
        reader = Reader(connection, until)
        answers = []
        for method in case.methods:
            answer = reader.answer(method)
            if answer is None:
                break
            answers.append(answer)
        return answers


def _send(connection: socket.socket, parts: Sequence[bytes | float]) -> None:
    for part in parts:
        if isinstance(part, bytes):
            try:
                connection.sendall(part)
            except (ConnectionError, TimeoutError):
                return  # refused before all was sent: the answer may be there all the same
        else:
            time.sleep(part)


def _half_close(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        return
