"""Temporary credentials as one process knows them: opened once, then a look-up until something changes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from portico.access import Roles
from portico.identity.credentials.errors import (
    CredentialsExpired,
    CredentialsRevoked,
    SessionTokenInvalid,
)
from portico.identity.credentials.model import Resolved
from portico.identity.credentials.token import Session, unseal
from portico.identity.pool import Pool
from portico.identity.revocations import Revocations

ENTRIES = 4_096  # session tokens of at most 2 KiB
HEARD_WITHIN = 2.0  # seconds in which every worker hears of a change


@dataclass(slots=True)
class _Known:
    """An opened session token, and what was concluded from it."""

    access_key_id: str
    session: Session
    resolved: Resolved
    revision: int  # of the revocations that were looked at
    generation: int  # of the roles
    secrets: int  # generation of the secrets that opened it


class OpenSessions:
    """Opens session tokens, and keeps the last ones open."""

    def __init__(self, pool: Pool, *, roles: Roles, revocations: Revocations) -> None:
        self._pool = pool
        self._roles = roles
        self._revocations = revocations
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def resolve(self, access_key_id: str, session_token: str, now: float) -> Resolved:
        """What temporary credentials stand for.

        Args:
            access_key_id: as it was received.
            session_token: as it was received.
            now: seconds since the epoch.

        Raises:
            CredentialsRefused: they do not count, or not any more.
        """
        known = self._known.get(session_token)
        if known is None or known.secrets != self._pool.secrets.generation:
            self._known.pop(session_token, None)
            return self._open(access_key_id, session_token, now)
        if known.access_key_id != access_key_id:
            raise SessionTokenInvalid
        if now >= known.resolved.expires_at:
            del self._known[session_token]
            raise CredentialsExpired
        if known.revision != self._revocations.revision or known.generation != self._roles.generation:
            self._conclude(known)
        self._known.move_to_end(session_token)
        return known.resolved

    def _open(self, access_key_id: str, session_token: str, now: float) -> Resolved:
        secrets = self._pool.secrets.generation
        session = unseal(self._pool.secrets, session_token, access_key_id, self._pool.name)
        if now >= session.expires_at:
            raise CredentialsExpired
        resolved = Resolved(session.secret_key, session.principal(access_key_id, session.groups), session.expires_at)
        known = _Known(access_key_id, session, resolved, -1, -1, secrets)
        self._conclude(known)
        if now >= known.resolved.expires_at:
            raise CredentialsExpired
        self._known[session_token] = known
        if len(self._known) > ENTRIES:
            self._known.popitem(last=False)
        return known.resolved

    def _conclude(self, known: _Known) -> None:
        """Look at what has been revoked and at the roles, as they are now.

        Raises:
            CredentialsRevoked: the credentials do not count any more.
        """
        revision, generation = self._revocations.revision, self._roles.generation
        session = known.session
        if self._revocations.revoked(
            issued_at=session.since,
            sub=session.sub,
            origin_jti=session.origin_jti,
            jti=session.jti,
            client=session.client,
            access_key=known.access_key_id,
        ):
            raise CredentialsRevoked
        if session.exchanged and session.sub is not None and self._is_forged_perhaps(session):
            raise CredentialsRevoked
        changed = self._revocations.groups(session.sub, session.since)
        groups = session.groups if changed is None else changed
        expires_at = self._end(session, groups)
        principal = session.principal(known.access_key_id, groups)
        known.resolved = Resolved(known.resolved.secret_key, principal, expires_at)
        known.revision, known.generation = revision, generation

    def _is_forged_perhaps(self, session: Session) -> bool:
        """Whether they were given for a token that somebody with a stolen signing key may have made."""
        return session.issued_at <= self._revocations.keys_withdrawn_at + HEARD_WITHIN

    def _end(self, session: Session, groups: tuple[str, ...]) -> float:
        """When the credentials end, by the role as it is now.

        Raises:
            CredentialsRevoked: the role is gone, or is not for this user any more.
        """
        role = self._roles.all.get(session.role)
        if role is None:
            raise CredentialsRevoked
        if session.exchanged and not self._roles.admits(session.role, session.identity(groups), session.carried):
            raise CredentialsRevoked
        return min(session.expires_at, session.issued_at + role.max_duration)
