"""A client, as the provider's steps see it, and whether what a project declares of one can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portico.errors import ConfigError
from portico.identity.oidc import redirects, scopes
from portico.identity.oidc.claims import RESERVED
from portico.identity.oidc.tokens import Lifetimes
from portico.identity.pool import LONGEST
from portico.identity.settings import FILE, PoolSettings
from portico.identity.settings import Client as Declared

LONGEST_REFRESH = 366 * 86_400.0  # seconds
SHORTEST = 60.0  # seconds
MOST_URIS = 32


@dataclass(frozen=True, slots=True)
class Client:
    """An application that is registered (RFC 6749 section 2)."""

    id: str
    title: str
    confidential: bool  # it can keep a secret, and proves with it who it is
    grants: frozenset[str]
    redirect_uris: tuple[str, ...]  # absolute
    logout_uris: tuple[str, ...]  # absolute
    scopes: tuple[str, ...]
    consent: bool  # people are asked
    lifetimes: Lifetimes
    refresh_lifetime: float  # seconds
    in_file: bool  # declared in auth/pool.yaml; else in the database
    dynamic: bool = False  # it registered itself
    created_at: float | None = None  # seconds since the epoch

    @classmethod
    def of(
        cls,
        id: str,
        declared: Declared,
        *,
        origin: str,
        in_file: bool = False,
        dynamic: bool = False,
        created_at: float | None = None,
    ) -> Client:
        """The client that a declaration describes.

        Args:
            id: the client_id.
            declared: as in `auth/pool.yaml`.
            origin: of the project, which relative redirect URIs are below.
            in_file: whether it stands in `auth/pool.yaml`.
            dynamic: whether it registered itself.
            created_at: seconds since the epoch.
        """
        return cls(
            id=id,
            title=declared.title or id,
            confidential=declared.type == "confidential",
            grants=frozenset(declared.grants),
            redirect_uris=tuple(redirects.absolute(uri, origin) for uri in declared.redirect_uris),
            logout_uris=tuple(redirects.absolute(uri, origin) for uri in declared.logout_uris),
            scopes=declared.scopes,
            consent=declared.consent or dynamic,
            lifetimes=Lifetimes(float(declared.access_token_lifetime), float(declared.id_token_lifetime)),
            refresh_lifetime=float(declared.refresh_token_lifetime),
            in_file=in_file,
            dynamic=dynamic,
            created_at=created_at,
        )

    def is_answered_at(self, uri: str) -> bool:
        """Whether an authorization request may be answered at a URI. Programs are public, so only these have any port.

        Args:
            uri: the `redirect_uri` of the request.
        """
        return redirects.is_registered(uri, self.redirect_uris, any_port=not self.confidential)

    @property
    def origins(self) -> frozenset[str]:
        """The web origins whose pages are this client, and may call the token endpoint from a browser."""
        found = (redirects.origin_of(uri) for uri in self.redirect_uris)
        return frozenset(origin for origin in found if origin is not None)


def check(client: Client, settings: PoolSettings) -> str | None:
    """Why a client cannot be; None for a good one.

    Args:
        client: the client.
        settings: of its pool.
    """
    if "authorization_code" in client.grants and not client.redirect_uris:
        return "it has no redirect_uris, and the grant authorization_code needs one"
    if "client_credentials" in client.grants and not client.confidential:
        return "only a confidential client can use client_credentials"
    if "refresh_token" in client.grants and "authorization_code" not in client.grants and len(client.grants) == 1:
        return "refresh_token alone is of no use: add authorization_code"
    if len(client.redirect_uris) + len(client.logout_uris) > MOST_URIS:
        return f"it has more than {MOST_URIS} URIs"
    for uri in (*client.redirect_uris, *client.logout_uris):
        fault = redirects.fault(uri)
        if fault is not None:
            return f"{uri}: {fault}"
    unknown = sorted(set(client.scopes) - set(scopes.known(settings)))
    if unknown:
        return f"no resource server has the scope {unknown[0]}"
    return _lifetime_fault(client)


def _lifetime_fault(client: Client) -> str | None:
    for name, seconds, longest in (
        ("access_token_lifetime", client.lifetimes.access, LONGEST),
        ("id_token_lifetime", client.lifetimes.id, LONGEST),
        ("refresh_token_lifetime", client.refresh_lifetime, LONGEST_REFRESH),
    ):
        if not SHORTEST <= seconds <= longest:
            return f"{name} is not between {SHORTEST:.0f} and {longest:.0f} seconds"
    return None


def declared_clients(settings: PoolSettings, origin: str) -> Mapping[str, Client]:
    """The clients in `auth/pool.yaml`.

    Args:
        settings: what is declared.
        origin: of the project.

    Raises:
        ConfigError: one cannot be, or an attribute has the name of a claim of the protocol.
    """
    for name in settings.attributes:
        if name in RESERVED:
            raise ConfigError(f"{FILE}: attributes.{name}: tokens use this name themselves. Choose another.")
    found = {id: Client.of(id, one, origin=origin, in_file=True) for id, one in settings.clients.items()}
    for id, client in found.items():
        fault = check(client, settings)
        if fault is not None:
            raise ConfigError(f"{FILE}: clients.{id}: {fault}. See docs/reference/pool.md.")
    return found
