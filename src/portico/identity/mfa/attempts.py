"""How often codes may be guessed: five tries, then pauses that grow.

A code of six digits, three of which are good at a time, is guessed with a chance of 3 in a million. With pauses of up
to a day, somebody who has the password guesses about 400 times in the first year: a chance of 0.12 %. (NIST SP
800-63B-4 section 3.2.2 asks for such a bound.)
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from portico.identity.mfa.tables import attempts

FREE = 5  # wrong codes without a pause
PAUSE = 60.0  # seconds after the fifth; each further one is twice as long
LONGEST = {"totp": 86_400.0, "recovery": 300.0}  # seconds; recovery codes are too long to be guessed


@dataclass(frozen=True, slots=True)
class Tries:
    """What is known of a user's codes."""

    failures: int = 0  # since the last success
    blocked_until: float = 0.0  # seconds since the epoch

    def failed(self, method: str, now: float) -> Tries:
        """After one more wrong code.

        Args:
            method: "totp" or "recovery".
            now: seconds since the epoch.
        """
        failures = self.failures + 1
        over = failures - FREE
        pause = 0.0 if over < 0 else min(PAUSE * 2.0 ** min(over, 30), LONGEST[method])
        return Tries(failures, now + pause)

    def wait(self, now: float) -> float:
        """Seconds until the next code may be tried; 0: now."""
        return max(0.0, self.blocked_until - now)


def load(connection: sa.Connection, user_id: str, method: str) -> Tries:
    """How a user has fared with a method."""
    mine = sa.and_(attempts.c.user_id == user_id, attempts.c.method == method)
    row = connection.execute(sa.select(attempts).where(mine)).first()
    return Tries() if row is None else Tries(row.failures, row.blocked_until)


def store(connection: sa.Connection, user_id: str, method: str, tries: Tries) -> None:
    """Note how a user has fared; nothing is kept where there are no failures."""
    mine = sa.and_(attempts.c.user_id == user_id, attempts.c.method == method)
    connection.execute(attempts.delete().where(mine))
    if tries.failures:
        values = {"failures": tries.failures, "blocked_until": tries.blocked_until}
        connection.execute(attempts.insert().values(user_id=user_id, method=method, **values))
