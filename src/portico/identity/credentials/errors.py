"""What can go wrong with credentials.

PorticoError
└── CredentialsError
    ├── CredentialsRefused            whoever signed is not let in; a request is answered with 403
    │   ├── AccessKeyUnknown          there is no such access key id
    │   ├── AccessKeyDisabled         somebody disabled it
    │   ├── SessionTokenInvalid       it was not given with this access key id, or has been changed, or is missing
    │   ├── CredentialsExpired        their time is over
    │   └── CredentialsRevoked        the sign-in, the user or the role that they came from is gone
    └── ExchangeRefused               no credentials are given
        ├── BodyInvalid               what was sent is not what the endpoint takes
        ├── NoRole                    no role is for the caller, or not the one that was asked for
        ├── ClientNotTrusted          the token was given to a client whose tokens are not exchanged
        ├── DurationNotAllowed        shorter than 15 minutes, or longer than the role allows
        ├── TooManyGuests             one address asks too often; carries when to ask again
        ├── TooLarge                  what the policies must know does not fit into a session token
        ├── TooManyAccessKeys         the project has as many as there can be
        └── RoleUnknown               auth/roles.yaml has no such role
"""

from __future__ import annotations

from portico.errors import PorticoError


class CredentialsError(PorticoError):
    """The root of this tree."""


class CredentialsRefused(CredentialsError):
    """Whoever signed the request is not let in. The message may be shown to them."""


class AccessKeyUnknown(CredentialsRefused):
    """Nobody has this access key id. `named` is the one that an operator gave; a request's is not repeated."""

    def __init__(self, named: str | None = None) -> None:
        told = f"There is no access key {named}. `portico credentials list` shows them."
        super().__init__("The access key id included in the request is not known." if named is None else told)


class AccessKeyDisabled(CredentialsRefused):
    """The access key is disabled."""

    def __init__(self) -> None:
        super().__init__("The access key included in the request is disabled.")


class SessionTokenInvalid(CredentialsRefused):
    """The session token does not belong to the access key id."""

    def __init__(self) -> None:
        super().__init__("The security token included in the request is invalid.")  # STS's words


class CredentialsExpired(CredentialsRefused):
    """The credentials are too old."""

    def __init__(self) -> None:
        super().__init__("The security token included in the request is expired.")  # STS's words


class CredentialsRevoked(CredentialsRefused):
    """The credentials do not count any more, although their time is not over."""

    def __init__(self) -> None:
        super().__init__("The security token included in the request has been revoked.")


class ExchangeRefused(CredentialsError):
    """No credentials are given. The message may be shown to whoever asked."""


class BodyInvalid(ExchangeRefused):
    """The body is not what the endpoint takes."""


class NoRole(ExchangeRefused):
    """There is no role for the caller."""


class ClientNotTrusted(ExchangeRefused):
    """The token's client may not exchange it: a role is not bounded by the scopes that people gave to the client."""


class DurationNotAllowed(ExchangeRefused):
    """The credentials would be valid for too long, or too shortly."""


class TooManyGuests(ExchangeRefused):
    """One address asks for guests' credentials too often."""

    def __init__(self, retry_after: float) -> None:
        self.retry_after = retry_after  # seconds
        super().__init__("Too many credentials for guests were given to this address. Try again shortly.")


class TooLarge(ExchangeRefused):
    """The groups and claims that policies must know do not fit into a session token."""


class TooManyAccessKeys(ExchangeRefused):
    """The project has as many access keys as there can be."""


class RoleUnknown(ExchangeRefused):
    """There is no such role."""
