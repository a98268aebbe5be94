"""Every operation is called against a server on this machine. Written by `portico sdk`.

Run with `python -m unittest discover tests`, or with pytest.
"""

# ruff: noqa: E501, F401, I001  (texts are as long as they are, and every module imports the same)

from __future__ import annotations

import datetime as dt
import http.server
import threading
import unittest
from decimal import Decimal
from typing import Any
from uuid import UUID

from messages import Credentials, Messages, Model, Options, models


class Server(http.server.ThreadingHTTPServer):
    """Notes the last request, and answers what it is told to."""

    daemon_threads = True
    seen: tuple[str, str] = ("", "")
    answer: tuple[int, str, bytes] = (204, "", b"")


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_any(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.seen = (self.command, self.path)
        status, media_type, body = self.server.answer
        self.send_response(status)
        if status != 204:
            self.send_header("content-type", media_type)
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_OPTIONS = do_HEAD = do_PATCH = do_TRACE = do_QUERY = handle_any

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Operations(unittest.TestCase):
    """Each operation, with the document's example."""

    server: Server
    client: Messages

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.client = Messages(
            f"http://127.0.0.1:{cls.server.server_port}/base",
            api_key="key",
            access_token="token",
            basic=("user", "password"),
            credentials=Credentials("AKIDEXAMPLE", "secret"),
        )

    @classmethod
    def tearDownClass(cls) -> None:
        cls.client.close()
        cls.server.shutdown()
        cls.server.server_close()

    def call(self, name: str, method: str, target: str, answer: tuple[int, str, bytes], /, **arguments: Any) -> None:
        self.server.answer = answer
        result = getattr(self.client, name)(**arguments)
        if hasattr(result, "__enter__"):
            with result:
                list(result)
        seen_method, seen_target = self.server.seen
        self.assertEqual(seen_method, method)
        rest = seen_target.removeprefix(f"/base{target}")
        self.assertIn(rest[:1], ("", "&" if "?" in target else "?"), seen_target)  # a key may follow
        if isinstance(result, Model):
            self.assertEqual(result, type(result).from_json(result.to_json()))

    def test_answer_message(self) -> None:
        self.call(
            "answer_message",
            "POST",
            "/messages",
            (200, "application/json", b'{"text":"You said: Hello!"}'),
            text="Hello!",
        )


class Models(unittest.TestCase):
    """Every declared type can be compiled."""

    def test_every_model_can_be_read_and_written(self) -> None:
        for model in vars(models).values():
            if isinstance(model, type) and issubclass(model, Model) and model is not Model:
                with self.subTest(model.__name__):
                    values = {field[1]: None for field in model._fields_ if len(field) == 4}
                    self.assertIsInstance(model(**values).to_json(), bytes)


if __name__ == "__main__":
    unittest.main()
