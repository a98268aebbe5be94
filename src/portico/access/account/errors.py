"""What can go wrong on the page of API keys. Each is answered with a page of its own.

PageError
├── KeyMissing          404: the visitor has no such key, whether there is one or not
├── KeyIdle             409: the key is disabled or has expired, and cannot be rotated
├── KeyRotated          409: the page was sent twice, or somebody else was faster
├── NoMoreSecrets       409: too many of its secrets are good
├── SecretEnding        403: whoever opened it knows a secret only that ends soon
└── TooManyGuesses      429: too many wrong keys came from this address
"""

from __future__ import annotations

from portico.identity.pages.errors import PageError


class KeyMissing(PageError):
    """The visitor has no such key."""

    status = 404
    title = "There is no such key"

    def __init__(self) -> None:
        super().__init__("Perhaps it was deleted, or this page was opened too long ago.")


class KeyIdle(PageError):
    """The key may not be used at all."""

    status = 409
    title = "This key cannot be rotated"

    def __init__(self) -> None:
        super().__init__("It is disabled, or it has expired. Ask whoever gave it to you.")


class KeyRotated(PageError):
    """The key has another newest secret than the page that asks for a new one knows."""

    status = 409
    title = "The key was rotated already"

    def __init__(self) -> None:
        super().__init__("A secret is shown once. If you did not keep it, rotate the key again.")


class NoMoreSecrets(PageError):
    """Too many secrets of the key are good."""

    status = 409
    title = "Too many secrets"

    def __init__(self) -> None:
        super().__init__("The key was rotated too often. Wait for an old secret to end, or let all of them end now.")


class SecretEnding(PageError):
    """The secret that opened the page ends soon: whoever found an old one must not get a new one for it."""

    status = 403
    title = "Open it with the newest secret"

    def __init__(self) -> None:
        super().__init__("This secret of the key was rotated and ends soon. It shows how the key stands, and no more.")


class TooManyGuesses(PageError):
    """Too many wrong keys came from this address."""

    status = 429
    title = "Please wait a moment"

    def __init__(self, retry_after: float) -> None:
        super().__init__("Too many wrong keys came from your address. Try again in a minute.")
        self.retry_after = retry_after  # seconds
