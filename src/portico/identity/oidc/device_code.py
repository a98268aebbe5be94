"""What device codes and user codes are, and what a poll is answered: pure functions (RFC 8628 sections 3.2, 3.5, 6.1).

A device code has 256 random bits, of which only the SHA-256 is kept. A user code has eight of twenty letters, without
vowels, so that it spells nothing. It is kept as its HMAC under the project's secret: all 25,600,000,000 of them would
soon be tried on a mere hash.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from portico.identity.source import network

LIFETIME = 600.0  # seconds
INTERVAL = 5.0  # seconds between two polls
STEP = 5.0  # seconds that a poll which comes too early adds
TOLERANCE = 0.5  # seconds that a poll may come early: one request is on its way for longer than the next
BYTES = 32  # of a device code
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
PURPOSE = "device-user-code"
_LONGEST = 64  # characters that are looked at
_PUNCTUATION = re.compile(r"[\s._\-\u2010-\u2015]")
_FORM = re.compile(f"[{LETTERS}{LETTERS.lower()}]{{8}}")

Answer = Literal["issue", "pending", "slow_down", "denied", "expired", "replayed"]


@dataclass(frozen=True, slots=True)
class Approval:
    """What a person allowed, and the sign-in that they did it in."""

    user_id: str
    session: str  # the browser session's origin_jti
    scopes: tuple[str, ...]
    auth_time: float  # seconds since the epoch
    amr: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A device that waits for a person."""

    digest: str
    client_id: str
    scopes: tuple[str, ...]
    address: str  # where it was asked for from
    created_at: float  # seconds since the epoch
    expires_at: float  # seconds since the epoch
    interval: float = INTERVAL  # seconds
    polled_at: float | None = None  # seconds since the epoch
    denied: bool = False
    approval: Approval | None = None
    family: str | None = None  # what it was redeemed for


@dataclass(frozen=True, slots=True)
class Waiter:
    """A device that waits, as far as it matters for who gives way to another."""

    digest: str
    address: str
    created_at: float  # seconds since the epoch
    polled: bool


def displaced(waiting: Collection[Waiter]) -> str | None:
    """Which code gives way where there is no room: of those that nobody has polled yet the oldest of the address that
    has most; where all are polled, the oldest of an address that has several. So nobody locks out everybody.

    Args:
        waiting: all that share the room.

    Returns:
        its digest; None where every address waits for one device.
    """
    shares = Counter(network(one.address) for one in waiting)
    able = [one for one in waiting if not one.polled] or [one for one in waiting if shares[network(one.address)] > 1]
    found = min(able, key=lambda one: (-shares[network(one.address)], one.created_at), default=None)
    return None if found is None else found.digest


def new() -> str:
    """A device code."""
    return secrets.token_urlsafe(BYTES)


def new_user_code() -> str:
    """A user code, without its dash."""
    return "".join(secrets.choice(LETTERS) for _ in range(8))


def shown(user_code: str) -> str:
    """A user code as people read it: "WDJB-MJHT"."""
    return f"{user_code[:4]}-{user_code[4:]}"


def meant(text: str) -> str | None:
    """The user code that somebody typed, in whatever case and with whatever dashes; None for what can be none.

    Args:
        text: as it was typed.
    """
    found = _PUNCTUATION.sub("", text[:_LONGEST])
    return found.upper() if _FORM.fullmatch(found) else None


def digest_of(user_code: str, key: bytes) -> str:
    """What is stored of a user code.

    Args:
        user_code: without its dash.
        key: of the project, for this purpose.
    """
    return hmac.new(key, user_code.encode("ascii"), "sha256").hexdigest()


def decide(code: DeviceCode, now: float) -> Answer:
    """What a poll is answered (RFC 8628 section 3.5).

    Args:
        code: as it stands.
        now: seconds since the epoch.
    """
    if code.family is not None:
        return "replayed"
    if now >= code.expires_at:
        return "expired"
    if code.denied:
        return "denied"
    if code.approval is not None:
        return "issue"
    early = code.polled_at is not None and now < code.polled_at + code.interval - TOLERANCE
    return "slow_down" if early else "pending"
