"""What `curl --aws-sigv4` sends over a real socket is accepted."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from tests.portico.signing.requests import REGION, RULES, TEMPORARY

from portico.signing import Received, present, verify


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


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with Listener() as listener:
        thread = threading.Thread(target=listener.serve_forever, daemon=True)
        thread.start()
        yield listener
        listener.shutdown()


@pytest.mark.parametrize(
    "options",
    [
        ["/concierge/v1/products"],
        ["/concierge/v1/products?limit=2"],
        ["/concierge/v1/messages", "--json", '{"text": "two bouquets"}'],
        ["/concierge/v1/orders/42", "-X", "DELETE"],
        ["/concierge/v1/messages", "-H", "x-shop: flowers", "-d", "a=1&b=2"],
    ],
    ids=["GET", "query", "POST JSON", "DELETE", "form"],
)
def test_what_curl_sends_is_accepted(listener: Listener, options: list[str]) -> None:
    curl = shutil.which("curl")
    if (
        curl is None
        or "aws-sigv4" not in subprocess.run([curl, "--help", "all"], capture_output=True, text=True).stdout
    ):
        pytest.skip("there is no curl with --aws-sigv4")
    path, *rest = options
    url = f"http://127.0.0.1:{listener.server_port}{path}"
    user = f"{TEMPORARY.access_key_id}:{TEMPORARY.secret_key.reveal()}"
    token = f"x-amz-security-token: {TEMPORARY.session_token}"
    scope = f"aws:amz:{REGION}:execute-api"
    subprocess.run([curl, "-sS", "--aws-sigv4", scope, "--user", user, "-H", token, url, *rest], check=True)
    received = listener.received[-1]
    presented = present(received)
    assert presented is not None
    assert presented.session_token == TEMPORARY.session_token
    verify(received, presented, TEMPORARY.secret_key, now=presented.date, rules=RULES)
