"""Signing a request, in its headers or as a presigned URL."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from portico.signing import canonical, keys, moment
from portico.signing.credentials import Credentials
from portico.signing.errors import CannotSign
from portico.signing.present import LONGEST_EXPIRY
from portico.signing.verify import SERVICE

_UNSIGNED = frozenset(  # what proxies and HTTP clients add or change
    {
        "authorization", "connection", "content-length", "expect", "keep-alive", "proxy-authorization", "te",
        "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id", "accept", "accept-encoding",
    }
)  # fmt: skip
_PORTS = {"http": 80, "https": 443}
_KEPT = "/%:@!$&'()*+,;=~-._"  # characters of a path that HTTP clients leave alone
_KEPT_IN_QUERY = _KEPT + "?"


def sign(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    credentials: Credentials,
    *,
    region: str,
    service: str = SERVICE,
    now: float,
    unsigned_payload: bool = False,
) -> dict[str, str]:
    """The headers of a signed request: those given, and those that sign it.

    Args:
        method: the verb, in upper case.
        url: what is called, percent-encoded as it will be sent.
        headers: that will be sent; `host` is signed as the URL has it, where it is not among them.
        body: that will be sent.
        credentials: to sign with.
        region: to sign for.
        service: to sign for.
        now: seconds since the epoch.
        unsigned_payload: leave the body out of the signature, for operations that take that.

    Raises:
        CannotSign: the URL is none.
    """
    when = moment.moment(now)
    sent = _with_ours(headers, when, credentials.session_token, unsigned_payload=unsigned_payload)
    parts = _split(url)
    values = _values(sent, parts)
    payload = values.get(b"x-amz-content-sha256") or _hash(body)
    query = canonical.query(canonical.pairs(parts.query.encode()))
    request = _canonical(method, parts, query, values, payload)
    scope, signature = _signed(credentials, when, region, service, request)
    sent["authorization"] = (
        f"{keys.ALGORITHM.decode()} Credential={credentials.access_key_id}/{scope}, "
        f"SignedHeaders={_names(values).decode()}, Signature={signature}"
    )
    return sent


def presign(
    method: str,
    url: str,
    credentials: Credentials,
    *,
    region: str,
    service: str = SERVICE,
    now: float,
    expires: int,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> str:
    """A URL that carries its signature.

    Args:
        method: the verb that it will be called with, in upper case.
        url: what is called, percent-encoded.
        credentials: to sign with.
        region: to sign for.
        service: to sign for.
        now: seconds since the epoch.
        expires: seconds for which it is valid, 1 to 604,800.
        headers: that must be sent with it, beside `host`.
        body: that must be sent with it.

    Raises:
        CannotSign: the URL is none or is presigned already, or the expiry is out of bounds.
    """
    if not 1 <= expires <= LONGEST_EXPIRY:
        raise CannotSign(f"A presigned URL is valid for 1 to {LONGEST_EXPIRY} seconds, not {expires}.")
    parts = _split(url)
    values = _values(headers or {}, parts)
    when = moment.moment(now)
    scope = keys.scope(when[:8].encode(), region.encode(), service.encode()).decode()
    added = {
        "X-Amz-Algorithm": keys.ALGORITHM.decode(),
        "X-Amz-Credential": f"{credentials.access_key_id}/{scope}",
        "X-Amz-Date": when,
        "X-Amz-Expires": str(expires),
        "X-Amz-SignedHeaders": _names(values).decode(),
    }
    if credentials.session_token is not None:
        added["X-Amz-Security-Token"] = credentials.session_token
    query = canonical.query(_given(parts) + [(name.encode(), value.encode()) for name, value in added.items()])
    request = _canonical(method, parts, query, values, _hash(body))
    _, signature = _signed(credentials, when, region, service, request)
    return urlunsplit(parts._replace(query=f"{query.decode()}&X-Amz-Signature={signature}", fragment=""))


def _with_ours(
    headers: Mapping[str, str], when: str, session_token: str | None, *, unsigned_payload: bool
) -> dict[str, str]:
    """The headers as they are sent, but for the signature itself."""
    added = {"x-amz-date": when}
    if session_token is not None:
        added["x-amz-security-token"] = session_token
    if unsigned_payload:
        added["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"
    replaced = {*added, "authorization"}
    return {name: value for name, value in headers.items() if name.lower() not in replaced} | added


def _given(parts: SplitResult) -> list[tuple[bytes, bytes]]:
    """The parameters of a URL that is about to be presigned."""
    given = canonical.pairs(parts.query.encode())
    if any(name.lower().startswith(b"x-amz-") for name, _ in given):
        raise CannotSign("The URL has X-Amz-* parameters already: it is presigned, or they would be taken for ours.")
    return given


def _canonical(method: str, parts: SplitResult, query: bytes, values: dict[bytes, bytes], payload: bytes) -> bytes:
    headers = canonical.headers(sorted(values), values)
    return canonical.request(method, canonical.path(parts.path.encode()), query, headers, _names(values), payload)


def _names(values: dict[bytes, bytes]) -> bytes:
    """What stands in `SignedHeaders`."""
    return b";".join(sorted(values))


def _split(url: str) -> SplitResult:
    """The parts of a URL, encoded as an HTTP client would send them."""
    try:
        parts = urlsplit(url)
        wrong = parts.scheme not in _PORTS or not parts.hostname or parts.port == 0
    except ValueError:
        wrong = True
    if wrong:
        raise CannotSign(f"{url!r} is no URL that can be signed. Write https://host/path.")
    return parts._replace(path=quote(parts.path, _KEPT) or "/", query=quote(parts.query, _KEPT_IN_QUERY))


def _values(headers: Mapping[str, str], parts: SplitResult) -> dict[bytes, bytes]:
    """The headers that are signed."""
    host = parts.netloc.rpartition("@")[2]
    if parts.port == _PORTS[parts.scheme]:
        host = host.rpartition(":")[0]
    values = {b"host": host.encode()}
    for name, value in headers.items():
        if name.lower() not in _UNSIGNED:
            values[name.lower().encode()] = value.encode()
    return values


def _signed(credentials: Credentials, when: str, region: str, service: str, request: bytes) -> tuple[str, str]:
    """The credential scope and the signature of a canonical request."""
    scope = keys.scope(when[:8].encode(), region.encode(), service.encode())
    key = keys.signing_key(credentials.secret_key.reveal(), scope)
    return scope.decode(), key.signature(keys.string_to_sign(when.encode(), scope, request))


def _hash(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()
