"""The table of known nasties: each a thing that has brought some server down."""

# ruff: noqa: E501 - a table reads better than its lines broken

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator

from tests.fuzz.calls import (
    ALL,
    API,
    CHAT,
    ECHO,
    FORM,
    HEADERS,
    HOME,
    KEPT,
    PATH,
    PRODUCT,
    PRODUCTS,
    QUERY,
    SECRET,
    SPEC,
    TEXT,
    TREE,
    UPLOAD,
    Request,
    field,
    multipart,
)
from tests.fuzz.wire import Case

BODIES: dict[str, bytes] = {
    "empty": b"",
    "space": b" \r\n\t ",
    "open brace": b"{",
    "open bracket": b"[",
    "open string": b'"',
    "lone comma": b",",
    "trailing comma": b'{"a":1,}',
    "comment": b'{"a":1}//',
    "single quotes": b"{'a':1}",
    "two values": b"{}{}",
    "NaN": b"NaN",
    "infinity": b'{"a":-Infinity}',
    "huge exponent": b'{"a":1e999999}',
    "huge negative exponent": b'{"a":1e-999999}',
    "huge integer": b"9" * 5_000,
    "huge integer in an object": b'{"messages":' + b"9" * 100_000 + b"}",
    "integer over 64 bits": b'{"a":18446744073709551616}',
    "long fraction": b"0." + b"3" * 100_000,
    "leading zero": b"0123",
    "duplicate keys": b'{"messages":[],"messages":[{"type":"unstructured"}]}',
    "many duplicate keys": b"{" + b",".join([b'"a":1'] * 50_000) + b"}",
    "deep arrays": b"[" * 100_000,
    "deep closed arrays": b"[" * 50_000 + b"]" * 50_000,
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "deep in the tree": b'{"children":[' * 900 + b"]}" * 900,
    "less deep in the tree": b'{"children":[' * 200 + b"]}" * 200,
    "deep just under the parser's limit": b"[" * 1_000 + b"]" * 1_000,
    "many faults": json.dumps({"messages": [{"type": n} for n in range(5_000)]}).encode(),
    "wide": json.dumps({f"k{n}": n for n in range(50_000)}).encode(),
    "invalid UTF-8": b'{"a":"\xff\xfe"}',
    "overlong UTF-8": b'{"a":"\xc0\xaf"}',
    "surrogate in UTF-8": b'{"a":"\xed\xa0\x80"}',
    "lone surrogate escape": b'{"text":"\\ud800"}',
    "surrogates the wrong way round": b'{"text":"\\udc00\\ud800"}',
    "surrogate as a key": b'{"\\ud800":1}',
    "NUL": b'{"text":"\\u0000"}',
    "raw NUL": b'{"text":"\x00"}',
    "NULs": b"\x00" * 1_000,
    "BOM": b'\xef\xbb\xbf{"text":"a"}',
    "UTF-16": '{"text":"a"}'.encode("utf-16"),
    "UTF-16 without mark": '{"text":"a"}'.encode("utf-16-le"),
    "UTF-32": '{"text":"a"}'.encode("utf-32"),
    "prototype": b'{"__proto__":{"x":1},"constructor":1}',
    "dunder": b'{"__class__":"x","__init__":{"__globals__":1}}',
    "null": b"null",
    "true": b"true",
    "number": b"1",
    "string": b'"text"',
    "array": b"[]",
    "script": b'{"text":"<script>alert(1)</script>\\u202e\\r\\nSet-Cookie: a=b"}',
    "format strings": b'{"text":"%s%n{0}{0.__class__}${jndi:ldap://x}"}',
    "just under the limit": b'"' + b"a" * 1_999_990 + b'"',
    "over the limit": b'"' + b"a" * 2_100_000 + b'"',
    "gzip": gzip.compress(b'{"text":"a"}'),
}

