"""Credentials of a project: given for tokens, and looked up for signed requests."""

from __future__ import annotations

from portico.access import Roles
from portico.access.declared import USUAL
from portico.identity.audit import AuditLog
from portico.identity.credentials.claims import claims_of
from portico.identity.credentials.mint import Grant, mint
from portico.identity.credentials.model import Resolved, TemporaryCredentials
from portico.identity.credentials.sessions import OpenSessions
from portico.identity.pool import Pool
from portico.identity.revocations import Revocations
from portico.identity.users.model import User
from portico.identity.verify import TokenVerifier


class CredentialService:
    """Gives temporary credentials, and says what access key ids stand for."""

    def __init__(
        self, pool: Pool, *, roles: Roles, audit: AuditLog, verify: TokenVerifier, revocations: Revocations
    ) -> None:
        self._pool = pool
        self._roles = roles
        self._audit = audit
        self._verify = verify
        self._sessions = OpenSessions(pool, roles=roles, revocations=revocations)

    def resolve(self, access_key_id: str, session_token: str | None, now: float) -> Resolved:
        """What signed a request: the secret key to verify it with, and who that is.

        Args:
            access_key_id: as it was received.
            session_token: as it was received.
            now: seconds since the epoch.

        Raises:
            CredentialsRefused: they do not count, or not any more.
        """
        return self._sessions.resolve(access_key_id, session_token or "", now)

    def mint(self, role: str, *, user: User | None = None, duration: float = USUAL) -> TemporaryCredentials:
        """Temporary credentials without a token, for commands and tests: whoever has the project's secret may.

        Args:
            role: its name.
            user: for whom; None: for nobody, as a guest's are.
            duration: seconds.

        Raises:
            ExchangeRefused: there is no such role, or not for that long.
        """
        claims = claims_of(user) if user is not None else None
        return mint(self._pool, self._roles, Grant(role, duration, claims), self._pool.clock())
