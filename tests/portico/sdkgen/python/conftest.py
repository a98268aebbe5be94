"""A server that says what tests tell it to, and a hand-written package on the runtime."""

from __future__ import annotations

import http.server
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

Answer = tuple[int, dict[str, str], bytes] | Callable[["Handler"], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """A request, as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


class Server(http.server.ThreadingHTTPServer):
    """Notes requests, and gives the answers that it is told, the last one for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[Seen] = []
        self.answers: deque[Answer] = deque()
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: that clients hang up is what tests are about."""

    def says(self, *answers: Answer) -> None:
        self.answers.extend(answers)


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1
        self.number = self.server.connections

    def any(self) -> None:
        body = self.read_body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append(Seen(self.command, self.path, headers, body, self.number))
        answers = self.server.answers
        answer = answers.popleft() if len(answers) > 1 else answers[0] if answers else (204, {}, b"")
        if callable(answer):
            answer(self)
        else:
            self.answer(*answer)

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self.any
        raise AttributeError(name)

    def read_body(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        found = b""
        while size := int(self.rfile.readline(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204 and "transfer-encoding" not in headers and "content-length" not in headers:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def json_answer(text: str, status: int = 200, **headers: str) -> Answer:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"content-type": "application/json", **given}, text.encode()


@dataclass
class Clock:
    """Goes on only when somebody sleeps."""

    now: float = 1_777_887_000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def asleep(self, seconds: float) -> None:
        self.sleep(seconds)


@pytest.fixture
def ticking() -> Clock:
    return Clock()


def options(clock: Clock, **more: Any) -> dict[str, Any]:
    """Of a client whose time is the test's."""
    return {"clock": clock, "sleep": clock.sleep, "random": lambda: 0.5, **more}
