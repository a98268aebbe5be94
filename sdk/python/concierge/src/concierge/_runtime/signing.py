"""Signing requests: AWS Signature Version 4 ("Create a signed AWS API request").

The key of a day is derived once and kept. Paths and queries are those that this package wrote, so they are encoded
already; the canonical form encodes the path once more, as every service but S3 has it.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes

from .payload import Body, Payload
from .request import Request

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
_EMPTY = hashlib.sha256(b"").hexdigest()
_KEYS = 8  # of as many days, regions and secrets


@dataclass(frozen=True, slots=True)
class Signature:
    """Whom a request is signed by, and for what."""

    access_key_id: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(repr=False)
    region: str
    service: str = "execute-api"


class Signer:
    """Signs requests; keeps the keys that it derived."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str, str, str], bytes] = {}
        self._stamp = (-1, "")

    def sign(self, request: Request, by: Signature, *, now: float, unsigned: bool = False) -> None:
        """Add the headers that sign a request.

        Args:
            request: to sign; complete but for these headers.
            by: whom.
            now: seconds since the epoch.
            unsigned: whether the body is left out of the signature.
        """
        stamp, headers = self._time(int(now)), request.headers
        headers["x-amz-date"] = stamp
        if by.session_token is not None:
            headers["x-amz-security-token"] = by.session_token
        if unsigned:
            headers["x-amz-content-sha256"] = UNSIGNED
        signed = {"host": request.authority}
        for name, value in headers.items():
            if name == "content-type" or name.startswith("x-amz-"):
                signed[name] = _folded(value) if " " in value or "\t" in value else value
        names = sorted(signed)
        listed = ";".join(names)
        path, _, query = request.target.partition("?")
        canonical = "\n".join(
            (
                request.method,
                _path(path),
                _query(query) if query else "",
                *[f"{name}:{signed[name]}" for name in names],
                "",
                listed,
                UNSIGNED if unsigned else _hash(request.body),
            )
        )
        scope = f"{stamp[:8]}/{by.region}/{by.service}/aws4_request"
        text = f"{ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(self._key(by, stamp[:8]), text.encode(), "sha256").hex()
        headers["authorization"] = (
            f"{ALGORITHM} Credential={by.access_key_id}/{scope}, SignedHeaders={listed}, Signature={signature}"
        )

    def _time(self, second: int) -> str:
        kept, stamp = self._stamp
        if second != kept:
            stamp = datetime.datetime.fromtimestamp(second, datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
            self._stamp = (second, stamp)
        return stamp

    def _key(self, by: Signature, day: str) -> bytes:
        wanted = (by.secret_key, day, by.region, by.service)
        key = self._keys.get(wanted)
        if key is None:
            key = f"AWS4{by.secret_key}".encode()
            for part in (day, by.region, by.service, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            if len(self._keys) >= _KEYS:
                self._keys.clear()
            self._keys[wanted] = key
        return key


def _folded(value: str) -> str:
    """Without repeated blanks and tabs; other spaces of Unicode are letters like any other."""
    return " ".join(filter(None, value.replace("\t", " ").split(" ")))


def _path(path: str) -> str:
    if "//" in path or "/." in path:
        path = _normalised(path)
    return quote(path, safe="/-._~")


def _normalised(path: str) -> str:
    """Without dot segments and repeated slashes (RFC 3986 section 5.2.4)."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment and segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept) + ("/" if kept and path.endswith("/") else "")


def _query(query: str) -> str:
    """Encoded alike, then sorted by name and by value."""
    pairs = []
    for item in query.split("&"):
        if item:
            name, _, value = item.partition("=")
            pairs.append((_again(name), _again(value)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _again(text: str) -> str:
    """Percent-encoded in the one canonical way; a plus is a blank, as it is for those who read it."""
    if text.isalnum() and text.isascii():
        return text
    return quote(unquote_to_bytes(text.replace("+", " ")), safe="-._~")


def _hash(body: Body | None) -> str:
    if not body:
        return _EMPTY
    return body.sha256() if isinstance(body, Payload) else hashlib.sha256(body).hexdigest()
