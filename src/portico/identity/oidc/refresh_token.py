"""What a refresh token is: pure functions.

A token is a handle, which all tokens of its family begin with, and a random part. Only digests are stored. A successor
is the HMAC of its predecessor under the project's secret: whoever comes with the predecessor again, within the grace,
is given the very same successor, and there can never be two that differ; nothing that would have to be kept tells it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from typing import Literal

HANDLE, RANDOM = 16, 32  # bytes
GRACE = 10.0  # seconds in which the predecessor gives the same successor: two tabs, or a lost answer
PURPOSE = "refresh-successor"
_HANDLE = 22  # characters
_FORM = re.compile(r"[A-Za-z0-9_-]{65}")

Decision = Literal["rotate", "repeat", "reused"]


def new() -> str:
    """The first token of a family."""
    return secrets.token_urlsafe(HANDLE) + secrets.token_urlsafe(RANDOM)


def is_one(text: str) -> bool:
    """Whether a text has the form of a token."""
    return _FORM.fullmatch(text) is not None


def handle_of(token: str) -> str:
    """The digest by which a token's family is found."""
    return hashlib.sha256(token[:_HANDLE].encode("ascii")).hexdigest()


def successor(token: str, key: bytes) -> str:
    """The token that follows.

    Args:
        token: the one before.
        key: of the project, for this purpose.
    """
    random = hmac.new(key, token.encode("ascii"), hashlib.sha256).digest()
    return token[:_HANDLE] + base64.urlsafe_b64encode(random).rstrip(b"=").decode()


def decide(digest: str, *, current: str | None, successors: Iterable[str], rotated_at: float, now: float) -> Decision:
    """What to do with a token that belongs to a family.

    Args:
        digest: of the token that was presented.
        current: digest of the token that may be used.
        successors: digests of what could follow the one that was presented.
        rotated_at: when `current` was made, in seconds since the epoch.
        now: seconds since the epoch.
    """
    if current is not None and hmac.compare_digest(digest, current):
        return "rotate"
    return "repeat" if current in set(successors) and now < rotated_at + GRACE else "reused"
