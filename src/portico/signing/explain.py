"""The signature doctor: what the server signed, and which usual mistake would give the signature that came.

For development only. It never tells the signature that would have been right: with it, anybody could have the server
sign for them.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from portico.secret import Secret
from portico.signing import canonical, keys
from portico.signing.received import Presented, Received
from portico.signing.verify import Rules, canonical_request, payload_hash, string_to_sign

_TOKEN = b"x-amz-security-token:"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a client compares with its own."""

    canonical_request: str  # the session token is shortened
    string_to_sign: str
    received: str  # the signature that came
    hints: tuple[str, ...]  # mistakes that lead to exactly this signature


def explain(received: Received, presented: Presented, secret_key: Secret, *, rules: Rules) -> Explanation:
    """Why a signature may not match.

    Args:
        received: the request.
        presented: its signature.
        secret_key: of the presented access key.
        rules: what it must be made for.

    Raises:
        PayloadNotSigned: the signature does not cover the body.
        PayloadMismatch: the body is not the one that was signed.
    """
    payload = payload_hash(received, presented, rules)
    request = canonical_request(received, presented, payload)
    return Explanation(
        canonical_request=_without_token(request).decode("utf-8", "backslashreplace"),
        string_to_sign=string_to_sign(presented, request).decode(),
        received=presented.signature,
        hints=tuple(dict.fromkeys(_hints(received, presented, secret_key, payload))),
    )


def _hints(received: Received, presented: Presented, secret_key: Secret, payload: bytes) -> Iterator[str]:
    key = keys.signing_key(secret_key.reveal(), presented.scope)
    with_newline = keys.signing_key(secret_key.reveal() + "\n", presented.scope)
    tried = [(hint, key, changed, stated) for hint, changed, stated in _mistakes(received, presented, payload)]
    tried.append(("The secret key was used with a line break at its end.", with_newline, presented, payload))
    for hint, used, changed, stated in tried:
        signed = used.signature(string_to_sign(changed, canonical_request(received, changed, stated)))
        if hmac.compare_digest(signed, presented.signature):
            yield hint


def _mistakes(received: Received, presented: Presented, payload: bytes) -> Iterator[tuple[str, Presented, bytes]]:
    """The request as clients that are wrong would sign it."""
    path = received.raw_path or b"/"
    yield (
        "The path was encoded once. Encode it again before signing: %20 becomes %2520.",
        presented._replace(path=path),
        payload,
    )
    yield (
        "The path was not normalised. Remove dot segments and repeated slashes before signing.",
        presented._replace(path=b"/".join(canonical.encode(segment) for segment in path.split(b"/"))),
        payload,
    )
    yield from ((hint, presented._replace(query=query), payload) for hint, query in _queries(received, presented))
    yield "The body was not signed: the hash of an empty body was.", presented, canonical.EMPTY
    yield "UNSIGNED-PAYLOAD was signed instead of the body's hash.", presented, b"UNSIGNED-PAYLOAD"
    for hint, headers in _hosts(presented.headers):
        yield hint, presented._replace(headers=headers), payload


def _queries(received: Received, presented: Presented) -> Iterator[tuple[str, bytes]]:
    raw = received.query_string
    items = [item for item in raw.split(b"&") if not item.startswith(b"X-Amz-Signature=")]
    yield "The query string was not sorted, or not encoded as RFC 3986 has it.", b"&".join(items)
    yield "The query string was sorted as it was, without encoding it first.", b"&".join(sorted(items))
    yield (
        "Parameters without a value were signed without '='.",
        b"&".join(item.removesuffix(b"=") for item in presented.query.split(b"&")),
    )
    yield (
        "A plus in the query string was signed as %2B. It is a space: send %2B for a plus.",
        canonical.query(canonical.pairs(b"&".join(items).replace(b"+", b"%2B"))),
    )
    yield "The query string was not signed.", b""


def _hosts(headers: bytes) -> Iterator[tuple[str, bytes]]:
    """The canonical headers with another host."""
    lines = headers.split(b"\n")
    place = next((place for place, line in enumerate(lines) if line.startswith(b"host:")), None)
    if place is None:
        return
    host = lines[place].removeprefix(b"host:")
    name, _, port = host.rpartition(b":")
    others = [name] if port.isdigit() and name else [host + b":443", host + b":80"]
    for other in (*others, host.replace(b"127.0.0.1", b"localhost"), host.replace(b"localhost", b"127.0.0.1")):
        if other != host:
            told = other.decode("latin-1")
            yield (
                f"The host {told} was signed, and {host.decode('latin-1')} arrived.",
                b"\n".join([*lines[:place], b"host:" + other, *lines[place + 1 :]]),
            )


def _without_token(request: bytes) -> bytes:
    lines = request.split(b"\n")
    return b"\n".join(
        _TOKEN + line[len(_TOKEN) :][:8] + b"... (shortened)" if line.startswith(_TOKEN) else line for line in lines
    )