CONTENT_TYPES = (
    b"", b" ", b"/", b"json", b"application", b"application/", b"/json", b"application/json/json", b"*/*", b"application/*",
    b"application/json;", b"application/json; charset", b"application/json; charset=", b'application/json; charset="',
    b"application/json; charset=utf-7", b"application/json; charset=utf-16", b"application/json; charset=nonsense",
    b"application/json; charset=idna", b"application/json; charset=punycode", b"application/json; charset=unicode_escape",
    b"application/json; charset=rot13", b"application/json; charset=zlib_codec", b"application/json; charset=undefined",
    b"application/json; charset=../../etc/passwd", b"application/json; charset=" + b"a" * 5_000,
    b"application/json; charset=\xff\xfe", b"application/json;charset=raw_unicode_escape;charset=utf-8",
    b"APPLICATION/JSON", b"application/vnd.api+json", b"application/problem+json", b"text/plain", b"text/json", b"image/png",
    b"application/xml", b"application/octet-stream", b"application/x-www-form-urlencoded; charset=nonsense",
    b"multipart/form-data", b"multipart/form-data; boundary", b"multipart/form-data; boundary=",
    b'multipart/form-data; boundary=""', b"multipart/form-data; boundary=X; charset=nonsense",
    b"multipart/form-data; boundary=X; charset=utf-16", b"multipart/form-data; boundary=" + b"b" * 10_000,
    b"multipart/form-data; boundary=\xff", b"multipart/mixed; boundary=X", b"\xff/\xff", b"a/b\t;c=d", b"," * 100,
    b"application/json, text/plain",
)  # fmt: skip

ACCEPTS = (
    b"", b"*/*", b"*", b"text/html", b"application/json;q=0", b"*/*;q=0", b"application/json;q=nonsense", b"q=1",
    b"application/json;q=1e400", b"application/json;q=-1", b"," * 5_000, b"a/b," * 2_000 + b"*/*", b"image/*", b"/", b"\xff",
    b'application/json; profile="', b"application/*;q=0.1, text/*;q=nan",
)  # fmt: skip

AUTHORIZATIONS = (
    b"", b" ", b"Bearer", b"Bearer ", b"Bearer  right", b"bearer right", b"BEARER right", b"Bearer right right", b"Bearer\tright",
    b"right", b"Basic", b"Basic ", b"Basic !!!", b"Basic " + base64.b64encode(b"ada"), b"Basic " + base64.b64encode(b":"),
    b"Basic " + base64.b64encode(b"\xff\xfe:\xff"), b"Basic " + base64.b64encode(b"ada:right:more"), b"Basic =", b"Basic YQ",
    b"Digest username=x", b"AWS4-HMAC-SHA256 Credential=x", b"Negotiate x", b"Bearer " + b"a" * 60_000, b"Bearer \xff\xfe",
    b"Bearer " + b"a." * 10_000, b"Bearer null", b"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.", b"\xff", b":" * 100,
    "Bearer rïght".encode(), b"Basic " + base64.b64encode(b"ada\x00:right"), b"Bearer right, Bearer wrong",
)  # fmt: skip

