"""Recovery codes: used up one by one, or all made anew."""

from __future__ import annotations

import hmac

import sqlalchemy as sa

from portico.identity.audit.events import Event
from portico.identity.mfa import recovery, repository
from portico.identity.mfa.errors import NotEnrolled
from portico.identity.mfa.factor import Factor, Verdict
from portico.identity.mfa.tables import CODES
from portico.identity.source import Source


class RecoveryCodes(Factor):
    """The part of `Mfa` for recovery codes."""

    async def verify_recovery_code(self, user_id: str, code: str, source: Source) -> int:
        """Use a code up, at sign-in, in place of a second factor.

        Args:
            user_id: who gave the right password.
            code: as it was typed.
            source: from where.

        Returns:
            how many are left.

        Raises:
            TooManyCodes: too many were wrong.
            WrongCode: this one is, or it has been used.
        """
        verdict, left = await self._pool.db.tx(self._use_code, user_id, code, source)
        verdict.insist()
        return left

    def _use_code(self, connection: sa.Connection, user_id: str, code: str, source: Source) -> tuple[Verdict, int]:
        stored, given = repository.codes_of(connection, user_id), recovery.digest(code)
        found = [id for id, sealed in stored if hmac.compare_digest(self._open_code(id, sealed), given)]

        def is_right() -> bool:
            return bool(found) and repository.use_code(connection, found[0])

        verdict, left = self._guess(connection, user_id, "recovery", source, is_right), len(stored) - 1
        if verdict.right:
            what = f"A recovery code was used to sign in to your account. {left} are left."
            self._changed(connection, Event.RECOVERY_CODE_USED, user_id, source, method="recovery", what=what)
        return verdict, left

    async def new_recovery_codes(self, user_id: str, source: Source) -> tuple[str, ...]:
        """Ten new codes, to be shown once, in place of the old ones.

        Args:
            user_id: who is signed in.
            source: from where.

        Raises:
            NotEnrolled: there is no second factor that they could stand in for.
        """
        return await self._pool.db.tx(self._new_codes, user_id, source)

    def _new_codes(self, connection: sa.Connection, user_id: str, source: Source) -> tuple[str, ...]:
        if not repository.methods_of(connection, user_id).any:
            raise NotEnrolled("Set up an authenticator app or a passkey first.")
        codes = self._make_codes(connection, user_id)
        what = "New recovery codes have been made for your account. The old ones are void."
        self._changed(connection, Event.RECOVERY_CODES_MADE, user_id, source, method="recovery", what=what)
        return codes

    def _open_code(self, id: str, sealed: bytes) -> bytes:
        return self._pool.secrets.open(CODES, sealed, bound_to=id)
