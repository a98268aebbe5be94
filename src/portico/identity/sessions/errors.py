"""What can go wrong with browser sessions.

PorticoError
└── SessionError
    └── SignInVoid    between the password and the session something ended every sign-in of this person
"""

from __future__ import annotations

from portico.errors import PorticoError


class SessionError(PorticoError):
    """The root of this tree."""


class SignInVoid(SessionError):
    """The user was disabled or deleted, or everything they were given was made void, while they signed in."""

    def __init__(self) -> None:
        super().__init__("Please sign in again.")
