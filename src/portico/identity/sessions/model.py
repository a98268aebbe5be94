"""A browser session, as all of Portico sees one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which somebody has signed in."""

    id: str  # of the row; not what the cookie holds
    user_id: str
    origin_jti: str  # what every token that comes from this sign-in carries
    auth_time: float  # when the person proved who they are, in seconds since the epoch (OpenID Connect Core section 2)
    amr: tuple[str, ...]  # how: "pwd", "otp", "hwk", "mfa" (RFC 8176)
    created_at: float  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class Visit:
    """A session as its owner sees it among the others."""

    session: Session
    seen_at: float  # seconds since the epoch
    address: str
    user_agent: str
