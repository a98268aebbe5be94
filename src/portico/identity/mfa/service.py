"""Second factors, as pages and commands use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portico.identity.mfa.model import Enrolled, Methods, Passkey, TotpSetup
from portico.identity.settings import MfaPolicy, PoolSettings
from portico.identity.source import Source
from portico.identity.users.model import User

if TYPE_CHECKING:
    from portico.identity.audit import AuditLog
    from portico.identity.mail import Mailer
    from portico.identity.pool import Pool


class Mfa:
    """Second factors of a pool's users."""

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

    # what there is -------------------------------------------------------

    @property
    def offers_totp(self) -> bool:
        """Whether people may set up an authenticator app."""
        raise NotImplementedError

    @property
    def offers_passkeys(self) -> bool:
        """Whether people may set up passkeys: the pool allows them, and its origin has a name (not an address)."""
        raise NotImplementedError

    @property
    def offers_passkeys_alone(self) -> bool:
        """Whether a passkey may take the place of the password."""
        raise NotImplementedError

    def required_for(self, user: User, settings: PoolSettings | None = None) -> MfaPolicy:
        """The policy for a user: off (never ask), optional (ask who has a method), required."""
        raise NotImplementedError

    async def methods_of(self, user_id: str) -> Methods:
        """What a user has set up."""
        raise NotImplementedError

    # an authenticator app ------------------------------------------------

    async def begin_totp(self, user: User) -> TotpSetup:
        """Begin; what there was stays valid until `confirm_totp`. Raises MethodNotOffered."""
        raise NotImplementedError

    async def confirm_totp(self, user_id: str, code: str, source: Source) -> tuple[str, ...]:
        """The first code; gives recovery codes where there were none. Raises WrongCode, NotEnrolled, TooManyCodes."""
        raise NotImplementedError

    async def verify_totp(self, user_id: str, code: str, source: Source) -> None:
        """A code at sign-in. Raises WrongCode, TooManyCodes, NotEnrolled."""
        raise NotImplementedError

    async def remove_totp(self, user_id: str, source: Source) -> None:
        """Raises LastMethod, NotEnrolled."""
        raise NotImplementedError

    # recovery codes ------------------------------------------------------

    async def verify_recovery_code(self, user_id: str, code: str, source: Source) -> int:
        """Use one up; gives how many are left. Raises WrongCode, TooManyCodes."""
        raise NotImplementedError

    async def new_recovery_codes(self, user_id: str, source: Source) -> tuple[str, ...]:
        """Ten new ones in place of the old. Raises NotEnrolled without a second factor."""
        raise NotImplementedError

    # passkeys ------------------------------------------------------------

    async def registration_options(self, user: User, *, browser: str) -> str:
        """JSON for navigator.credentials.create. Raises MethodNotOffered, TooManyPasskeys."""
        raise NotImplementedError

    async def register_passkey(self, user: User, response: str, *, name: str, browser: str, source: Source) -> Enrolled:
        """Raises PasskeyRefused, TooManyPasskeys."""
        raise NotImplementedError

    async def authentication_options(self, *, browser: str, user_id: str | None = None) -> str:
        """JSON for navigator.credentials.get; without a user: a passkey alone. Raises MethodNotOffered, NotEnrolled."""
        raise NotImplementedError

    async def verify_passkey(
        self, response: str, *, browser: str, source: Source, user_id: str | None = None
    ) -> Passkey:
        """As a second factor of `user_id`, or alone (then `.user_id` says who). Raises PasskeyRefused."""
        raise NotImplementedError

    async def rename_passkey(self, user_id: str, passkey_id: str, name: str, source: Source) -> None:
        """Raises NotEnrolled."""
        raise NotImplementedError

    async def remove_passkey(self, user_id: str, passkey_id: str, source: Source) -> None:
        """Raises LastMethod, NotEnrolled."""
        raise NotImplementedError

    async def reset(self, user_id: str, source: Source) -> None:
        """Take every method away: an operator's help for somebody who lost all."""
        raise NotImplementedError
