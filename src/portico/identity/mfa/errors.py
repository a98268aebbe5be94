"""What can go wrong with second factors. All of these are the caller's fault; the messages may be shown.

PorticoError
└── MfaError
    ├── WrongCode          the code is wrong, too old, or has been used
    ├── TooManyCodes       too many were wrong; carries how long to wait
    ├── NotEnrolled        the user has no such method, or the set-up was not begun or is over
    ├── MethodNotOffered   the pool does not offer this method
    ├── PasskeyRefused     the browser's answer does not fit: challenge, origin, signature, user
    ├── TooManyPasskeys    a user has as many as one may have
    └── LastMethod         the pool, or a group, requires a second factor, and this is the last
"""

from __future__ import annotations

from portico.errors import PorticoError


class MfaError(PorticoError):
    """The root of this tree."""


class WrongCode(MfaError):
    """The code is wrong, too old, or has been used."""


class TooManyCodes(MfaError):
    """Too many codes were wrong."""

    def __init__(self, retry_after: float) -> None:
        """Say for how long.

        Args:
            retry_after: seconds.
        """
        self.retry_after = retry_after
        super().__init__("Too many wrong codes. Wait a while, then try again.")


class NotEnrolled(MfaError):
    """The user has no such method, or its set-up was not begun, or is over."""


class MethodNotOffered(MfaError):
    """The pool does not offer this method."""


class PasskeyRefused(MfaError):
    """The browser's answer does not fit."""


class TooManyPasskeys(MfaError):
    """A user has as many passkeys as one may have."""


class LastMethod(MfaError):
    """A second factor is required, and this is the last."""
