"""Projects on disk, and real servers for them: processes, sockets, signals."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

PATIENCE = 40.0  # seconds: more than anything takes on a busy machine; nothing waits for it to pass

SPEC = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: /shop/v1}]
paths:
  /ping:
    get:
      operationId: ping
      summary: Say something
      security: []
      responses:
        "200":
          description: it
          content: {application/json: {schema: {type: object, properties: {says: {type: string}}}}}
  /slow:
    get:
      operationId: slow
      summary: Take a while
      security: []
      parameters:
        - {name: seconds, in: query, required: true, schema: {type: number}}
      responses:
        "200":
          description: it
          content: {application/json: {schema: {type: object}}}
"""

HANDLERS = """
import asyncio
import os


def ping():
    return {"says": "one", "pid": os.getpid()}


async def slow(seconds):
    await asyncio.sleep(seconds)
    return {"pid": os.getpid()}
"""


class Shop:
    """A project on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.spec = root / "specs" / "shop.yaml"
        self.handlers = root / "handlers" / "shop.py"
        for folder in ("specs", "handlers", "static_site"):
            (root / folder).mkdir()
        (root / "handlers" / "__init__.py").write_text("")
        (root / "static_site" / "index.html").write_text("<!doctype html><title>Shop</title>")
        self.spec.write_text(SPEC)
        self.handlers.write_text(HANDLERS)
        self.configure()

    def configure(self, **server: Any) -> None:
        lines = [f"{key} = {json.dumps(value)}" for key, value in {"drain_delay": 0.0, **server}.items()]
        (self.root / "portico.toml").write_text("\n".join(["[server]", *lines]) + "\n")

    def say(self, text: str) -> None:
        """Let the handler of `ping` say something else."""
        self.handlers.write_text(HANDLERS.replace('"one"', repr(text)))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    root = tmp_path / "shop"
    root.mkdir()
    return Shop(root)


class Serving:
    """A server that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.errors: list[str] = []
        self.output: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(stream, lines), daemon=True)
            for stream, lines in ((process.stderr, self.errors), (process.stdout, self.output))
        ]
        for reader in self._readers:
            reader.start()
        self.url = ""
        self.management = ""

    def _read(self, stream: Any, lines: list[str]) -> None:
        lines.extend(iter(stream.readline, ""))

    def ready(self) -> Serving:
        told = self.told('"event":"serving"')
        self.url, self.management = json.loads(told)["url"], json.loads(told)["management"]
        return self

    def told(self, text: str, times: int = 1) -> str:
        """The line of standard error that holds a text; waits for it."""

        def found() -> str | None:
            lines = [line for line in self.errors if text in line]
            return lines[times - 1] if len(lines) >= times else None

        return until(found, lambda: f"no {text!r} in:\n{''.join(self.errors)}")

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def get(self, path: str, **options: Any) -> httpx.Response:
        return httpx.get(self.url + path, timeout=PATIENCE, **options)

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.ended()

    def ended(self) -> int:
        status = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        return status


def until(probe: Callable[[], Any], message: Callable[[], str] = lambda: "it did not happen") -> Any:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if result := probe():
                return result
        time.sleep(0.02)
    raise AssertionError(message())


Serve = Callable[..., Serving]


@pytest.fixture
def serve(shop: Shop) -> Iterator[Serve]:
    """Start `portico serve` for the shop."""
    started: list[Serving] = []

    def start(*options: str, port: int = 0, **environ: str) -> Serving:
        command = [sys.executable, "-c", "from portico.cli import main; main()", "serve", *options]
        process = subprocess.Popen(
            [*command, "--port", str(port), *([] if "--project" in options else ["--project", str(shop.root)])],
            cwd=shop.root,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(Serving(process))
        return started[-1]

    yield start
    for serving in started:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(serving.process.pid, signal.SIGKILL)  # the session that we started: parent and workers
        serving.process.wait(PATIENCE)


class Load:
    """Clients that call without a pause until they are told to stop, and count what fails."""

    def __init__(self, url: str, path: str, *, clients: int = 8, keep_alive: bool = True) -> None:
        self.url, self.path, self.keep_alive = url, path, keep_alive
        self.answers: list[httpx.Response] = []
        self.failures: list[str] = []
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]

    def _run(self) -> None:
        limits = httpx.Limits(max_keepalive_connections=None if self.keep_alive else 0)
        events: list[str] = []
        with httpx.Client(timeout=PATIENCE, limits=limits) as client:
            while not self._stopping.is_set():
                events.clear()
                try:
                    options = {"trace": lambda name, _: events.append(name)}
                    self.answers.append(client.get(self.url + self.path, extensions=options))
                except httpx.TransportError as error:
                    # httpx reads on where it could not write, and tells of that only.
                    unsent = "http11.send_request_headers.failed" in events
                    self.failures.append(repr(httpx.WriteError(str(error)) if unsent else error))
                    if isinstance(error, httpx.ConnectError):
                        return

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        self.more(20)
        return self

    def more(self, answers: int = 100) -> None:
        """Go on until so many more have been answered."""
        goal = len(self.answers) + answers
        until(lambda: len(self.answers) >= goal or self.failures, lambda: f"{len(self.answers)} of {goal} answers")

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(PATIENCE)


@pytest.fixture
def load() -> type[Load]:
    return Load


@pytest.fixture
def wait() -> Callable[..., Any]:
    return until


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
