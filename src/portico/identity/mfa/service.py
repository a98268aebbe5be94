"""Second factors, as pages and commands use them."""

from __future__ import annotations

import sqlalchemy as sa

from portico.identity.audit.events import Event
from portico.identity.mfa import repository
from portico.identity.mfa.apps import Apps
from portico.identity.mfa.codes import RecoveryCodes
from portico.identity.mfa.model import Methods
from portico.identity.mfa.passkeys import Passkeys
from portico.identity.mfa.policy import policy_for
from portico.identity.settings import MfaPolicy, PoolSettings
from portico.identity.source import Source
from portico.identity.users.model import User


class Mfa(Apps, RecoveryCodes, Passkeys):
    """The second factors of a pool's users: what they have, may have, must have."""

    def required_for(self, user: User, settings: PoolSettings | None = None) -> MfaPolicy:
        """What a user's sign-in needs.

        Args:
            user: who has given the right password.
            settings: of the pool, where not its own.

        Returns:
            "off": never ask. "optional": ask who has a method. "required": who has none must set one up first.
        """
        return policy_for(user.groups, settings or self._pool.settings)

    async def methods_of(self, user_id: str) -> Methods:
        """What a user has set up. A method that the pool no longer offers to others still counts for its owner."""
        return await self._pool.db.read(repository.methods_of, user_id)

    async def reset(self, user_id: str, source: Source) -> None:
        """Take every method away: an operator's help for somebody who has lost all of them.

        Args:
            user_id: whose.
            source: of the operator.
        """
        await self._pool.db.tx(self._reset, user_id, source)

    def _reset(self, connection: sa.Connection, user_id: str, source: Source) -> None:
        repository.delete_all(connection, user_id)
        what = "All second steps have been removed from your account by those who run this site."
        self._changed(connection, Event.MFA_REMOVED, user_id, source, method="all", what=what)
