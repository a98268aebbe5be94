"""Who verifies what a security scheme asks for: the project's user pool and roles, another issuer, or a function."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from portico.design.faults import Fault
from portico.design.model import Api, SecurityScheme

AUTHORIZER = "x-amazon-apigateway-authorizer"
AUTHTYPE = "x-amazon-apigateway-authtype"
STANDARD_SCOPES = frozenset(("openid", "profile", "email"))  # every pool has them (OpenID Connect Core, 5.4)

_POOL = re.compile(r"/auth/([^/]+)(?:/|$)")
_FUNCTIONS = {
    "apiKey": ("x-apikeyInfoFunc", "APIKEYINFO_FUNC"),
    "basic": ("x-basicInfoFunc", "BASICINFO_FUNC"),
    "bearer": ("x-bearerInfoFunc", "BEARERINFO_FUNC"),
    "oauth2": ("x-tokenInfoFunc", "TOKENINFO_FUNC"),
}
"""Connexion's extensions and environment variables that name the function which verifies a credential."""


@dataclass(frozen=True, slots=True)
class Auth:
    """What `auth/` of a project declares, as far as a design can refer to it. As it stands: nothing."""

    pool: str = ""  # the name of the user pool; empty: there is none
    origin: str = ""  # "https://shop.example": an address below it is the project's own
    scopes: frozenset[str] = frozenset()  # of the pool's resource servers: "concierge/chat"
    roles: bool = False  # whether there is auth/roles.yaml
    plans: bool = False  # whether there is auth/plans.yaml: API keys are known


def check(api: Api, auth: Auth, used: frozenset[str]) -> Iterator[Fault]:
    """Somebody can verify what the required schemes ask for.

    Args:
        api: the design.
        auth: what the project declares.
        used: the names of the schemes that some operation requires.
    """
    for name, scheme in api.security_schemes.items():
        if name not in used or scheme.at is None or _by_function(scheme) or (auth.plans and is_key(scheme)):
            continue
        if scheme.is_signed:
            if not (auth.pool and auth.roles):
                lack = "auth/roles.yaml" if auth.pool else "auth/pool.yaml"
                message = f"The scheme {name!r} takes signed requests, but there is no {lack}: each of them is denied."
                yield Fault("signed-without-roles", scheme.at, message)
            continue
        named = pool_of(scheme, auth)
        if named and named != auth.pool:
            there = f"The project's is {auth.pool!r}." if auth.pool else "The project has none: auth/pool.yaml."
            yield Fault("unknown-pool", scheme.at, f"The scheme {name!r} names the user pool {named!r}. {there}")
        elif not named and not _by_issuer(scheme):
            kind = f"{scheme.type} {scheme.scheme or ''}".strip()
            message = f"Nothing verifies the security scheme {name!r} ({kind}): calls that need it are denied."
            yield Fault("scheme-without-authoriser", scheme.at, message)


def is_key(scheme: SecurityScheme) -> bool:
    """Whether a scheme takes API keys of the project, where that has usage plans: no function decides it."""
    return scheme.is_key and not _by_function(scheme)


def pool_of(scheme: SecurityScheme, auth: Auth) -> str:
    """The name of the user pool whose tokens a scheme takes; empty where it takes others.

    Args:
        scheme: the scheme.
        auth: what the project declares: a bearer token that nobody else verifies is its pool's.
    """
    if _by_function(scheme) or _has_jwt_authorizer(scheme):
        return ""
    if scheme.type == "http" and scheme.scheme == "bearer":
        return auth.pool
    for address in _addresses(scheme):
        parts = urlsplit(address)
        own = not parts.netloc or f"{parts.scheme}://{parts.netloc}" == auth.origin
        found = _POOL.match(parts.path) if own else None
        if found:
            return found[1]
    return ""


def unknown_scopes(scheme: SecurityScheme, scopes: tuple[str, ...], auth: Auth) -> Iterator[str]:
    """Those of the scopes that no token of the project's pool can carry."""
    if auth.pool and pool_of(scheme, auth) == auth.pool:
        yield from (scope for scope in scopes if scope not in auth.scopes | STANDARD_SCOPES)


def _addresses(scheme: SecurityScheme) -> Iterator[str]:
    if scheme.type == "openIdConnect":
        yield scheme.open_id_connect_url or ""
    elif scheme.type == "oauth2":
        for flow in scheme.flows.values():
            yield from (str(flow[key]) for key in ("authorizationUrl", "tokenUrl") if flow.get(key))


def _by_function(scheme: SecurityScheme) -> bool:
    extension, variable = _FUNCTIONS.get((scheme.scheme or "") if scheme.type == "http" else scheme.type, ("", ""))
    return bool(
        (extension and scheme.extensions.get(extension))
        or (variable and os.environ.get(variable))
        or (scheme.type == "oauth2" and scheme.extensions.get("x-tokenInfoUrl"))
    )


def _by_issuer(scheme: SecurityScheme) -> bool:
    """Whether another issuer's tokens are taken: the scheme says whose."""
    if scheme.type == "openIdConnect":
        return bool(urlsplit(scheme.open_id_connect_url or "").netloc)
    return _has_jwt_authorizer(scheme) and (scheme.type == "oauth2" or scheme.scheme == "bearer")


def _has_jwt_authorizer(scheme: SecurityScheme) -> bool:
    said = scheme.extensions.get(AUTHORIZER)
    return isinstance(said, Mapping) and said.get("type") == "jwt" and isinstance(said.get("jwtConfiguration"), Mapping)
