"""Takes what the browser brings back: a server on this machine alone, for one answer (RFC 8252 section 7.3)."""

from __future__ import annotations

import http.server
import secrets
import socket
import time
from urllib.parse import parse_qsl, urlsplit

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><style>body{{font:1.2rem system-ui;margin:20vh auto;max-width:30rem;
padding:1rem;text-align:center;color-scheme:light dark}}</style><h1>{title}</h1><p>You can close this window.</p>
</html>"""
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "connection": "close",
}


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Loopback
    timeout = 5  # seconds for one connection: nobody holds up the one that is waited for

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=50)
        answer = dict(pairs)
        ours = parts.path == "/callback" and self.headers.get("host") == self.server.authority
        state = answer.get("state", "").encode()
        if not ours or len(answer) != len(pairs) or not secrets.compare_digest(state, self.server.state.encode()):
            self._page(404, "There is nothing here")  # somebody else's answer: the right one may still come
            return
        self.server.answer = answer
        self._page(200, "That did not work" if "error" in answer else "You are signed in")

    def _page(self, status: int, title: str) -> None:
        body = _PAGE.format(title=title).encode()
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the address holds the code."""


class Loopback(http.server.HTTPServer):
    """Waits on a free port of this machine.

    Args:
        state: only an answer with this one is taken.
    """

    address_family = socket.AF_INET
    allow_reuse_address = False

    def __init__(self, state: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = state
        self.authority = f"127.0.0.1:{self.server_address[1]}"
        self.answer: dict[str, str] | None = None
        self._given_up = False

    @property
    def redirect_uri(self) -> str:
        """Where the browser is sent back to."""
        return f"http://{self.authority}/callback"

    def wait(self, seconds: float) -> dict[str, str] | None:
        """The answer; None where there was none in time.

        Args:
            seconds: to wait.
        """
        ends = time.monotonic() + seconds
        while self.answer is None and not self._given_up and (left := ends - time.monotonic()) > 0:
            self.timeout = min(left, 0.5)
            self.handle_request()
        return self.answer

    def give_up(self) -> None:
        """Wait no longer."""
        self._given_up = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Go on: somebody else's connection broke."""
