"""Reading a signature out of a request (Signature Version 4, "Authentication methods").

It stands in the `Authorization` header, or in the query string of a presigned URL. Whatever a request says twice, and
whatever the signature does not cover though it must, is refused here, before any key is looked up.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple, NoReturn

from portico.signing import canonical, moment
from portico.signing.errors import HeaderNotSigned, IncompleteSignature, SignedTwice, UnsupportedAlgorithm, WrongScope
from portico.signing.keys import ALGORITHM, TERMINATOR
from portico.signing.received import Presented, Received
from portico.signing.text import shown

LONGEST_EXPIRY = 604_800  # seconds: a week
LONGEST_CREDENTIAL = 256  # bytes: an access key id, a date, a region, a service
LONGEST_KEPT = 1_024  # bytes of an Authorization header, without its signature, whose meaning is remembered

_PREFIX = b"x-amz-"
_IN_HEADER = (b"Credential", b"SignedHeaders", b"Signature")
_IN_QUERY = (b"Algorithm", b"Credential", b"Date", b"Expires", b"SignedHeaders", b"Signature")
QUERY_NAMES = frozenset(f"X-Amz-{name.decode()}" for name in (*_IN_QUERY, b"Security-Token", b"Content-Sha256"))
"""The parameters of a presigned URL, which are no operation's."""
_TOKEN, _PAYLOAD = b"x-amz-security-token", b"x-amz-content-sha256"
_SIGNATURE = re.compile(rb"[0-9a-f]{64}")
_DIGITS = 64  # of a signature
_LAST = (b", Signature=", b",Signature=")  # what the Authorization header has before its last parameter
_NAMES = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+(;[!#$%&'*+.^_`|~0-9a-z-]+)*")
_KEY_ID = re.compile(rb"[A-Za-z0-9_]{1,128}")

Values = dict[bytes, bytes]
Stated = tuple[bytes, bytes, bytes]  # Credential, SignedHeaders, Signature


class Credential(NamedTuple):
    """What stands in `Credential`."""

    access_key_id: str
    date: bytes
    region: str
    service: str
    scope: bytes  # all but the access key id


class Signed(NamedTuple):
    """What stands in `SignedHeaders`."""

    text: bytes
    names: frozenset[bytes]
    shown: tuple[str, ...]
    lines: canonical.Names


def present(received: Received, *, host: str | None = None) -> Presented | None:
    """The signature of a request.

    Args:
        received: the request.
        host: what clients address, where a proxy puts another `Host` header in its place; else the header counts.

    Returns:
        None where it has no Signature Version 4.

    Raises:
        SignatureError: it has one that is incomplete, contradictory, or leaves out what it must cover.
    """
    values = dict(received.headers)
    if len(values) != len(received.headers):
        values = _merged(received)
    if host is not None:
        values[b"host"] = host.encode()
    parameters = canonical.pairs(received.query_string) if received.query_string else []
    query = {name: value for name, value in parameters if name[:6].lower() == _PREFIX} if parameters else {}
    authorization = values.get(b"authorization", b"")
    if b"X-Amz-Signature" in query or b"X-Amz-Algorithm" in query:
        if authorization:
            raise SignedTwice("The request has an Authorization header and a signature in its query string. Use one.")
        _refuse_repeated(parameters)
        return _presigned(received, values, parameters, query)
    if not authorization.startswith(b"AWS"):
        return None
    if query:
        _refuse_repeated(parameters)
    return _in_header(received, values, parameters, authorization)


def _in_header(
    received: Received, values: Values, parameters: list[tuple[bytes, bytes]], authorization: bytes
) -> Presented:
    stated, signed_headers, signature = _authorization(authorization)
    when = values.get(b"x-amz-date")
    if when is None:
        raise IncompleteSignature("Authorization header requires existence of an 'X-Amz-Date' header.")
    signed = _signed(signed_headers)
    if b"x-amz-date" not in signed.names:
        raise HeaderNotSigned("'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.")
    headers = _headers(signed, values)
    token = values.get(_TOKEN)
    return _presented(
        received,
        _bounded_credential(stated),
        canonical.trimmed(when),
        signed,
        signature,
        token=None if token is None else canonical.trimmed(token).decode("latin-1"),
        payload=values.get(_PAYLOAD, b"").strip(),
        query=canonical.query(parameters) if parameters else b"",
        headers=headers,
    )


def _presigned(received: Received, values: Values, parameters: list[tuple[bytes, bytes]], query: Values) -> Presented:
    missing = [name.decode() for name in _IN_QUERY if b"X-Amz-" + name not in query]
    if missing:
        told = " ".join(f"AWS query-string parameters must include 'X-Amz-{name}'." for name in missing)
        raise IncompleteSignature(f"{told} Re-examine the query-string parameters.")
    if query[b"X-Amz-Algorithm"] != ALGORITHM:
        _refuse_algorithm(query[b"X-Amz-Algorithm"])
    if _TOKEN in values:
        raise SignedTwice("A presigned request has its session token in the query string, not in a header.")
    signed = _signed(query[b"X-Amz-SignedHeaders"])
    headers = _headers(signed, values)
    token = query.get(b"X-Amz-Security-Token")
    stated = (values.get(_PAYLOAD), query.get(b"X-Amz-Content-Sha256"), query.get(_PAYLOAD))
    payloads = {one.strip() for one in stated if one is not None}
    if len(payloads) > 1:
        raise SignedTwice("The header x-amz-content-sha256 and the query string state different hashes.")
    return _presented(
        received,
        _bounded_credential(query[b"X-Amz-Credential"]),
        query[b"X-Amz-Date"],
        signed,
        query[b"X-Amz-Signature"],
        token=None if token is None else token.decode("latin-1"),
        payload=payloads.pop() if payloads else b"",
        query=canonical.query([pair for pair in parameters if pair[0] != b"X-Amz-Signature"]),
        headers=headers,
        expires=_expires(query[b"X-Amz-Expires"]),
    )


def _presented(
    received: Received,
    credential: Credential,
    when: bytes,
    signed: Signed,
    signature: bytes,
    *,
    token: str | None,
    payload: bytes,
    query: bytes,
    headers: bytes,
    expires: int | None = None,
) -> Presented:
    access_key_id, date, region, service, scope = credential
    at = moment.seconds(when)
    if when[:8] != date:
        raise WrongScope(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"{shown(date)} != {shown(when[:8])}, from {shown(when)}."
        )
    if not _SIGNATURE.fullmatch(signature):
        raise IncompleteSignature("The signature is not 64 hexadecimal digits in lower case.")
    return Presented(
        access_key_id,
        token,
        at,
        region,
        service,
        signed.shown,
        signature.decode(),
        expires is not None,
        expires,
        payload == b"UNSIGNED-PAYLOAD",
        when,
        scope,
        signed.text,
        payload,
        canonical.path(received.raw_path),
        query,
        headers,
    )


def _authorization(text: bytes) -> Stated:
    """The parameters of the Authorization header.

    The signature comes last, as nearly everybody writes it, and all before it is the same in every request that a
    client makes in a day.
    """
    before, signature = text[:-_DIGITS], text[-_DIGITS:]
    if before.endswith(_LAST) and b"," not in signature and len(before) <= LONGEST_KEPT:
        credential, signed_headers, _ = _before_signature(before)
        return credential, signed_headers, signature
    return _parts(text)


@lru_cache(maxsize=1_024)
def _before_signature(text: bytes) -> Stated:
    return _parts(text + b"0" * _DIGITS)


def _parts(text: bytes) -> Stated:
    """The same of any such header, in any order, each parameter once."""
    algorithm, _, rest = text.partition(b" ")
    if algorithm != ALGORITHM:
        _refuse_algorithm(algorithm)
    items = [item.strip().partition(b"=") for item in rest.split(b",")]
    parts = {name: value for name, _, value in items}
    if len(parts) != len(items):
        raise SignedTwice("Authorization header has a parameter twice.")
    missing = [name.decode() for name in _IN_HEADER if not parts.get(name)]
    if missing:
        raise IncompleteSignature(" ".join(f"Authorization header requires '{name}' parameter." for name in missing))
    if len(parts) != len(_IN_HEADER):
        others = ", ".join(shown(name) for name in parts if name not in _IN_HEADER)
        raise IncompleteSignature(f"Authorization header has parameters that nobody knows: {others[:200]}.")
    return parts[b"Credential"], parts[b"SignedHeaders"], parts[b"Signature"]


def _bounded_credential(text: bytes) -> Credential:
    if len(text) > LONGEST_CREDENTIAL:  # so that what is remembered stays small
        raise IncompleteSignature(f"Credential is longer than {LONGEST_CREDENTIAL} characters.")
    return _credential(text)


@lru_cache(maxsize=1_024)
def _credential(text: bytes) -> Credential:
    """The parts of a credential. The same few come again and again."""
    parts = text.rsplit(b"/", 4)
    if len(parts) != 5 or parts[4] != TERMINATOR or not all(parts):
        raise IncompleteSignature(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/aws4_request, "
            f"got {shown(text)}."
        )
    access_key_id, date, region, service, _ = parts
    if not _KEY_ID.fullmatch(access_key_id) or not (region + service).isascii():
        raise IncompleteSignature(f"Credential: {shown(access_key_id)} is no access key id.")
    return Credential(access_key_id.decode(), date, region.decode(), service.decode(), text[len(access_key_id) + 1 :])


@lru_cache(maxsize=128)
def _names(text: bytes) -> Signed:
    names = text.split(b";")
    if not _NAMES.fullmatch(text) or names != sorted(set(names)):
        raise IncompleteSignature(
            f"SignedHeaders must be names of headers in lower case, sorted, with semicolons between, got {shown(text)}."
        )
    return Signed(text, frozenset(names), tuple(text.decode().split(";")), canonical.Names(names))


def _signed(text: bytes) -> Signed:
    if len(text) > 2_048:  # so that what is remembered stays small
        raise IncompleteSignature("SignedHeaders is longer than 2048 characters.")
    return _names(text)


def _headers(signed: Signed, values: Values) -> bytes:
    """The canonical headers of a signature that covers `host` and every x-amz-*, and names none that is missing."""
    names = signed.names
    if b"host" not in names:
        raise HeaderNotSigned("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    for name in values:
        if name not in names and name[:6] == _PREFIX:
            raise HeaderNotSigned(f"{shown(name)} must be a 'SignedHeader' in the AWS Authorization.")
    try:
        return signed.lines.headers(values)
    except KeyError as missing:
        name = missing.args[0]
        raise HeaderNotSigned(f"SignedHeaders names {shown(name)}, which the request does not have.") from None


def _expires(text: bytes) -> int:
    if not text.isdigit() or len(text) > 10:
        raise IncompleteSignature("X-Amz-Expires should be a number.")
    seconds = int(text)
    if not 1 <= seconds <= LONGEST_EXPIRY:
        raise IncompleteSignature(f"X-Amz-Expires must be between 1 and {LONGEST_EXPIRY} seconds, got {seconds}.")
    return seconds


def _merged(received: Received) -> Values:
    """The headers where one came several times, which those that decide must not."""
    seen: set[bytes] = set()
    for name, _ in received.headers:
        if name in seen and (name in (b"host", b"authorization") or name[:6] == _PREFIX):
            raise SignedTwice(f"The header {shown(name)} must not come twice.")
        seen.add(name)
    return canonical.joined(received.headers)


def _refuse_repeated(parameters: list[tuple[bytes, bytes]]) -> None:
    seen: set[bytes] = set()
    for name, _ in parameters:
        lower = name.lower()
        if lower in seen and lower[:6] == _PREFIX:
            raise SignedTwice(f"The query-string parameter {shown(name)} must not come twice.")
        seen.add(lower)


def _refuse_algorithm(name: bytes) -> NoReturn:
    raise UnsupportedAlgorithm(f"Unsupported AWS 'algorithm': {shown(name)}. Sign with {ALGORITHM.decode()}.")