TARGETS = (
    b"/concierge/v1/products?%", b"/concierge/v1/products?maxPrice=%", b"/concierge/v1/products?maxPrice=%zz",
    b"/concierge/v1/products?maxPrice=%00", b"/concierge/v1/products?maxPrice=%ff%fe", b"/concierge/v1/products?maxPrice=1e400",
    b"/concierge/v1/products?maxPrice=NaN", b"/concierge/v1/products?maxPrice=" + b"9" * 20_000,
    b"/concierge/v1/products?maxPrice=1_0", "/concierge/v1/products?maxPrice=\u0663".encode(),
    b"/concierge/v1/products?" + b"maxPrice=1&" * 5_000, b"/concierge/v1/products?=&=&&&;;==", b"/concierge/v1/products?&",
    b"/concierge/v1/products?" + b"&".join(b"p%d=1" % n for n in range(6_000)), b"/concierge/v1/products??maxPrice=1",
    b"/concierge/v1/products?maxPrice[]=1", b"/concierge/v1/products?maxPrice", b"/concierge/v1/products#fragment",
    b"/concierge/v1/products?maxPrice=1#f", b"/concierge/v1//products", b"//concierge/v1/products", b"/concierge/v1/products/",
    b"/concierge/v1/products//", b"/concierge/v1/products/%2e%2e/products", b"/concierge/v1/../v1/products",
    b"/concierge/v1/products/..%2f..%2f..%2fetc%2fpasswd", b"/concierge/v1/products/%00", b"/concierge/v1/products/%ff",
    b"/concierge/v1/products/%F0%9F%8C%B9", "/concierge/v1/products/🌹".encode(), b"/concierge/v1/products/a%2Fb",
    b"/concierge/v1/products/" + b"a" * 40_000, b"/concierge/v1/products/" + b"a/" * 10_000, b"/concierge/v1/products;a=b",
    b"/concierge/v1/..;/admin", b"/%63oncierge/v1/products", b"/concierge%2fv1/products", b"/concierge/v1", b"/concierge", b"/c",
    b"/concierge/v1/products/{productId}", b"/concierge/v1/products/%7BproductId%7D", b"/concierge/v1/products/%0d%0aX: y",
    b"/concierge/v1/products/<script>", b"/concierge/v1/orders/" + b"0" * 32, b"/concierge/v1/orders/' OR 1=1 --",
    b"*", b"", b"products", b"http://evil.example/concierge/v1/products", b"http://evil.example", b"https://[::1", b"//evil.example/",
    b"/\\evil.example", b"/%5c%5cevil.example/%2e%2e", b"/..%2f..%2f..%2fetc/passwd", b"/../../../../etc/passwd",
    b"/%2e%2e/%2e%2e/etc/passwd", b"/....//....//etc/passwd", b"/static/..\\..\\portico.toml", b"/.git/config", b"/.env", b"/%00",
    b"/index.html%00.txt", b"/index.html/", b"/" + b"a" * 300, b"/" + b"%41" * 5_000, b"/\xff\xfe", b"/\x7f", b"/con", b"/~root",
    b"/docs/", b"/docs/nothing", b"/docs/../specs", b"/docs/%2e%2e/%2e%2e/portico.toml", b"/docs/concierge/%2e%2e",
    b"/docs/<script>alert(1)</script>", b"/docs/" + b"a" * 5_000, b"/specs/", b"/specs/nothing.json", b"/specs/..%2fportico.toml",
    b"/specs/concierge.yaml", b"/specs/%00.json", b"/specs/concierge.json/x", b"/healthz/", b"/healthz?x", b"/readyz", b"/metrics",
    b"/metrics/../healthz", b"/odds/v1/path/1/2", b"/odds/v1/path/1/2/3/4", b"/odds/v1/path//2/3", b"/odds/v1/path/x/y/z",
    b"/odds/v1/path/" + b"9" * 5_000 + b"/1/a", b"/odds/v1/path/1/" + b"1" * 5_000 + b"/a", b"/odds/v1/path/-0/-0.0/%20",
    b"/odds/v1/path/1/1e999/a", b"/odds/v1/path/1/nan/a", b"/odds/v1/path/%31/%31/%31", b"/odds/v1/path/1/1/%25", b"/odds/v1/path/+1/.5/a",
    b"/odds/v1/query?pattern=" + b"a" * 50 + b"b", b"/odds/v1/query?whole=1.0", b"/odds/v1/query?whole=0x10", b"/odds/v1/query?whole=",
    b"/odds/v1/query?whole=" + b"9" * 5_000, b"/odds/v1/query?flag=maybe", b"/odds/v1/query?flag", b"/odds/v1/query?many=",
    b"/odds/v1/query?" + b"&".join([b"many=1"] * 8_000), b"/odds/v1/query?comma=" + b"," * 30_000, b"/odds/v1/query?pipe=|||",
    b"/odds/v1/query?deep", b"/odds/v1/query?deep[", b"/odds/v1/query?deep[]=1", b"/odds/v1/query?deep[name][x]=1&deep[name]=2",
    b"/odds/v1/query?deep[name]=2&deep[name][x]=1", b"/odds/v1/query?deep" + b"[a]" * 5_000 + b"=1", b"/odds/v1/query?deep[size]=x",
    b"/odds/v1/query?deep[__class__]=x&deep[inner][x]=1", b"/odds/v1/query?deep%5Bsize%5D=1", b"/odds/v1/query?json=",
    b"/odds/v1/query?json={", b"/odds/v1/query?json=" + b"[" * 30_000, b"/odds/v1/query?json=%22%5Cud800%22", b"/odds/v1/query?json=[]",
    b"/odds/v1/query?when=2026-02-30T25:61:61Z", b"/odds/v1/query?when=" + b"2026-01-01T00:00:00." + b"9" * 9_000 + b"Z",
    b"/odds/v1/query?uuid=x", b"/odds/v1/query?number=1&number=2", b"/odds/v1/query?number=%EF%BC%91", b"/odds/v1/query?number=--1",
)  # fmt: skip

