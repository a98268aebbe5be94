"""From a secret key to a signature (Signature Version 4, "Calculate the signature")."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

ALGORITHM = b"AWS4-HMAC-SHA256"
TERMINATOR = b"aws4_request"


@lru_cache(maxsize=4_096)
def signing_key(secret_key: str, date: bytes, region: bytes, service: bytes) -> bytes:
    """The key that signs for one day, region and service.

    Deriving it takes four HMACs, a third of what a request costs, so the last ones used are kept.

    Args:
        secret_key: the secret access key.
        date: YYYYMMDD.
        region: such as us-east-1.
        service: such as execute-api.
    """
    key = b"AWS4" + secret_key.encode()
    for part in (date, region, service, TERMINATOR):
        key = hmac.digest(key, part, "sha256")
    return key


def scope(date: bytes, region: bytes, service: bytes) -> bytes:
    """The credential scope."""
    return b"/".join((date, region, service, TERMINATOR))


def string_to_sign(moment: bytes, scope: bytes, canonical_request: bytes) -> bytes:
    """What the signature is made of.

    Args:
        moment: YYYYMMDD'T'HHMMSS'Z'.
        scope: the credential scope.
        canonical_request: of the request.
    """
    hashed = hashlib.sha256(canonical_request).hexdigest().encode()
    return b"\n".join((ALGORITHM, moment, scope, hashed))


def signature(key: bytes, string_to_sign: bytes) -> str:
    """The signature, in hexadecimal digits."""
    return hmac.digest(key, string_to_sign, "sha256").hex()
