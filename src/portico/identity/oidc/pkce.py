"""Proof Key for Code Exchange: S256, for every client (RFC 7636, RFC 9700 section 2.1.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from portico.identity.oidc.errors import InvalidGrant, InvalidRequest
from portico.identity.oidc.parameters import Parameters

METHOD = "S256"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def challenge_of(verifier: str) -> str:
    """The challenge that a verifier answers (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()


def asked(parameters: Parameters) -> str:
    """The challenge of an authorization request.

    Raises:
        InvalidRequest: there is none, or its method is `plain`, which is also what a missing method means.
    """
    challenge = parameters.need("code_challenge")
    if parameters.get("code_challenge_method") != METHOD:
        raise InvalidRequest("The code_challenge_method must be S256.")
    if not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequest("The code_challenge is not the SHA-256 of a verifier, in base64url.")
    return challenge


def prove(challenge: str, verifier: str) -> None:
    """See that a verifier answers the challenge.

    Raises:
        InvalidRequest: it is no verifier.
        InvalidGrant: it does not.
    """
    if not _VERIFIER.fullmatch(verifier):
        raise InvalidRequest("The code_verifier must have 43 to 128 characters of A-Z a-z 0-9 - . _ ~")
    if not hmac.compare_digest(challenge_of(verifier), challenge):
        raise InvalidGrant("The code_verifier does not answer the code_challenge.")