METHODS = (
    b"get", b"Get", b"OPTIONS", b"HEAD", b"TRACE", b"CONNECT", b"PATCH", b"DELETE", b"PUT", b"PROPFIND", b"QUERY", b"PURGE", b"FOO",
    b"M-SEARCH", b"PRI", b"", b"G\x00T", b"GET\t", b"A" * 1_000, b"A" * 1_000_000, b"\xff",
)  # fmt: skip

REQUEST_IDS = (
    b"", b" ", b"a", b"a" * 10_000, b"a\tb", "rösé-🌹".encode(), b"\xff\xfe", b'"><script>', b"a%0d%0aX-Evil: 1", b"a,b", b"{}", b"%s%n",
    b"../../etc/passwd", b"a\x0bb", b"\\u0000", b"a;b=c", b"0" * 128, b"0" * 129,
)  # fmt: skip

PREFERS = (
    b"", b"code", b"code=", b"code=abc", b"code=99", b"code=600", b"code=-1", b"code=200", b"code=500", b"code=204", b"code=100",
    b"code=" + b"9" * 5_000, b"example=nothing", b"example=", b'example="', b"code=200, code=404", b"example=\xff", b"," * 1_000, b"=" * 1_000,
    b"respond-async", b"wait=nonsense", b"return=minimal; code=404",
)  # fmt: skip

