"""What lies between a client and the gateway: a TCP proxy that notes every request, and fails when it is told to.

It reads requests as they are on the wire (RFC 9112) and passes everything on byte by byte, so that signatures, hosts
and paths stay what they were. Rules say what happens to the next requests; when they are used up the sky is clear.
"""

from __future__ import annotations

import base64
import contextlib
import email.utils
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

BROWSER = "x-scenario-browser"  # requests with this header are those of a person, and are not noted
CHUNK = 65_536  # bytes
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: an end with RST instead of FIN


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it was on the wire."""

    method: str
    target: str  # as it was sent: path and query
    headers: tuple[tuple[str, str], ...]  # names in lower case
    body: bytes  # without chunks

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query, as it was sent."""
        return self.target.partition("?")[2]

    def header(self, name: str) -> str | None:
        """All values of a header; None where there is none."""
        values = [value for key, value in self.headers if key == name]
        return ", ".join(values) if values else None


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to one request.

    Args:
        method: of the requests that are meant; empty: any.
        path: what their target begins with.
        answer: `status`, `headers` and one of `json`, `text`, `base64`: instead of the gateway's.
        reset: end the connection before an answer: with RST.
        cut: let so many bytes of the answer's body pass, and then end the connection.
        delay: seconds before the request is passed on.
    """

    method: str = ""
    path: str = ""
    answer: Mapping[str, Any] | None = None
    reset: bool = False
    cut: int | None = None
    delay: float = 0.0

    def is_for(self, seen: Seen) -> bool:
        """Whether it is about a request."""
        return self.method in ("", seen.method) and seen.target.startswith(self.path)


@dataclass(slots=True)
class Weather:
    """A proxy that listens on a free port of the loopback address.

    Args:
        otherwise: the answer where there is no gateway behind it.
    """

    otherwise: Mapping[str, Any] | None = None
    upstream: tuple[str, int] | None = None
    seen: list[Seen] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    _listener: socket.socket = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    @property
    def origin(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def change(self, rules: list[Rule]) -> None:
        """Forget what was, and follow other rules."""
        with self._lock:
            self.seen.clear()
            self.rules[:] = rules

    def close(self) -> None:
        """Listen no longer."""
        self._listener.close()

    def note(self, seen: Seen) -> Rule:
        """Note a request; what shall happen to it."""
        if seen.header(BROWSER) is not None:
            return Rule()
        with self._lock:
            self.seen.append(seen)
            rule = next((rule for rule in self.rules if rule.is_for(seen)), Rule())
            self.rules[:] = [one for one in self.rules if one is not rule]
            return rule

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.closing(_Passage(self, client)) as passage, contextlib.suppress(OSError, EOFError, ValueError):
            passage.run()


class _Passage:
    """One connection of a client."""

    def __init__(self, weather: Weather, client: socket.socket) -> None:
        self._weather = weather
        self._client = client
        self._stream = client.makefile("rb")
        self._upstream: socket.socket | None = None
        self._left: int | None = None  # bytes of the answer's body that may pass

    def run(self) -> None:
        while raw := self._receive():
            head, body, seen = raw
            rule = self._weather.note(seen)
            if rule.delay:
                time.sleep(rule.delay)
            if rule.reset:
                self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                return
            answer = rule.answer or (self._weather.otherwise if self._weather.upstream is None else None)
            if answer is not None:
                self._client.sendall(written(answer, bodiless=seen.method == "HEAD"))
                continue
            self._left = rule.cut
            self._pass_on(head + body)

    def close(self) -> None:
        self._stream.close()
        for one in (self._client, self._upstream):
            if one is not None:
                one.close()

    def _receive(self) -> tuple[bytes, bytes, Seen] | None:
        """The next request: its head and body as they were, and what they mean."""
        head = b""
        for line in self._stream:
            head += line
            if line in (b"\r\n", b"\n"):
                break
        if not head.strip():
            return None
        first, *fields = head.decode("latin-1").splitlines()
        method, target, _ = first.split(" ", 2)
        pairs = [line.split(":", 1) for line in fields if line]
        headers = tuple((name.lower(), value.strip()) for name, value in pairs)
        by_name = dict(headers)
        if by_name.get("expect", "").lower() == "100-continue":
            self._client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in by_name.get("transfer-encoding", "").lower():
            raw, body = self._chunks()
        else:
            raw = body = self._exactly(int(by_name.get("content-length", 0)))
        return head, raw, Seen(method, target, headers, body)

    def _exactly(self, count: int) -> bytes:
        data = self._stream.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def _chunks(self) -> tuple[bytes, bytes]:
        raw, body = b"", b""
        while True:
            line = self._stream.readline()
            size = int(line.partition(b";")[0], 16)
            chunk = self._exactly(size + 2) if size else self._stream.readline()
            raw += line + chunk
            body += chunk[:size]
            if size == 0:
                return raw, body

    def _pass_on(self, request: bytes) -> None:
        if self._upstream is None:
            assert self._weather.upstream is not None
            self._upstream = socket.create_connection(self._weather.upstream)
            threading.Thread(target=self._pass_back, daemon=True).start()
        self._upstream.sendall(request)

    def _pass_back(self) -> None:
        """Pass answers on, until the gateway ends the connection or the answer is cut."""
        assert self._upstream is not None
        with contextlib.suppress(OSError):
            for part in _parts(self._upstream):
                if self._left is not None:
                    part = self._cut(part)
                self._client.sendall(part)
                if self._left == 0:
                    break
            self._client.shutdown(socket.SHUT_RDWR)

    def _cut(self, part: bytes) -> bytes:
        """What of a part may pass. The head is not counted; it comes in one piece."""
        assert self._left is not None
        start = part.index(b"\r\n\r\n") + 4 if part.startswith(b"HTTP/1.1 ") else 0
        passing = part[: start + self._left]
        self._left -= len(passing) - start
        return passing


def _parts(stream: socket.socket) -> Iterator[bytes]:
    while part := stream.recv(CHUNK):
        yield part


def written(answer: Mapping[str, Any], *, bodiless: bool = False) -> bytes:
    """An answer as it is on the wire.

    Args:
        answer: `status`, `headers`, and one of `json`, `text`, `base64`.
        bodiless: it is for HEAD.
    """
    headers = {"date": email.utils.formatdate(usegmt=True)}
    if "json" in answer:
        kind = "application/problem+json" if answer.get("status", 200) >= 400 else "application/json"
        headers["content-type"], body = kind, json.dumps(answer["json"]).encode()
    elif "base64" in answer:
        headers["content-type"], body = "application/octet-stream", base64.b64decode(answer["base64"])
    else:
        headers["content-type"], body = "text/plain; charset=utf-8", str(answer.get("text", "")).encode()
    headers["content-length"] = str(len(body))
    headers |= {name.lower(): str(value) for name, value in answer.get("headers", {}).items() if value is not None}
    lines = [f"HTTP/1.1 {answer.get('status', 200)} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (b"" if bodiless else body)
