"""Right requests: what the nasty ones are made from."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True)
class Request:
    """An HTTP request whose every part may be wrong."""

    method: bytes = b"GET"
    target: bytes = b"/"
    headers: Headers = ()
    body: bytes = b""
    version: bytes = b"HTTP/1.1"
    framed: bool = True  # whether Content-Length is added

    def encode(self) -> bytes:
        """The bytes on the wire."""
        headers = ((b"Host", b"127.0.0.1"), *self.headers)
        if self.framed and (self.body or self.method in (b"POST", b"PUT", b"PATCH")):
            headers += ((b"Content-Length", str(len(self.body)).encode()),)
        lines = [self.method + b" " + self.target + b" " + self.version]
        lines += [name + b": " + value for name, value in headers]
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body

    def but(self, **changes: object) -> Request:
        """The same request with some parts changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def plus(self, *headers: tuple[bytes, bytes]) -> Request:
        """The same request with more headers."""
        return replace(self, headers=self.headers + headers)

    def of_type(self, content_type: bytes, body: bytes) -> Request:
        """The same request with another body."""
        kept = tuple(header for header in self.headers if header[0].lower() != b"content-type")
        return replace(self, headers=((b"Content-Type", content_type), *kept), body=body)


def post(target: bytes, value: object) -> Request:
    """A POST of JSON."""
    return Request(b"POST", target, ((b"Content-Type", b"application/json"),), json.dumps(value).encode())


def multipart(*parts: tuple[bytes, bytes], boundary: bytes = b"X") -> bytes:
    """A multipart body: each part its headers and its content."""
    body = b"".join(b"--" + boundary + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n" for head, content in parts)
    return body + b"--" + boundary + b"--\r\n"


def field(name: bytes, filename: bytes | None = None) -> bytes:
    """The header of one form part."""
    tail = b"" if filename is None else b'; filename="' + filename + b'"\r\nContent-Type: application/octet-stream'
    return b'Content-Disposition: form-data; name="' + name + b'"' + tail


TIMESTAMP = "2026-05-04T09:30:00Z"
MESSAGE = {"type": "unstructured", "unstructured": {"id": "m-1", "text": "I'd like roses", "timestamp": TIMESTAMP}}
CHAT = post(b"/concierge/v1/nlu", {"messages": [MESSAGE]})
CHECKOUT = post(
    b"/concierge/v1/checkout",
    {"productId": "dozen-red-roses", "deliveryAddress": "Ada, 12 St James's Square", "deliveryDate": "2026-05-10"},
)
ANSWER = post(b"/messages/v1/messages", {"text": "Hello!"})
ECHO = post(b"/odds/v1/echo", {"any": ["thing", 1, None]})
TREE = post(b"/odds/v1/tree", {"name": "a", "children": [{"name": "b", "children": []}]})
PRODUCTS = Request(target=b"/concierge/v1/products?maxPrice=50")
PRODUCT = Request(target=b"/concierge/v1/products/dozen-red-roses")
ORDER = Request(target=b"/concierge/v1/orders/5d41402abc4b2a76b9719d911017c592")
QUERY = Request(target=b"/odds/v1/query?number=1.5&whole=3&flag=true&many=1&many=2&comma=a,b&pipe=a|b&deep[size]=3")
PATH = Request(target=b"/odds/v1/path/3/1.5/word")
HEADERS = Request(
    target=b"/odds/v1/headers",
    headers=((b"X-Number", b"3"), (b"X-List", b"1,2"), (b"Cookie", b"session=abc; count=3")),
)
FORM = Request(
    b"POST",
    b"/odds/v1/form",
    ((b"Content-Type", b"application/x-www-form-urlencoded"),),
    b"name=a&size=3&tags=x&tags=y&flag=true",
)
UPLOAD = Request(b"POST", b"/odds/v1/upload").of_type(
    b"multipart/form-data; boundary=X", multipart((field(b"file", b"a.txt"), b"content"), (field(b"note"), b"hello"))
)
TEXT = Request(b"POST", b"/odds/v1/text", ((b"Content-Type", b"text/plain"),), b"some text")
SECRET = Request(target=b"/odds/v1/secret", headers=((b"Authorization", b"Bearer right"),))
BASIC = Request(target=b"/odds/v1/secret", headers=((b"Authorization", b"Basic " + base64.b64encode(b"ada:right")),))
KEPT = post(b"/odds/v1/kept", {}).plus((b"Authorization", b"Bearer right"))
HOME = Request(target=b"/")
DOCS = Request(target=b"/docs")
SPEC = Request(target=b"/specs/concierge.json")
HEALTH = Request(target=b"/healthz")

API = (
    CHAT, CHECKOUT, ANSWER, ECHO, TREE, PRODUCTS, PRODUCT, ORDER, QUERY, PATH, HEADERS, FORM, UPLOAD, TEXT, SECRET,
    BASIC, KEPT,
)  # fmt: skip
PAGES = (HOME, DOCS, SPEC, HEALTH)
ALL = API + PAGES
