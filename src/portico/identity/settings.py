"""`auth/pool.yaml`: what a project declares of its user pool. Policy is here; the people are in the database."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from portico.design import decode
from portico.design.limits import Unreadable
from portico.errors import ConfigError

FILE = Path("auth/pool.yaml")
MfaPolicy = Literal["off", "optional", "required"]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)?")
_UNITS = {None: 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}


class Duration(float):
    """Seconds, written as `900`, `15m`, `12h` or `30d`."""


class _Declared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all declarations have in common: they are frozen, and a key that does not exist is an error."""


class Attribute(_Declared, frozen=True):
    """A custom attribute of users."""

    type: Literal["string", "number", "boolean", "date"] = "string"
    label: str = ""  # on pages
    required: bool = False  # at sign-up
    mutable: bool = True  # by the user
    max_length: int = 2_048  # characters
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None


class Group(_Declared, frozen=True):
    """A group of users."""

    description: str = ""
    precedence: int = 0  # of several groups the lowest counts first
    mfa: MfaPolicy | None = None  # stricter than the pool's, for its members


class PasswordPolicy(_Declared, frozen=True):
    """What a password must be (NIST SP 800-63B section 3.1.1: length before composition)."""

    min_length: Annotated[int, Meta(ge=8, le=64)] = 10  # characters
    require: tuple[Literal["lowercase", "uppercase", "digit", "symbol"], ...] = ()
    refuse_breached: bool = True
    pepper: bool = False  # mix a key of the project's secret into hashes: without the secret they are worth nothing


class ResourceServer(_Declared, frozen=True):
    """An API as tokens know it. The scopes are `{its name}/{scope}`."""

    title: str = ""
    audience: str = ""  # of access tokens; the issuer where it says nothing
    scopes: dict[Name, str] = {}  # scope -> what people read when they consent


class Client(_Declared, frozen=True):
    """An application that people sign in with, or that calls by itself (RFC 6749 section 2)."""

    title: str = ""
    type: Literal["public", "confidential"] = "public"
    grants: tuple[Literal["authorization_code", "refresh_token", "client_credentials", "device_code"], ...] = (
        "authorization_code",
        "refresh_token",
    )
    redirect_uris: tuple[str, ...] = ()  # one that begins with "/" is below the project's origin
    logout_uris: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ("openid", "profile", "email")  # that it may ask for
    consent: bool = False  # ask people; the project's own clients need not
    access_token_lifetime: Duration = Duration(900)
    id_token_lifetime: Duration = Duration(900)
    refresh_token_lifetime: Duration = Duration(30 * 86_400)


class IdentityProvider(_Declared, frozen=True):
    """Another OpenID provider: "Sign in with ..."."""

    title: str
    issuer: str  # its discovery document is below
    client_id: str
    client_secret: str = ""  # "env:NAME" names the variable that holds it; it is never written here
    scopes: tuple[str, ...] = ("openid", "email", "profile")


class PoolSettings(_Declared, frozen=True):
    """A user pool."""

    name: Name = "main"  # the issuer is {origin}/auth/{name}
    title: str = ""  # on pages and in mails
    sign_in_with: tuple[Literal["username", "email"], ...] = ("username", "email")
    sign_up: Literal["open", "closed"] = "open"  # closed: only `portico users create` makes people
    mfa: MfaPolicy = "optional"
    mfa_methods: tuple[Literal["totp", "passkey"], ...] = ("totp", "passkey")
    passkeys_alone: bool = True  # a passkey may take the place of the password
    password: PasswordPolicy = PasswordPolicy()
    attributes: dict[Name, Attribute] = {}
    groups: dict[Name, Group] = {}
    resource_servers: dict[Name, ResourceServer] = {}
    clients: dict[Name, Client] = {}
    identity_providers: dict[Name, IdentityProvider] = {}
    algorithm: Literal["RS256", "ES256"] = "RS256"
    dynamic_registration: bool = False  # RFC 7591
    guests: bool = False  # whoever asks gets the credentials of the guests' role
    session_lifetime: Duration = Duration(12 * 3_600)  # of a browser's sign-in
    session_idle: Duration = Duration(2 * 3_600)  # without a visit
    code_lifetime: Duration = Duration(900)  # of codes in mails

    @property
    def scopes(self) -> dict[str, str]:
        """Every scope of the resource servers, and what it says to people."""
        return {
            f"{server}/{scope}": text
            for server, declared in self.resource_servers.items()
            for scope, text in declared.scopes.items()
        }


def load(root: Path) -> PoolSettings | None:
    """What the project in `root` declares; None where it has no user pool.

    Args:
        root: the project's folder.

    Raises:
        ConfigError: the file says something that cannot be.
    """
    path = root / FILE
    if not path.is_file():
        return None
    try:
        raw = decode.value_of(path.read_text(encoding="utf-8"), as_json=False)
        return msgspec.convert(raw if raw is not None else {}, PoolSettings, dec_hook=_decode)
    except Unreadable as error:
        raise ConfigError(f"{FILE}:{error.line}:{error.column}: {error}") from None
    except (msgspec.ValidationError, ValueError) as error:
        raise ConfigError(f"{FILE}: {error}. See docs/reference/pool.md.") from None


def _decode(kind: type, value: Any) -> Any:
    if kind is not Duration:
        raise NotImplementedError
    found = _DURATION.fullmatch(str(value))
    if found is None:
        raise ValueError(f"{value!r} is no duration: 900, 15m, 12h or 30d")
    return Duration(float(found[1]) * _UNITS[found[2]])
