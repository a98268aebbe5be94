"""What a user proves a second time with."""

from __future__ import annotations

from dataclasses import dataclass

from portico.secret import Secret


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of a user (Web Authentication level 3)."""

    id: str
    user_id: str
    name: str  # by which its owner knows it
    created_at: float  # seconds since the epoch
    last_used_at: float | None  # seconds since the epoch
    backed_up: bool  # whether the person's other devices may have it too


@dataclass(frozen=True, slots=True)
class Methods:
    """What one user has set up."""

    totp: bool = False
    passkeys: tuple[Passkey, ...] = ()
    recovery_codes: int = 0  # that are left

    @property
    def any(self) -> bool:
        """Whether there is a second factor. Recovery codes only stand in for one."""
        return self.totp or bool(self.passkeys)


@dataclass(frozen=True, slots=True)
class TotpSetup:
    """What an authenticator app needs, until it has proved that it works."""

    secret: Secret  # base32, for those who type it
    uri: Secret  # otpauth://totp/...
    qr: Secret  # the URI as an SVG image, without XML declaration: safe to put into HTML


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A method that has been added."""

    recovery_codes: tuple[str, ...] = ()  # new ones, to be shown once; none where there are codes already
    passkey: Passkey | None = None
