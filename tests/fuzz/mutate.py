"""Random nasties: a right request with a few parts made wrong. The same seed makes the same requests."""

# ruff: noqa: E501 - a table reads better than its lines broken

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from tests.fuzz.calls import ALL, Request
from tests.fuzz.nasties import (
    ACCEPTS,
    AUTHORIZATIONS,
    BODIES,
    CONTENT_TYPES,
    FRAMINGS,
    METHODS,
    PREFERS,
    REQUEST_IDS,
    TARGETS,
)
from tests.fuzz.wire import Case

Mutation = Callable[[random.Random, Request], Request]

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, 1e308, -0.0, "", " ", "\x00", "\ud800", "🌹" * 50, "a" * 3_000, "\r\nX: y", [], {},
    [[]], {"": ""}, ["x"] * 60, {"type": "unstructured"}, "2026-02-30T99:99:99Z", "structured", "<script>", "../..", "%s", "\u202e",
)  # fmt: skip
BITS = (
    b"\x00",
    b"\xff",
    b"%",
    b"%00",
    b"%ff",
    b"..",
    b"//",
    b";",
    b"?",
    b"#",
    b"&",
    b"=",
    b"{",
    b"}",
    b"\\",
    b"\t",
    b"\xc3\xa9",
    b"+",
)
HEADER_NAMES = (
    b"Accept", b"Accept-Encoding", b"Accept-Language", b"Authorization", b"Content-Encoding", b"Content-Type", b"Cookie", b"Expect",
    b"Forwarded", b"Host", b"If-Match", b"If-Modified-Since", b"If-None-Match", b"Origin", b"Prefer", b"Range", b"TE", b"Trailer",
    b"Transfer-Encoding", b"Upgrade", b"Via", b"X-Api-Key", b"X-Forwarded-Host", b"X-List", b"X-Number", b"X-Request-Id",
    b"Content-Length", b"Connection", b"Access-Control-Request-Method", b"Access-Control-Request-Headers", b"traceparent",
)  # fmt: skip
HEADER_VALUES = (
    *ACCEPTS,
    *AUTHORIZATIONS,
    *PREFERS,
    *REQUEST_IDS,
    *CONTENT_TYPES,
    b"chunked",
    b"0",
    b"-1",
    b"close",
    b"100-continue",
)


def cases(seed: int, count: int) -> Iterator[Case]:
    """Random cases; the number in a name makes that one again."""
    for number in range(count):
        yield case(seed, number)


def case(seed: int, number: int) -> Case:
    """One random case."""
    chance = random.Random(f"{seed}/{number}")
    request = chance.choice(ALL)
    for _ in range(chance.choice((1, 1, 2, 3, 5))):
        request = chance.choice(MUTATIONS)(chance, request)
    sent = request.encode()
    if chance.random() < 0.15:
        sent = _bytes(chance, sent)
    parts: tuple[bytes | float, ...] = (sent,)
    if chance.random() < 0.2 and len(sent) > 2:
        cut = chance.randrange(1, len(sent))
        parts = (sent[:cut], 0.02, sent[cut:])
    after = chance.choice(("half-close", "half-close", "half-close", "reset"))
    return Case(f"random {seed}/{number}", parts, (request.method.decode("latin-1"),), after, may_close=True)


def _method(chance: random.Random, request: Request) -> Request:
    return request.but(method=chance.choice([method for method in METHODS if len(method) < 2_000]))


def _target(chance: random.Random, request: Request) -> Request:
    kind = chance.randrange(4)
    if kind == 0:
        return request.but(target=chance.choice(TARGETS))
    if kind == 1:
        query = b"&".join(chance.choice((b"maxPrice", b"number", b"many", b"deep[a]")) + b"=1" for _ in range(30))
        return request.but(target=request.target.partition(b"?")[0] + b"?" + query)
    target = bytearray(request.target)
    for _ in range(kind):
        at = chance.randrange(len(target) + 1)
        target[at:at] = chance.choice(BITS)
    return request.but(target=bytes(target))


def _header(chance: random.Random, request: Request) -> Request:
    name = chance.choice(HEADER_NAMES)
    if chance.random() < 0.1:
        name = _bytes(chance, name)
    return request.plus((name, chance.choice(HEADER_VALUES)))


def _without_header(chance: random.Random, request: Request) -> Request:
    headers = list(request.headers)
    if headers:
        headers.pop(chance.randrange(len(headers)))
    return request.but(headers=tuple(headers))


def _body(chance: random.Random, request: Request) -> Request:
    return request.but(body=chance.choice([body for body in BODIES.values() if len(body) < 200_000]))


def _body_bytes(chance: random.Random, request: Request) -> Request:
    return request.but(body=_bytes(chance, request.body))


def _json(chance: random.Random, request: Request) -> Request:
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError):
        return request
    for _ in range(chance.randrange(1, 4)):
        value = nudge(chance, value)
    return request.but(body=json.dumps(value).encode("utf-8", "surrogatepass"))


def nudge(chance: random.Random, value: Any) -> Any:
    """A JSON value with one node replaced, removed, doubled or renamed."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(sorted(value))
        made = dict(value)
        kind = chance.randrange(6)
        if kind == 0:
            del made[key]
        elif kind == 1:
            made[f"{key}x"] = made[key]
        else:
            made[key] = nudge(chance, value[key])
        return made
    if isinstance(value, list) and value and chance.random() < 0.8:
        at = chance.randrange(len(value))
        if chance.random() < 0.2:
            return [*value, *value]
        return [*value[:at], nudge(chance, value[at]), *value[at + 1 :]]
    return chance.choice(VALUES)


def _framing(chance: random.Random, request: Request) -> Request:
    framing = chance.choice([framing for framing in FRAMINGS.values() if len(framing) < 100_000])
    head, _, body = framing.partition(b"\r\n\r\n")
    lines = tuple(line.partition(b": ")[::2] for line in head.split(b"\r\n"))
    return request.but(framed=False, body=body).plus(*lines)


def _version(chance: random.Random, request: Request) -> Request:
    return request.but(version=chance.choice((b"HTTP/1.0", b"HTTP/1.2", b"HTTP/2.0", b"http/1.1", b"HTTP/1.1 ", b"")))


def _bytes(chance: random.Random, data: bytes) -> bytes:
    made = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(made) + 1)
        match chance.randrange(4):
            case 0:
                made[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                made[at:at] = chance.choice(BITS) * chance.choice((1, 1, 300))
            case 2:
                del made[at : at + chance.randrange(1, 20)]
            case _:
                made[at:at] = made[max(0, at - 20) : at]
    return bytes(made)


MUTATIONS: tuple[Mutation, ...] = (
    _method, _target, _target, _header, _header, _header, _without_header, _body, _body_bytes, _json, _json, _json, _json, _framing, _version,
)  # fmt: skip
