"""A folder with a site, and a way to ask an ASGI application for exactly the bytes of a path that an attacker sends."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
import uvicorn
from starlette.types import ASGIApp, Message

from portico.site import StaticSite

SECRET = "the secret outside"


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes
    parts: int  # messages that the body came in


Fetch = Callable[..., Awaitable[Reply]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text(SECRET)
    root = tmp_path / "static_site"
    (root / "blog").mkdir(parents=True)
    (root / "empty").mkdir()
    (root / "index.html").write_text("<!doctype html><title>Home</title>")
    (root / "404.html").write_text("<!doctype html><title>Lost</title>")
    (root / "blog" / "index.html").write_text("<!doctype html><title>Blog</title>")
    (root / "small.txt").write_text("0123456789")
    (root / "large.css").write_text("body { color: green; }\n" * 500)
    (root / "app.3f9a1c2b.js").write_text("export {};")
    (root / ".env").write_text(SECRET)
    return root


@pytest.fixture
def site(folder: Path) -> StaticSite:
    return StaticSite(folder)


@pytest.fixture
def fetch() -> Fetch:
    async def fetch(app: ASGIApp, target: str, *, method: str = "GET", **headers: str) -> Reply:
        """Ask for a target as it stands on the wire; the path is decoded as the server does it."""
        raw, _, query = target.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": unquote(raw),
            "raw_path": raw.encode("latin-1", "replace"),
            "query_string": query.encode(),
            "headers": [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()],
        }
        sent: list[Message] = []

        async def receive() -> Message:
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Message) -> None:
            sent.append(message)

        await app(scope, receive, send)
        start, *body = sent
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
        assert len(dict(pairs)) == len(pairs), f"a header is there twice: {pairs}"
        assert not body[-1].get("more_body", False)
        return Reply(start["status"], dict(pairs), b"".join(part.get("body", b"") for part in body), len(body))

    return fetch


@pytest.fixture
def serve() -> Iterator[Callable[[ASGIApp], str]]:
    """Serves an application on a free port, in a thread, and gives its origin."""
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(app: ASGIApp) -> str:
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        servers.append((server, thread))
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    yield start
    for server, thread in servers:
        server.should_exit = True
        thread.join(10)
