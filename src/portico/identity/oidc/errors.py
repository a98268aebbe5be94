"""What the OpenID provider refuses, in the words of the protocol (RFC 6749 sections 4.1.2.1 and 5.2).

PorticoError
└── OAuthError
    ├── InvalidRequest            something is missing, repeated or malformed
    │   └── TooLarge              the body is longer than anything that is meant honestly
    ├── InvalidClient             the client is not who it says (401)
    ├── InvalidGrant              the code or the refresh token does not count
    │   ├── CodeReplayed          a code came a second time; what it issued is revoked
    │   └── RefreshTokenReused    a refresh token came after its successor was used; the family is revoked
    ├── AuthorizationPending      nobody has decided about the device yet (RFC 8628 section 3.5)
    │   └── SlowDown              and it asks too often
    ├── ExpiredToken              nobody has decided about the device in time
    ├── TooManyDevices            too many devices wait, or ask (429)
    ├── InvalidScope              a scope that the client may not ask for, or that was not granted
    ├── UnauthorizedClient        a grant that the client may not use
    ├── UnsupportedGrantType      a grant that nobody may use
    ├── UnsupportedResponseType   only `code` is issued
    ├── AccessDenied              the person, or the project's trigger, said no
    ├── LoginRequired             prompt=none, and nobody is signed in (OpenID Connect Core section 3.1.2.6)
    ├── ConsentRequired           prompt=none, and the person has not been asked yet
    ├── RequestNotSupported       a parameter that stands for a feature which is not offered
    ├── InvalidToken              the access token proves nothing (RFC 6750 section 3.1)
    ├── InsufficientScope         it proves too little
    ├── InvalidClientMetadata     a registration that cannot be (RFC 7591 section 3.2.2)
    │   └── InvalidRedirectUri    because of its redirect URI
    └── TemporarilyUnavailable    try again
PorticoError
├── UnknownClient    a command names a client that is not there
└── ClientExists     a command makes a client that is there already
"""

from __future__ import annotations

from typing import ClassVar

from portico.errors import PorticoError


class OAuthError(PorticoError):
    """The root of what is refused to a client."""

    error: str = "server_error"
    status: ClassVar[int] = 400

    def __init__(self, description: str = "") -> None:
        """Refuse.

        Args:
            description: for the client's developer. Nothing that the caller sent is quoted in it.
        """
        self.description = description
        super().__init__(description or self.error)


class InvalidRequest(OAuthError):
    """Something is missing, repeated or malformed."""

    error = "invalid_request"


class TooLarge(InvalidRequest):
    """The body is longer than anything that is meant honestly."""

    status = 413


class InvalidClient(OAuthError):
    """The client is not who it says."""

    error = "invalid_client"
    status = 401

    def __init__(self) -> None:
        super().__init__("The client is unknown, or did not prove who it is in the way that it is registered for.")


class InvalidGrant(OAuthError):
    """The code or the refresh token is unknown, expired, revoked, or another client's."""

    error = "invalid_grant"


class CodeReplayed(InvalidGrant):
    """A code came a second time."""

    def __init__(self, family: str) -> None:
        self.family = family
        super().__init__("The code has been used. What it was used for has been revoked.")


class RefreshTokenReused(InvalidGrant):
    """A refresh token came again after its time."""

    def __init__(self, family: str) -> None:
        self.family = family
        super().__init__("The refresh token has been used before. The person must sign in again.")


class AuthorizationPending(OAuthError):
    """Nobody has decided about the device yet."""

    error = "authorization_pending"

    def __init__(self, description: str = "The person has not decided yet.") -> None:
        super().__init__(description)


class SlowDown(AuthorizationPending):
    """Nobody has decided yet, and the device asks too often."""

    error = "slow_down"

    def __init__(self, interval: float) -> None:
        super().__init__(f"Wait {interval:.0f} seconds between two requests from now on.")


class ExpiredToken(OAuthError):
    """Nobody has decided about the device in time."""

    error = "expired_token"

    def __init__(self) -> None:
        super().__init__("The device_code has expired. Ask for another one.")


class TooManyDevices(OAuthError):
    """Too many devices wait, or ask from one address."""

    error = "temporarily_unavailable"
    status = 429

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after  # seconds
        super().__init__(f"Too many devices ask to be signed in. Try again in {retry_after} seconds.")


class InvalidScope(OAuthError):
    """A scope that the client may not ask for, or that was not granted."""

    error = "invalid_scope"


class UnauthorizedClient(OAuthError):
    """A grant that the client may not use."""

    error = "unauthorized_client"


class UnsupportedGrantType(OAuthError):
    """A grant that nobody may use."""

    error = "unsupported_grant_type"


class UnsupportedResponseType(OAuthError):
    """Something other than a code was asked for."""

    error = "unsupported_response_type"


class AccessDenied(OAuthError):
    """The person, or the project, said no."""

    error = "access_denied"


class LoginRequired(OAuthError):
    """Nobody is signed in, and nobody may be asked."""

    error = "login_required"


class ConsentRequired(OAuthError):
    """The person has not agreed, and may not be asked."""

    error = "consent_required"


class RequestNotSupported(OAuthError):
    """A parameter that stands for a feature which is not offered (OpenID Connect Core section 3.1.2.6)."""

    def __init__(self, parameter: str) -> None:
        self.error = f"{parameter}_not_supported"
        super().__init__(f"The parameter {parameter} is not supported.")


class InvalidToken(OAuthError):
    """The access token proves nothing."""

    error = "invalid_token"
    status = 401


class InsufficientScope(OAuthError):
    """The access token proves too little."""

    error = "insufficient_scope"
    status = 403


class InvalidClientMetadata(OAuthError):
    """A registration that cannot be."""

    error = "invalid_client_metadata"


class InvalidRedirectUri(InvalidClientMetadata):
    """A registration with a redirect URI that nobody may have."""

    error = "invalid_redirect_uri"


class TemporarilyUnavailable(OAuthError):
    """Try again."""

    error = "temporarily_unavailable"
    status = 503


class UnknownClient(PorticoError):
    """A command names a client that is not there."""


class ClientExists(PorticoError):
    """A command makes a client that is there already."""