RAW: dict[str, tuple[bytes, str]] = {  # bytes, and what comes after them
    "nothing at all": (b"", "half-close"),
    "only line ends": (b"\r\n\r\n\r\n", "half-close"),
    "binary": (bytes(range(256)) * 4, "half-close"),
    "a TLS hello": (bytes.fromhex("16030100a5010000a10303") + b"\x00" * 160, "half-close"),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "half-close"),
    "HTTP/0.9": (b"GET /\r\n", "half-close"),
    "HTTP/1.0": (b"GET /healthz HTTP/1.0\r\n\r\n", "wait"),
    "HTTP/1.0 without a framed body": (
        b"POST /odds/v1/echo HTTP/1.0\r\nContent-Type: application/json\r\n\r\n{}",
        "half-close",
    ),
    "HTTP/9.9": (b"GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n", "half-close"),
    "no version": (b"GET /healthz\r\nHost: a\r\n\r\n", "half-close"),
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", "wait"),
    "two hosts": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "wait"),
    "bad host": (b"GET / HTTP/1.1\r\nHost: a b/c@d:99999999\r\n\r\n", "wait"),
    "line feeds only": (b"GET /healthz HTTP/1.1\nHost: a\n\n", "half-close"),
    "head cut short": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Some", "half-close"),
    "folded header": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n", "half-close"),
    "space before the colon": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-A : b\r\n\r\n", "half-close"),
    "header without a name": (b"GET /healthz HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", "half-close"),
    "header without a colon": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-A\r\n\r\n", "half-close"),
    "NUL in a header": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: b\x00c\r\n\r\n", "half-close"),
    "CR in a header": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: b\rX-Evil: 1\r\n\r\n", "half-close"),
    "control characters in a header": (
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: \x01\x1b[31m\x7f\r\n\r\n",
        "half-close",
    ),
    "header of 1 MB": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * 1_000_000 + b"\r\n\r\n", "half-close"),
    "name of 100 kB": (b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + b"a" * 100_000 + b": b\r\n\r\n", "half-close"),
    "10,000 headers": (b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + b"X-A: b\r\n" * 10_000 + b"\r\n", "half-close"),
    "10,000 different headers": (
        b"GET /concierge/v1/products HTTP/1.1\r\nHost: a\r\n"
        + b"".join(b"X-%d: b\r\n" % n for n in range(10_000))
        + b"\r\n",
        "half-close",
    ),
    "path of 1 MB": (b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", "half-close"),
    "query of 1 MB": (b"GET /odds/v1/query?" + b"a=1&" * 250_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", "half-close"),
    "space in the target": (b"GET /healthz a HTTP/1.1\r\nHost: a\r\n\r\n", "half-close"),
    "100,000 cookies": (
        b"GET /odds/v1/headers HTTP/1.1\r\nHost: a\r\nCookie: " + b"a=b; " * 12_000 + b"\r\n\r\n",
        "half-close",
    ),
    "upgrade to nothing": (
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: nothing\r\n\r\n",
        "half-close",
    ),
    "upgrade to h2c": (
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
        "half-close",
    ),
    "WebSocket handshake on an API": (
        b"GET /concierge/v1/products HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        "half-close",
    ),
    "WebSocket handshake on a page": (
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        "half-close",
    ),
    "broken WebSocket handshake": (
        b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n",
        "half-close",
    ),
    "expects 100-continue": (
        b"POST /odds/v1/echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        "wait",
    ),
    "expects nonsense": (
        b"POST /odds/v1/echo HTTP/1.1\r\nHost: a\r\nExpect: nonsense\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        "wait",
    ),
    "connection: everything": (
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close, keep-alive, upgrade, content-length, \xff\r\n\r\n",
        "half-close",
    ),
}

FRAMINGS: dict[str, bytes] = {  # what stands between the headers and their end, and the body
    "two lengths that agree": b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "two lengths that differ": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a list of lengths": b"Content-Length: 2, 2\r\n\r\n{}",
    "negative length": b"Content-Length: -1\r\n\r\n{}",
    "signed length": b"Content-Length: +2\r\n\r\n{}",
    "length in hexadecimal": b"Content-Length: 0x2\r\n\r\n{}",
    "length with a space": b"Content-Length: 2 2\r\n\r\n{}",
    "length of nothing": b"Content-Length: \r\n\r\n{}",
    "endless length": b"Content-Length: " + b"9" * 100 + b"\r\n\r\n{}",
    "length over 64 bits": b"Content-Length: 18446744073709551617\r\n\r\n{}",
    "length too long": b"Content-Length: 100\r\n\r\n{}",
    "length too short": b"Content-Length: 1\r\n\r\n{}",
    "length and chunks": b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunks": b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
    "chunks with extensions": b'Transfer-Encoding: chunked\r\n\r\n2;a="b";c\r\n{}\r\n0;d\r\n\r\n',
    "chunk with an endless extension": b"Transfer-Encoding: chunked\r\n\r\n2;"
    + b"a" * 200_000
    + b"\r\n{}\r\n0\r\n\r\n",
    "chunks with trailers": b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-A: b\r\nContent-Length: 9\r\n\r\n",
    "chunks with many trailers": b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    + b"X-A: b\r\n" * 20_000
    + b"\r\n",
    "chunk size that is none": b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n",
    "negative chunk": b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
    "huge chunk size": b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 17 + b"\r\n{}\r\n0\r\n\r\n",
    "huge but valid chunk size": b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n{}",
    "chunk with leading zeros": b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 1_000 + b"2\r\n{}\r\n0\r\n\r\n",
    "chunk without its end": b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n",
    "chunks cut short": b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    "ten thousand small chunks": b"Transfer-Encoding: chunked\r\n\r\n"
    + b"1\r\n \r\n" * 10_000
    + b"2\r\n{}\r\n0\r\n\r\n",
    "chunks over the limit": b"Transfer-Encoding: chunked\r\n\r\n"
    + (b"10000\r\n" + b"a" * 65_536 + b"\r\n") * 40
    + b"0\r\n\r\n",
    "encoding: gzip, chunked": b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "encoding: identity": b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}",
    "encoding: xchunked": b"Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "encoding twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "content-encoding gzip": b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "content-encoding nonsense": b"Content-Encoding: \xff, br, nonsense\r\nContent-Length: 2\r\n\r\n{}",
    "content-encoding identity": b"Content-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}",
}

