"""The proof of a code flow (RFC 7636)."""

from __future__ import annotations

import base64
import hashlib


def challenge_of(verifier: str) -> str:
    """The challenge, by S256, of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
