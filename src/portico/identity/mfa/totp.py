"""Codes of an authenticator app: TOTP (RFC 6238), six digits, 30 seconds, SHA-1, which every app knows."""

from __future__ import annotations

import hmac

import pyotp
import segno

from portico.identity.mfa.model import TotpSetup
from portico.secret import Secret

STEP = 30  # seconds
DRIFT = 1  # steps that a telephone's clock may be off (RFC 6238 section 5.2)
PENDING = 900.0  # seconds in which a set-up must be confirmed


def new_secret() -> str:
    """160 random bits, as base32 (RFC 4226 section 4)."""
    return pyotp.random_base32(32)


def matching_step(secret: str, code: str, *, now: float, after: int) -> int | None:
    """The time step that a code belongs to; None where it is wrong or not new.

    Args:
        secret: base32.
        code: as somebody typed it; blanks do not matter.
        now: seconds since the epoch.
        after: only later steps than this count, so that no code is taken twice (RFC 6238 section 5.2).
    """
    typed = "".join(code.split()).encode("utf-8", "replace")
    totp, current = pyotp.TOTP(secret), int(now // STEP)
    found = None
    for step in range(current - DRIFT, current + DRIFT + 1):
        same = hmac.compare_digest(totp.generate_otp(step).encode(), typed)
        if same and step > after and found is None:
            found = step
    return found


def setup_of(secret: str, *, title: str, username: str) -> TotpSetup:
    """What an app needs.

    Args:
        secret: base32.
        title: of the pool, as the app shows it.
        username: as the app shows it.
    """
    uri = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=title)
    qr = segno.make_qr(uri, error="m").svg_inline(scale=5, border=4, light="#fff", omitsize=True)
    return TotpSetup(Secret(secret), Secret(uri), Secret(qr))