FORMS: dict[str, tuple[bytes, bytes]] = {  # content type and body
    "no boundary": (b"multipart/form-data", multipart((field(b"file", b"a"), b"x"))),
    "another boundary": (b"multipart/form-data; boundary=Y", multipart((field(b"file", b"a"), b"x"))),
    "never ends": (b"multipart/form-data; boundary=X", b"--X\r\n" + field(b"file", b"a") + b"\r\n\r\nx"),
    "ends in a header": (b"multipart/form-data; boundary=X", b"--X\r\nContent-Disp"),
    "no parts": (b"multipart/form-data; boundary=X", b"--X--\r\n"),
    "only an end": (b"multipart/form-data; boundary=X", b"--X--"),
    "5,000 parts": (b"multipart/form-data; boundary=X", multipart(*[(field(b"n%d" % n), b"x") for n in range(5_000)])),
    "5,000 files": (b"multipart/form-data; boundary=X", multipart(*[(field(b"files", b"f"), b"x") for _ in range(5_000)])),
    "nested": (b"multipart/form-data; boundary=X", multipart((field(b"file", b"a") + b"\r\nContent-Type: multipart/mixed; boundary=X", b"--X\r\n\r\n--X--"))),
    "giant file name": (b"multipart/form-data; boundary=X", multipart((field(b"file", b"a" * 500_000), b"x"))),
    "file name with a path": (b"multipart/form-data; boundary=X", multipart((field(b"file", b"../../../etc/passwd\x00.png"), b"x"))),
    "file name not UTF-8": (b"multipart/form-data; boundary=X", multipart((field(b"file", b"\xff\xfe"), b"x"))),
    "name not UTF-8": (b"multipart/form-data; boundary=X", multipart((field(b"\xff\xfe"), b"x"))),
    "value not UTF-8": (b"multipart/form-data; boundary=X", multipart((field(b"note"), b"\xff\xfe"), (field(b"file", b"a"), b"x"))),
    "no name": (b"multipart/form-data; boundary=X", multipart((b"Content-Disposition: form-data", b"x"))),
    "no disposition": (b"multipart/form-data; boundary=X", multipart((b"X-A: b", b"x"))),
    "no headers": (b"multipart/form-data; boundary=X", multipart((b"", b"x"))),
    "header bomb": (b"multipart/form-data; boundary=X", multipart((field(b"file", b"a") + b"\r\nX-A: b" * 20_000, b"x"))),
    "header of 500 kB": (b"multipart/form-data; boundary=X", multipart((field(b"file", b"a") + b"\r\nX-A: " + b"b" * 500_000, b"x"))),
    "the same field twice": (b"multipart/form-data; boundary=X", multipart((field(b"file", b"a"), b"x"), (field(b"file"), b"y"))),
    "text where a file is due": (b"multipart/form-data; boundary=X", multipart((field(b"file"), b"x"))),
    "file where text is due": (b"multipart/form-data; boundary=X", multipart((field(b"note", b"a"), b"x"), (field(b"file", b"a"), b"x"))),
    "part with charset": (
        b"multipart/form-data; boundary=X",
        multipart((field(b"note") + b"\r\nContent-Type: text/plain; charset=nonsense", b"x"), (field(b"file", b"a"), b"x")),
    ),
    "transfer encoding": (b"multipart/form-data; boundary=X", multipart((field(b"file", b"a") + b"\r\nContent-Transfer-Encoding: base64", b"!!"))),
    "_charset_": (b"multipart/form-data; boundary=X", multipart((field(b"_charset_"), b"nonsense"), (field(b"file", b"a"), b"x"))),
    "charset of the form": (b"multipart/form-data; boundary=X; charset=nonsense", multipart((field(b"file", b"a"), b"x"))),
    "charset with a NUL": (b'multipart/form-data; boundary=X; charset="a%00b"', multipart((field(b"file", b"a"), b"x"))),
    "boundary in quotes": (b'multipart/form-data; boundary="a b\\"c"', multipart((field(b"file", b"a"), b"x"), boundary=b'a b"c')),
    "boundary of dashes": (b"multipart/form-data; boundary=--", b"--" * 100_000),
    "almost boundaries": (b"multipart/form-data; boundary=XXXXXXXX", b"--XXXXXXXX\r\n" + field(b"file", b"a") + b"\r\n\r\n" + b"\r\n--XXXXXXX" * 100_000),
    "line ends": (b"multipart/form-data; boundary=X", b"\r\n" * 500_000 + multipart((field(b"file", b"a"), b"x"))),
    "urlencoded garbage": (b"application/x-www-form-urlencoded", b"%&%zz=%00&=&==&name=%ff%fe&size=x&tags="),
    "100,000 fields": (b"application/x-www-form-urlencoded", b"a=1&" * 100_000),
    "one long field": (b"application/x-www-form-urlencoded", b"name=" + b"%41" * 300_000),
    "not UTF-8": (b"application/x-www-form-urlencoded", b"name=\xff\xfe"),
    "semicolons": (b"application/x-www-form-urlencoded", b"name=a;size=1;" * 100),
}  # fmt: skip


