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

from concierge import Credentials, Concierge, Model, Options, models


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
    client: Concierge

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.client = Concierge(
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

    def test_send_message(self) -> None:
        self.call(
            "send_message",
            "POST",
            "/nlu",
            (200, "application/json", b'{"messages":[{"type":"unstructured","unstructured":{"id":"concierge-7d0f1a52","text":"Good day! What are you celebrating?","timestamp":"2026-05-04T09:30:01Z"}}]}'),
            messages=[{"type": "unstructured", "unstructured": {"id": "m-1", "text": "Good morning!", "timestamp": "2026-05-04T09:30:00Z"}}],
        )

    def test_checkout(self) -> None:
        self.call(
            "checkout",
            "POST",
            "/checkout",
            (200, "application/json", b'{"success":true,"message":"Thank you! Dozen Red Roses will be delivered on 10 May 2026.","orderId":"5d41402abc4b2a76b9719d911017c592"}'),
            product_id="dozen-red-roses",
            delivery_address="Ada Lovelace, 12 St James's Square, London SW1Y 4JH",
            delivery_date=dt.date.fromisoformat("2026-05-10"),
        )

    def test_list_products(self) -> None:
        self.call(
            "list_products",
            "GET",
            "/products",
            (200, "application/json", b'{"products":[{"productId":"dozen-red-roses","name":"Dozen Red Roses","description":"Twelve long-stemmed red roses, tied by hand.","price":59,"currency":"EUR","imageUrl":"/images/dozen-red-roses.svg"}]}'),
        )

    def test_get_product(self) -> None:
        self.call(
            "get_product",
            "GET",
            "/products/dozen-red-roses",
            (200, "application/json", b'{"productId":"dozen-red-roses","name":"Dozen Red Roses","description":"Twelve long-stemmed red roses, tied by hand.","price":59,"currency":"EUR","imageUrl":"/images/dozen-red-roses.svg"}'),
            product_id="dozen-red-roses",
        )

    def test_list_orders(self) -> None:
        self.call(
            "list_orders",
            "GET",
            "/orders",
            (200, "application/json", b'{"orders":[{"orderId":"5d41402abc4b2a76b9719d911017c592","productId":"dozen-red-roses","name":"Dozen Red Roses","price":59,"currency":"EUR","deliveryDate":"2026-05-10","status":"accepted","placedAt":"2026-05-04T09:32:00Z"}]}'),
        )

    def test_get_order(self) -> None:
        self.call(
            "get_order",
            "GET",
            "/orders/5d41402abc4b2a76b9719d911017c592",
            (200, "application/json", b'{"orderId":"5d41402abc4b2a76b9719d911017c592","productId":"dozen-red-roses","name":"Dozen Red Roses","price":59,"currency":"EUR","deliveryDate":"2026-05-10","status":"accepted","placedAt":"2026-05-04T09:32:00Z"}'),
            order_id="5d41402abc4b2a76b9719d911017c592",
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
