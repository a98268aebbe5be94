"""Authenticator apps: set up, verified at sign-in, taken away."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from portico.identity.audit.events import Event
from portico.identity.mfa import repository
from portico.identity.mfa.errors import MethodNotOffered, NotEnrolled
from portico.identity.mfa.factor import Factor, Verdict
from portico.identity.mfa.model import TotpSetup
from portico.identity.mfa.tables import SECRETS
from portico.identity.mfa.totp import PENDING, matching_step, new_secret, setup_of
from portico.identity.source import Source
from portico.identity.users.model import User


class Apps(Factor):
    """The part of `Mfa` for authenticator apps."""

    @property
    def offers_totp(self) -> bool:
        """Whether people may set up an authenticator app."""
        return "totp" in self._pool.settings.mfa_methods

    async def begin_totp(self, user: User) -> TotpSetup:
        """Begin to set up an app. What there was stays valid until `confirm_totp`.

        Args:
            user: who is signed in.

        Returns:
            what the app needs; it is good for 15 minutes, and the one that was given before for nothing.

        Raises:
            MethodNotOffered: the pool does not have authenticator apps.
        """
        if not self.offers_totp:
            raise MethodNotOffered("Authenticator apps are not offered here.")
        secret = new_secret()
        until = self._pool.clock() + PENDING
        await self._pool.db.tx(repository.begin_totp, user.id, self._seal_totp(user.id, secret), until)
        title = self._pool.settings.title or self._pool.origin.partition("://")[2]
        return setup_of(secret, title=title, username=user.username)

    async def confirm_totp(self, user_id: str, code: str, source: Source) -> tuple[str, ...]:
        """Finish a set-up: the app shows the right code.

        Args:
            user_id: who is signed in.
            code: that the app shows.
            source: from where.

        Returns:
            recovery codes, to be shown once; none where the user has some already.

        Raises:
            NotEnrolled: no set-up was begun, or it is over.
            WrongCode: try again; the set-up goes on.
        """
        codes = await self._pool.db.tx(self._confirm_totp, user_id, code, source)
        if codes is None:
            Verdict(False).insist()
        return codes or ()

    def _confirm_totp(
        self, connection: sa.Connection, user_id: str, code: str, source: Source
    ) -> tuple[str, ...] | None:
        now, stored = self._pool.clock(), repository.totp_of(connection, user_id)
        if stored is None or stored.pending is None or (stored.pending_until or 0) <= now:
            raise NotEnrolled("The set-up is over. Begin again.")
        secret = self._open_totp(user_id, stored.pending)
        step = matching_step(secret, code, now=now, after=0)
        if step is None:
            self._failed(connection, user_id, source, "totp")
            return None
        repository.confirm_totp(connection, user_id, self._seal_totp(user_id, secret), step)
        what = "An authenticator app has been added to your account."
        self._changed(connection, Event.MFA_ADDED, user_id, source, method="totp", what=what)
        return self._first_codes(connection, user_id)

    async def verify_totp(self, user_id: str, code: str, source: Source) -> None:
        """Check a code at sign-in. Each code is taken once (RFC 6238 section 5.2).

        Args:
            user_id: who gave the right password.
            code: that the app shows.
            source: from where.

        Raises:
            NotEnrolled: the user has no app.
            TooManyCodes: too many codes were wrong.
            WrongCode: this one is, or it has been used.
        """
        (await self._pool.db.tx(self._verify_totp, user_id, code, source)).insist()

    def _verify_totp(self, connection: sa.Connection, user_id: str, code: str, source: Source) -> Verdict:
        stored = repository.totp_of(connection, user_id)
        if stored is None or stored.secret is None:
            raise NotEnrolled("There is no authenticator app.")
        secret, after = self._open_totp(user_id, stored.secret), stored.last_step

        def is_right() -> bool:
            step = matching_step(secret, code, now=self._pool.clock(), after=after)
            return step is not None and repository.take_step(connection, user_id, step)

        return self._guess(connection, user_id, "totp", source, is_right)

    async def remove_totp(self, user_id: str, source: Source) -> None:
        """Take the app away.

        Raises:
            LastMethod: a second factor is required, and this is the last.
            NotEnrolled: there is none.
        """
        await self._pool.db.tx(self._remove_totp, user_id, source)

    def _remove_totp(self, connection: sa.Connection, user_id: str, source: Source) -> None:
        methods = repository.methods_of(connection, user_id)
        if not methods.totp:
            raise NotEnrolled("There is no authenticator app.")
        self._may_lose(connection, user_id, replace(methods, totp=False))
        repository.delete_totp(connection, user_id)
        what = "The authenticator app has been removed from your account."
        self._changed(connection, Event.MFA_REMOVED, user_id, source, method="totp", what=what)

    def _seal_totp(self, user_id: str, secret: str) -> bytes:
        return self._pool.secrets.seal(SECRETS, secret.encode(), bound_to=user_id)

    def _open_totp(self, user_id: str, sealed: bytes) -> str:
        return self._pool.secrets.open(SECRETS, sealed, bound_to=user_id).decode()
