"""What can go wrong on the way over another provider. What a person may read is in the message.

PorticoError
└── FederationError
    ├── ProviderUnreachable    it does not answer, or not as a provider does
    ├── AnswerRefused          its answer is not for this browser, not from it, or not for us
    ├── SignInCancelled        the person, or the provider, said no
    ├── NotSignedInAnew        somebody had to prove again who they are, and was not asked to
    └── NoAccount              there is no account, and none may be made
"""

from __future__ import annotations

from portico.errors import PorticoError


class FederationError(PorticoError):
    """The root of this tree."""


class ProviderUnreachable(FederationError):
    """It does not answer, or not as an OpenID provider does. `reason` is for the log."""

    def __init__(self, title: str, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{title} cannot be reached at the moment. Please try again later.")


class AnswerRefused(FederationError):
    """The answer is not to be believed. `reason` is for the log."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("That sign-in could not be finished. Please begin again.")


class SignInCancelled(FederationError):
    """Nobody was signed in there."""

    def __init__(self, title: str) -> None:
        super().__init__(f"The sign-in with {title} was not finished.")


class NotSignedInAnew(FederationError):
    """A sign-in from before does not do here, and the provider does not say that there was a new one."""

    def __init__(self, title: str) -> None:
        super().__init__(f"{title} did not ask you to sign in again, which is needed here. Sign in another way.")


class NoAccount(FederationError):
    """There is no account here, and the pool makes none."""

    def __init__(self, title: str) -> None:
        super().__init__(f"Nobody here is linked to that account at {title}. Sign in with your password.")
