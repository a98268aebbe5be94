"""What can go wrong with accounts. What a person may read is in the message.

PorticoError
└── UserError
    ├── WrongCredentials        unknown, disabled, or the password is wrong: which one is not told
    ├── NotConfirmed            the password is right, the sign-up is not confirmed
    ├── NewPasswordRequired     the password is right, and must be changed first
    ├── TooManyAttempts         try again after `retry_after` seconds
    │   └── Busy                    too many sign in at once; that is no fault of this person
    ├── WrongCode               wrong, used, replaced, or nobody asked for one
    │   └── CodeExpired         it was right once
    ├── SignUpClosed            only operators make accounts here
    ├── UserUnknown             there is no user with this id or name
    ├── NameTaken               operators and imports only: people who sign up get a mail instead
    ├── Invalid                 `faults` says what is wrong with which field
    │   ├── PasswordRefused     the policy refuses it
    │   └── HashRefused         an imported hash that Portico does not verify
    └── GroupUnknown            the pool does not declare it
"""

from __future__ import annotations

from collections.abc import Mapping

from portico.errors import PorticoError


class UserError(PorticoError):
    """The root of this tree."""


class WrongCredentials(UserError):
    """Nobody signs in with this name and password."""

    def __init__(self) -> None:
        super().__init__("The name or the password is not right.")


class NotConfirmed(UserError):
    """The password is right, but the code of the sign-up has not been given yet."""

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        super().__init__("Please confirm your e-mail address first.")


class NewPasswordRequired(UserError):
    """The password is right, but was given by somebody else: `change_password` comes first."""

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        super().__init__("Please choose a password of your own.")


class TooManyAttempts(UserError):
    """Attempts are refused for a while (RFC 6585 section 4: 429)."""

    def __init__(self, retry_after: float) -> None:
        self.retry_after = max(1, int(retry_after + 0.999))  # seconds
        super().__init__(f"Too many attempts. Try again in {_spoken(self.retry_after)}.")


class Busy(TooManyAttempts):
    """More passwords are to be hashed than this process can."""

    def __init__(self) -> None:
        super().__init__(2.0)


class WrongCode(UserError):
    """The code is wrong, was used or replaced, or nobody asked for one."""

    def __init__(self, message: str = "The code is not right.") -> None:
        super().__init__(message)


class CodeExpired(WrongCode):
    """The code was right, but is too old."""

    def __init__(self) -> None:
        super().__init__("The code has expired. Ask for a new one.")


class SignUpClosed(UserError):
    """The pool's `sign_up` is closed."""

    def __init__(self) -> None:
        super().__init__("Accounts are made by the operators of this site.")


class UserUnknown(UserError):
    """There is no such user."""

    def __init__(self, login: str) -> None:
        super().__init__(f"There is no user {login}.")


class NameTaken(UserError):
    """Somebody has this user name or e-mail address."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"Somebody has this {field} already.")


class Invalid(UserError):
    """Something that was given cannot be used."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)  # field -> a sentence for the person
        super().__init__(" ".join(f"{field}: {text}" for field, text in self.faults.items()))


class PasswordRefused(Invalid):
    """The password policy refuses it."""

    def __init__(self, reason: str) -> None:
        super().__init__({"password": reason})


class HashRefused(Invalid):
    """A password hash that Portico does not verify, or that costs too much."""

    def __init__(self, reason: str) -> None:
        super().__init__({"password_hash": reason})


class GroupUnknown(UserError):
    """A group that the pool does not declare."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"auth/pool.yaml declares no group {name}. It declares: {', '.join(known) or 'none'}.")


def _spoken(seconds: int) -> str:
    """A pause as people say it, never shorter than it is."""
    if seconds >= 120:
        return f"{-(-seconds // 60)} minutes"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
