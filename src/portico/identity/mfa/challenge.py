"""Challenges for passkeys (Web Authentication section 13.4.3), without a table of those that are out.

A challenge carries its end and an authentication code over what it is for: so anybody may ask for any number of them
and nothing grows. Only one that was answered well is noted, until its end, so that it is not taken twice.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import msgspec
import sqlalchemy as sa

from portico.identity.mfa.tables import spent_challenges

LIFETIME = 300.0  # seconds
_NONCE = 16  # bytes
_HEAD = struct.Struct(f">{_NONCE}sQ")  # the nonce, and the end in seconds since the epoch


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What one challenge is for; it is good for nothing else."""

    act: Literal["register", "authenticate"]
    browser: str  # the browser's session or form id, which the caller keeps
    user_id: str  # empty: whoever's passkey answers

    def challenge(self, key: bytes, now: float) -> bytes:
        """A new challenge.

        Args:
            key: to authenticate it with.
            now: seconds since the epoch.
        """
        head = _HEAD.pack(secrets.token_bytes(_NONCE), int(now + LIFETIME))
        return head + self._code(key, head)

    def accepts(self, challenge: bytes, keys: Iterable[bytes], now: float) -> bool:
        """Whether a challenge was given for this, and is not over.

        Args:
            challenge: that came back.
            keys: the current one and earlier ones.
            now: seconds since the epoch.
        """
        head, code = challenge[: _HEAD.size], challenge[_HEAD.size :]
        ours = len(head) == _HEAD.size and any(hmac.compare_digest(self._code(key, head), code) for key in keys)
        return ours and end_of(challenge) > now

    def _code(self, key: bytes, head: bytes) -> bytes:
        context = msgspec.json.encode([self.act, self.browser, self.user_id])
        return hmac.new(key, head + context, hashlib.sha256).digest()


def end_of(challenge: bytes) -> float:
    """When a challenge of ours is over: seconds since the epoch."""
    return float(_HEAD.unpack_from(challenge)[1])


def spend(connection: sa.Connection, challenge: bytes, now: float) -> bool:
    """Note that a challenge was answered. False: it had been before.

    Args:
        connection: of the transaction that does what the answer allows.
        challenge: a good one.
        now: seconds since the epoch.
    """
    digest = hashlib.sha256(challenge).hexdigest()
    connection.execute(spent_challenges.delete().where(spent_challenges.c.until <= now))
    if connection.execute(sa.select(spent_challenges.c.digest).where(spent_challenges.c.digest == digest)).first():
        return False
    connection.execute(spent_challenges.insert().values(digest=digest, until=end_of(challenge)))
    return True
