"""Codes that are mailed: eight digits, one at a time for each purpose, used once, with five tries.

Only their HMAC is stored, under a key of the project's secret: eight digits alone would be found from a plain digest.
"""

from __future__ import annotations

import hmac
import secrets as random
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from portico.identity.users.tables import user_codes
from portico.store import Secrets

LENGTH = 8  # digits
TRIES = 5  # of one code
AN_HOUR = 5  # codes of one purpose that a user is sent in an hour
PURPOSE = "user-codes"
Purpose = Literal["sign_up", "forgot", "email"]
Answer = Literal["right", "wrong", "expired"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a try found."""

    answer: Answer
    target: str | None = None  # the address that the code proves


def generate() -> str:
    """A new code."""
    return f"{random.randbelow(10**LENGTH):0{LENGTH}}"


def put(
    connection: sa.Connection,
    secrets: Secrets,
    code: str,
    *,
    user_id: str,
    purpose: Purpose,
    expires_at: float,
    target: str | None = None,
) -> None:
    """Let a code count, instead of the one before it.

    Args:
        connection: of a transaction.
        secrets: the project's.
        code: from `generate`.
        user_id: whose.
        purpose: what it is for.
        expires_at: seconds since the epoch.
        target: the address that it proves.
    """
    remove(connection, user_id, purpose)
    values = {"purpose": purpose, "attempts": 0, "target": target, "expires_at": expires_at}
    digest = _digest(secrets.key(PURPOSE), user_id, purpose, code)
    connection.execute(user_codes.insert().values(user_id=user_id, digest=digest, **values))


def check(
    connection: sa.Connection, secrets: Secrets, code: str, *, user_id: str, purpose: Purpose, now: float
) -> Checked:
    """Try a code. It is gone when it is right; a try that is wrong is counted, so the transaction must not be undone.

    Args:
        connection: of a transaction.
        secrets: the project's.
        code: as it was typed; blanks and hyphens do not count.
        user_id: whose.
        purpose: what it is for.
        now: seconds since the epoch.
    """
    wanted = (user_codes.c.user_id == user_id) & (user_codes.c.purpose == purpose)
    row = connection.execute(sa.select(user_codes).where(wanted)).first()
    typed = "".join(code[:64].split()).replace("-", "")
    digests = [_digest(key, user_id, purpose, typed) for key in secrets.keys(PURPOSE)]
    if row is None or row.attempts >= TRIES:
        return Checked("wrong")
    if not any(hmac.compare_digest(digest, row.digest) for digest in digests):
        connection.execute(user_codes.update().where(wanted).values(attempts=row.attempts + 1))
        return Checked("wrong")
    if now >= row.expires_at:
        return Checked("expired")
    remove(connection, user_id, purpose)
    return Checked("right", row.target)


def remove(connection: sa.Connection, user_id: str, purpose: Purpose) -> None:
    """Let a code count no longer.

    Args:
        connection: of a transaction.
        user_id: whose.
        purpose: what it was for.
    """
    wanted = (user_codes.c.user_id == user_id) & (user_codes.c.purpose == purpose)
    connection.execute(user_codes.delete().where(wanted))


def _digest(key: bytes, user_id: str, purpose: str, code: str) -> str:
    return hmac.new(key, f"{purpose}\0{user_id}\0{code}".encode("utf-8", "replace"), "sha256").hexdigest()
