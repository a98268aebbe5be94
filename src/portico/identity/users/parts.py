"""What every flow works with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from portico.identity.pool import Pool
from portico.identity.source import Source, network
from portico.identity.users import attempts, codes
from portico.identity.users.codes import Purpose
from portico.identity.users.errors import TooManyAttempts
from portico.identity.users.passwords import Passwords

if TYPE_CHECKING:
    from portico.identity.audit import AuditLog
    from portico.identity.mail import Mailer
    from portico.identity.triggers import Triggers

LANES = 64
ASKED, HOUR = 100, 3_600.0  # mails that one address may cause, in so many seconds
TRIED = 200  # codes from mails that one address may try in an hour


@dataclass(frozen=True, slots=True)
class Parts:
    """The collaborators of `Users`."""

    pool: Pool
    audit: AuditLog
    mailer: Mailer
    triggers: Triggers
    passwords: Passwords
    _lanes: tuple[asyncio.Lock, ...] = field(default_factory=lambda: tuple(asyncio.Lock() for _ in range(LANES)))

    def lane(self, who: str) -> asyncio.Lock:
        """Hold it while counters of one person change: what comes at once would make PostgreSQL begin anew and anew.

        Args:
            who: the name or id that was given.
        """
        return self._lanes[hash(who) % LANES]

    async def allow_asking(self, source: Source) -> None:
        """Take one of the mails that an address may cause in an hour.

        Args:
            source: where the request came from.

        Raises:
            TooManyAttempts: there is none left.
        """
        await self._spend("asked", source, ASKED)

    async def allow_trying(self, source: Source) -> None:
        """Take one of the codes that an address may try in an hour: each is work, and most leave an entry in the log.

        Args:
            source: where the request came from.

        Raises:
            TooManyAttempts: there is none left.
        """
        await self._spend("tried", source, TRIED)

    async def _spend(self, what: str, source: Source, limit: int) -> None:
        key = attempts.digest_of(self.pool.secrets, what, network(source.address))
        wait = await self.pool.db.tx(attempts.spend, key, limit=limit, window=HOUR, now=self.pool.clock())
        if wait:
            raise TooManyAttempts(wait)

    def new_code(
        self,
        connection: sa.Connection,
        code: str,
        *,
        user_id: str,
        purpose: Purpose,
        now: float,
        target: str | None = None,
    ) -> bool:
        """Let a code count, unless the user has been given too many in this hour.

        Args:
            connection: of a transaction.
            code: from `codes.generate`.
            user_id: whose.
            purpose: what for.
            now: seconds since the epoch.
            target: the address that it proves.

        Returns:
            whether it counts, and is to be mailed.
        """
        key = attempts.digest_of(self.pool.secrets, f"code {purpose}", user_id)
        if attempts.spend(connection, key, limit=codes.AN_HOUR, window=HOUR, now=now):
            return False
        expires_at = now + self.pool.settings.code_lifetime
        codes.put(
            connection,
            self.pool.secrets,
            code,
            user_id=user_id,
            purpose=purpose,
            expires_at=expires_at,
            target=target,
        )
        return True