def cases() -> Iterator[Case]:
    """Every nasty, as a case."""
    yield from _bodies()
    yield from _headers()
    yield from _targets()
    yield from _wire()
    yield from _flow()


def single(name: str, request: Request, **options: object) -> Case:
    """One request over one connection."""
    method = request.method.decode("latin-1")
    return Case(name, (request.encode(),), (method,), **options)  # type: ignore[arg-type]


def _bodies() -> Iterator[Case]:
    for name, body in BODIES.items():
        for base in (CHAT, ECHO, TREE):
            yield single(f"body {name}: {base.target.decode()}", base.but(body=body))
    for name, (content_type, body) in FORMS.items():
        for base in (UPLOAD, FORM):
            yield single(f"form {name}: {base.target.decode()}", base.of_type(content_type, body))
    slow_codecs = (b"punycode", b"idna", b"utf-7", b"unicode_escape")
    for codec in slow_codecs:  # quadratic decoders
        body = b"a" * 1_000_000 + b"-" + b"b" * 900_000
        yield single(f"1.9 MB of {codec.decode()}", CHAT.of_type(b"application/json; charset=" + codec, body))


def _headers() -> Iterator[Case]:
    bases = (CHAT, FORM, UPLOAD, TEXT, PRODUCTS)
    for value in CONTENT_TYPES:
        for base in bases:
            yield single(f"content type {value[:60]!r}: {base.target.decode()}", base.of_type(value, base.body))
    for name, values, targets in (
        (b"Accept", ACCEPTS, (CHAT, PRODUCT, HOME, SPEC)),
        (b"Authorization", AUTHORIZATIONS, (SECRET.but(headers=()), KEPT.but(headers=KEPT.headers[:1]), PRODUCT)),
        (b"X-Request-Id", REQUEST_IDS, (CHAT, PRODUCT.but(target=b"/concierge/v1/nothing"), HOME)),
        (b"Prefer", PREFERS, (CHAT, PRODUCT)),
        (b"Accept-Encoding", (b"", b"*", b"gzip;q=0", b"br;q=nan, gzip;q=9", b"," * 999, b"\xff", b"identity;q=0"), (PRODUCTS, HOME, SPEC)),
        (b"Origin", (b"", b"null", b"https://shop.example", b"https://evil.example", b"\xff", b"https://shop.example\t", b"*"), (PRODUCTS, HOME)),
        (b"If-None-Match", (b"*", b'"', b"W/", b'"a", W/"b"', b"\xff", b"," * 999), (HOME, SPEC)),
        (b"If-Modified-Since", (b"x", b"Thu, 99 Foo 9999 99:99:99 GMT", b"\xff", b"Thu, 01 Jan 1970 00:00:00 -9999"), (HOME, SPEC)),
        (b"Range", (b"bytes=", b"bytes=-", b"bytes=0-", b"bytes=-0", b"bytes=9-1", b"bytes=" + b"0-0," * 2_000, b"bytes=0-" + b"9" * 5_000, b"x=1-2", b"bytes=a-b", b"bytes=-9999999"), (HOME, SPEC)),
        (b"Cookie", (b"", b"=", b";;;", b"session", b"count=x", b"count=" + b"9" * 5_000, b'session="\\"', b"session=\xff", b"a=b" * 9_000, b"__proto__=1; session=a; session=b"), (HEADERS.but(headers=()),)),
        (b"X-List", (b"", b",", b"1,,2", b"," * 30_000, b"1;2", b"\xff"), (HEADERS.but(headers=()),)),
        (b"X-Number", (b"", b"1.5", b"1e5", b"9" * 5_000, b"\xd9\xa3", b"0x1"), (HEADERS.but(headers=()),)),
        (b"X-HTTP-Method-Override", (b"DELETE", b"\xff"), (CHAT,)),
        (b"X-Forwarded-For", (b"1.2.3.4", b"a" * 9_000, b"\xff", b"::1, unknown"), (PRODUCTS,)),
        (b"X-Forwarded-Proto", (b"https", b"javascript", b"\xff"), (PRODUCTS, SPEC, HOME)),
    ):  # fmt: skip
        for value in values:
            for base in targets:
                name_text = f"{name.decode()} {value[:60]!r}: {base.method.decode()} {base.target.decode()}"
                yield single(name_text, base.plus((name, value)))
    for base in (CHAT, PRODUCTS, HOME):
        twice = base.plus(
            (b"X-Request-Id", b"one"), (b"X-Request-Id", b"two"), (b"Authorization", b"a"), (b"Authorization", b"b")
        )
        yield single(f"headers twice: {base.target.decode()}", twice)
        yield single(f"preflight: {base.target.decode()}", base.but(method=b"OPTIONS", body=b"", headers=(
            (b"Origin", b"https://shop.example"), (b"Access-Control-Request-Method", b"P\xffST"),
            (b"Access-Control-Request-Headers", b"x" * 9_000),
        )))  # fmt: skip


