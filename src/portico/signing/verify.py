"""Whether a signature is right: a pure function of the request, the key and the clock."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from portico.secret import Secret
from portico.signing import canonical, keys, moment
from portico.signing.errors import (
    PayloadMismatch,
    PayloadNotSigned,
    RequestExpired,
    RequestFromTheFuture,
    SignatureMismatch,
    WrongScope,
)
from portico.signing.received import Presented, Received

SERVICE = "execute-api"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a signature must be made for."""

    region: str
    service: str = SERVICE
    skew: float = 300.0  # seconds that a client's clock may be wrong
    unsigned_payload: bool = False  # whether UNSIGNED-PAYLOAD is taken


def verify(received: Received, presented: Presented, secret_key: Secret, *, now: float, rules: Rules) -> None:
    """Return where the signature is right.

    Args:
        received: the request.
        presented: its signature, as `present` found it in this request.
        secret_key: of the presented access key.
        now: seconds since the epoch.
        rules: what it must be made for.

    Raises:
        WrongScope: it is for another region or service.
        RequestExpired: it is too old.
        RequestFromTheFuture: it is too new.
        PayloadNotSigned: it does not cover the body.
        PayloadMismatch: the body is not the one that was signed.
        SignatureMismatch: it is wrong.
    """
    if presented.region != rules.region or presented.service != rules.service:
        _refuse_scope(presented, rules)
    _check_time(presented, now, rules.skew)
    payload = payload_hash(received, presented, rules)
    key = keys.signing_key(secret_key.reveal(), presented.scope)
    expected = key.signature(string_to_sign(presented, canonical_request(received, presented, payload)))
    if not hmac.compare_digest(expected, presented.signature):
        raise SignatureMismatch(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details."
        )


def payload_hash(received: Received, presented: Presented, rules: Rules) -> bytes:
    """What stands for the body in the canonical request.

    Raises:
        PayloadNotSigned: the signature does not cover the body.
        PayloadMismatch: the body is not the one that was signed.
    """
    stated = presented.payload
    if presented.unsigned_payload and rules.unsigned_payload:
        return stated
    if presented.unsigned_payload or stated.startswith(b"STREAMING-"):
        raise PayloadNotSigned(f"{stated[:64].decode('latin-1')} is not taken here. Sign the hash of the body.")
    body = received.body
    actual = hashlib.sha256(body).hexdigest().encode() if body else canonical.EMPTY
    if stated and stated != actual:
        raise PayloadMismatch(
            "The provided 'x-amz-content-sha256' header does not match what was computed: the body was changed after "
            "it was signed, or another one was signed."
        )
    return actual


def canonical_request(received: Received, presented: Presented, payload: bytes) -> bytes:
    """The canonical request of what was received."""
    return canonical.request(
        received.method, presented.path, presented.query, presented.headers, presented.signed, payload
    )


def string_to_sign(presented: Presented, canonical_request: bytes) -> bytes:
    """What the signature of a canonical request is made of."""
    return keys.string_to_sign(presented.moment, presented.scope, canonical_request)


def _refuse_scope(presented: Presented, rules: Rules) -> None:
    if presented.region != rules.region:
        raise WrongScope(
            f"Credential should be scoped to a valid region: '{rules.region}', not {presented.region[:100]!a}."
        )
    raise WrongScope(
        f"Credential should be scoped to correct service: '{rules.service}', not {presented.service[:100]!a}."
    )


def _check_time(presented: Presented, now: float, skew: float) -> None:
    age = now - presented.date
    if age < -skew:
        latest = moment.moment(now + skew)
        raise RequestFromTheFuture(
            f"Signature not yet current: {presented.moment.decode()} is still later than {latest} "
            f"({moment.moment(now)} + {skew / 60:g} min.). The client's clock is {-age:.0f} seconds fast."
        )
    if presented.expires is not None:
        if age > presented.expires:
            raise RequestExpired(
                f"Request has expired: it was valid for {presented.expires} seconds from {presented.moment.decode()}, "
                f"which was {age:.0f} seconds ago."
            )
    elif age > skew:
        earliest = moment.moment(now - skew)
        raise RequestExpired(
            f"Signature expired: {presented.moment.decode()} is now earlier than {earliest} "
            f"({moment.moment(now)} - {skew / 60:g} min.). The client's clock is {age:.0f} seconds slow, or the "
            "request was under way for that long."
        )
