"""Takes what the browser brings back: a server on this machine alone, for one answer (RFC 8252 section 7.3)."""

from __future__ import annotations

import contextlib
import http.server
import secrets
import socket
import threading
from urllib.parse import parse_qsl, urlsplit

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><style>body{{font:1.2rem system-ui;margin:20vh auto;max-width:30rem;
padding:1rem;text-align:center;color-scheme:light dark}}</style><h1>{title}</h1><p>You can close this window.</p>
</html>"""
_LONGEST = 5.0  # seconds of one connection
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "connection": "close",
}


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Loopback

    def setup(self) -> None:
        super().setup()
        self._end = threading.Timer(_LONGEST, self._cut)  # however slowly it comes
        self._end.daemon = True
        self._end.start()

    def _cut(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def finish(self) -> None:
        self._end.cancel()
        super().finish()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=50)
        answer = dict(pairs)
        ours = parts.path == "/callback" and self.headers.get("host") == self.server.authority
        state = answer.get("state", "").encode()
        if not ours or len(answer) != len(pairs) or not secrets.compare_digest(state, self.server.state.encode()):
            self._page(404, "There is nothing here")  # somebody else's answer: the right one may still come
            return
        try:
            self._page(200, "That did not work" if "error" in answer else "You are signed in")
        finally:
            self.server.take(answer)

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


class Loopback(http.server.ThreadingHTTPServer):
    """Waits on a free port of this machine. Each connection has a thread: none holds up the one that is waited for.

    Args:
        state: only an answer with this one is taken.
    """

    address_family = socket.AF_INET
    allow_reuse_address = False
    daemon_threads = True
    block_on_close = False

    def __init__(self, state: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = state
        self.authority = f"127.0.0.1:{self.server_address[1]}"
        self.answer: dict[str, str] | None = None
        self._over = threading.Event()

    @property
    def redirect_uri(self) -> str:
        """Where the browser is sent back to."""
        return f"http://{self.authority}/callback"

    def wait(self, seconds: float) -> dict[str, str] | None:
        """The answer; None where there was none in time.

        Args:
            seconds: to wait.
        """
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()
        self._over.wait(seconds)
        self.shutdown()
        return self.answer

    def take(self, answer: dict[str, str]) -> None:
        """This is the answer, if there was none before.

        Args:
            answer: the parameters that the browser came with.
        """
        if self.answer is None:
            self.answer = answer
        self._over.set()

    def give_up(self) -> None:
        """Wait no longer."""
        self._over.set()

    def handle_error(self, request: object, client_address: object) -> None:
        """Go on: somebody else's connection broke."""