def _targets() -> Iterator[Case]:
    for target in TARGETS:
        for method in (b"GET", b"HEAD", b"OPTIONS", b"POST"):
            request = Request(method, target)
            yield single(f"target {method.decode()} {target[:80]!r}", request, may_close=True, after="half-close")
    for base in ALL:
        for method in METHODS:
            if len(method) < 2_000 or base in (CHAT, HOME):
                request = base.but(method=method)
                yield single(
                    f"method {method[:20]!r} {base.target.decode()}", request, may_close=True, after="half-close"
                )


def _wire() -> Iterator[Case]:
    for name, (sent, after) in RAW.items():
        yield Case(f"raw {name}", (sent,), after=after, may_close=True)
    head = b"POST /odds/v1/echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    for name, framing in FRAMINGS.items():
        for after in ("wait", "half-close"):
            yield Case(f"framing {name}, {after}", (head + framing,), ("POST",), after, may_close=True)


def _flow() -> Iterator[Case]:
    """Slow, cut, repeated and abandoned requests."""
    for base in (*API, HOME):
        sent, method = base.encode(), base.method.decode()
        middle = sent.index(b"\r\n\r\n") + 2
        label = base.target.decode().partition("?")[0]
        yield Case(f"byte by byte {label}", tuple(sent[n : n + 1] for n in range(len(sent))), (method,))
        yield Case(f"head in two with a pause {label}", (sent[:20], 0.05, sent[20:]), (method,))
        yield Case(f"aborted in the head {label}", (sent[:middle],), after="reset")
        yield Case(f"aborted after all was sent {label}", (sent,), after="reset")
        yield Case(f"pipelined {label}", (sent * 20,), (method,) * 20, may_close=method != "GET")
        yield Case(f"pipelined and abandoned {label}", (sent * 50,), after="reset")
        if base.body:
            yield Case(f"body in two with a pause {label}", (sent[:-2], 0.05, sent[-2:]), (method,))
            yield Case(f"body cut short {label}", (sent[:-2],), (method,), "half-close", may_close=True)
            yield Case(f"body that stops coming {label}", (sent[:-2],), (method,), may_close=True, statuses=(408,))
            yield Case(f"aborted in the body {label}", (sent[:-2],), after="reset")
    drip = CHAT.but(framed=False).plus((b"Content-Length", b"400")).encode()
    yield Case("a body that drips", (drip, *([0.3, b" "] * 12)), ("POST",), may_close=True)
    yield Case("a good request after a bad one", (CHAT.but(body=b"{").encode() + CHAT.encode(),), ("POST", "POST"))
    yield Case(
        "pages and APIs in one pipeline", (b"".join(base.encode() for base in (PATH, HOME, QUERY, SPEC)),), ("GET",) * 4
    )
