"""A server that keeps what arrives, as bytes, and answers 204."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from portico.signing import Received


class Listener(HTTPServer):
    """Keeps the requests that arrive."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[Received] = []


class Handler(BaseHTTPRequestHandler):
    server: Listener

    def answer(self) -> None:
        path, _, query = self.path.encode("latin-1").partition(b"?")
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        self.server.received.append(Received(self.command, path, query, headers, body))
        self.send_response(204)
        self.end_headers()

    do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, format: str, *arguments: object) -> None:
        """Stay silent."""


@contextmanager
def listening() -> Iterator[Listener]:
    """A listener on a free port."""
    with Listener() as listener:
        thread = threading.Thread(target=listener.serve_forever, daemon=True)
        thread.start()
        yield listener
        listener.shutdown()
