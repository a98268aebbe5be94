"""What can go wrong with API keys.

PorticoError
└── ApiKeyError
    ├── ApiKeyRefused             whoever showed a secret is not let in; a request is answered with 401 or 403
    │   ├── ApiKeyUnknown         nobody has it; or, where one is claimed, it cannot be had, whyever that is
    │   ├── ApiKeyDisabled        somebody disabled it
    │   └── ApiKeyExpired         its time is over, or that of this secret of it
    ├── ApiKeyNotFound            an operator named a key that there is not
    ├── ApiKeyAmbiguous           several keys have the name; carries their ids
    ├── ApiKeyInvalid             what was given for a field cannot be; carries the field
    ├── TooManyApiKeys            the project has as many as there can be
    ├── TooManySecrets            a key was rotated too often within one overlap
    └── KeyFileRefused            a file of keys cannot be read, or its header is none: nothing was imported
"""

from __future__ import annotations

from collections.abc import Sequence

from portico.errors import PorticoError


class ApiKeyError(PorticoError):
    """The root of this tree."""


class ApiKeyRefused(ApiKeyError):
    """Whoever showed a secret is not let in. The message may be shown to them; it repeats nothing of it."""


class ApiKeyUnknown(ApiKeyRefused):
    """Nobody has this secret."""

    def __init__(self) -> None:
        super().__init__("The API key is not known.")


class ApiKeyDisabled(ApiKeyRefused):
    """The key is disabled."""

    def __init__(self) -> None:
        super().__init__("The API key is disabled.")


class ApiKeyExpired(ApiKeyRefused):
    """The key, or this secret of it, has ended."""

    def __init__(self) -> None:
        super().__init__("The API key has expired.")


class ApiKeyNotFound(ApiKeyError):
    """There is no such key."""

    def __init__(self, named: str) -> None:
        super().__init__(f"There is no API key {named!r}. `portico keys list` shows them.")


class ApiKeyAmbiguous(ApiKeyError):
    """Several keys have the name."""

    def __init__(self, named: str, ids: Sequence[str], *, more: bool = False) -> None:
        self.ids = tuple(ids)
        listed = ", ".join(ids) + (", ..." if more else "")
        super().__init__(f"Several API keys have the name {named!r}. Give the id of one: {listed}")


class ApiKeyInvalid(ApiKeyError):
    """What was given cannot be."""

    def __init__(self, field: str, mend: str) -> None:
        self.field = field
        self.mend = mend
        super().__init__(f"{field}: {mend}")


class TooManyApiKeys(ApiKeyError):
    """The project has as many keys as there can be."""


class TooManySecrets(ApiKeyError):
    """A key has as many secrets as it can have at once."""


class KeyFileRefused(ApiKeyError):
    """The whole file cannot be used."""
