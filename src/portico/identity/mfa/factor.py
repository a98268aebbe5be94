"""What all second factors have in common: bounded guessing, the audit log, and a mail to the owner."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from portico.identity.audit.events import Event
from portico.identity.mail.model import Kind
from portico.identity.mfa import attempts, recovery, repository
from portico.identity.mfa.errors import LastMethod, TooManyCodes, WrongCode
from portico.identity.mfa.model import Methods
from portico.identity.mfa.policy import policy_for
from portico.identity.mfa.tables import CODES
from portico.identity.source import Source
from portico.identity.users import repository as users

if TYPE_CHECKING:
    from portico.identity.audit import AuditLog
    from portico.identity.mail import Mailer
    from portico.identity.pool import Pool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a code. It is returned from the transaction, which must be committed for the counter's sake."""

    right: bool
    wait: float = 0.0  # seconds; the code was not even looked at

    def insist(self) -> None:
        """Go on only with a right code.

        Raises:
            TooManyCodes: too many were wrong before.
            WrongCode: it is wrong.
        """
        if self.wait:
            raise TooManyCodes(self.wait)
        if not self.right:
            raise WrongCode("This code is not right, or has been used.")


class Factor:
    """The base of the second factors."""

    def __init__(self, pool: Pool, *, audit: AuditLog, mailer: Mailer) -> None:
        """Prepare.

        Args:
            pool: whose users.
            audit: hears of everything.
            mailer: tells people what was changed.
        """
        self._pool = pool
        self._audit = audit
        self._mailer = mailer

    def _guess(
        self,
        connection: sa.Connection,
        user_id: str,
        method: Literal["totp", "recovery"],
        source: Source,
        is_right: Callable[[], bool],
    ) -> Verdict:
        """Look at a code, unless too many were wrong; count it, and tell of it."""
        now = self._pool.clock()
        tries = attempts.load(connection, user_id, method)
        if tries.wait(now):
            return Verdict(False, tries.wait(now))
        if is_right():
            attempts.store(connection, user_id, method, attempts.Tries())
            self._audit.record(connection, Event.MFA_PASSED, user=user_id, source=source, details={"method": method})
            return Verdict(True)
        tries = tries.failed(method, now)
        attempts.store(connection, user_id, method, tries)
        self._failed(connection, user_id, source, method)
        if tries.wait(now):
            details = {"method": method, "seconds": tries.wait(now)}
            self._audit.record(connection, Event.MFA_LOCKED, user=user_id, source=source, details=details)
        if tries.failures == attempts.FREE:
            self._write(connection, user_id, Kind.MFA_FAILING)
        return Verdict(False)

    def _failed(self, connection: sa.Connection, user_id: str, source: Source, method: str) -> None:
        event, details = Event.MFA_FAILED, {"method": method}
        self._audit.record(connection, event, user=user_id, source=source, outcome="failure", details=details)

    def _changed(
        self, connection: sa.Connection, event: Event, user_id: str, source: Source, *, method: str, what: str
    ) -> None:
        """Tell the audit log, and the owner.

        Args:
            connection: of the transaction that changes it.
            event: what happened.
            user_id: whose.
            source: from where.
            method: "totp", "passkey" or "recovery".
            what: a sentence for the owner.
        """
        self._audit.record(connection, event, user=user_id, source=source, details={"method": method})
        self._write(connection, user_id, Kind.MFA_CHANGED, what=what)

    def _write(self, connection: sa.Connection, user_id: str, kind: Kind, **values: str) -> None:
        user = users.by_id(connection, user_id)
        if user is not None and user.email and user.email_verified:
            self._mailer.queue(connection, kind, to=user.email, user=user, values=values)

    def _first_codes(self, connection: sa.Connection, user_id: str) -> tuple[str, ...]:
        """New recovery codes, unless there are some."""
        return () if repository.codes_of(connection, user_id) else self._make_codes(connection, user_id)

    def _make_codes(self, connection: sa.Connection, user_id: str) -> tuple[str, ...]:
        codes = recovery.generate()
        ids = [uuid.uuid4().hex for _ in codes]
        sealed = [self._seal_code(id, code) for id, code in zip(ids, codes, strict=True)]
        repository.replace_codes(connection, user_id, list(zip(ids, sealed, strict=True)))
        return codes

    def _seal_code(self, id: str, code: str) -> bytes:
        return self._pool.secrets.seal(CODES, recovery.digest(code), bound_to=id)

    def _may_lose(self, connection: sa.Connection, user_id: str, left: Methods) -> None:
        """Before a method is removed: whether what is left will do.

        Raises:
            LastMethod: a second factor is required, and none would be left.
        """
        if left.any:
            return
        user = users.by_id(connection, user_id)
        if user is not None and policy_for(user.groups, self._pool.settings) == "required":
            raise LastMethod("Here a second step is required. Set up another one before you remove this one.")
        repository.replace_codes(connection, user_id, ())
