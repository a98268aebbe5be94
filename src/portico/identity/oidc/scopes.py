"""Scopes: what a client asks for, and what it gets."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from portico.identity.oidc.errors import InvalidScope
from portico.identity.settings import PoolSettings

STANDARD = {  # OpenID Connect Core section 5.4; the texts are what people read when they consent
    "openid": "Know that it is you",
    "profile": "See your name and your profile",
    "email": "See your e-mail address",
}


def parse(text: str | None) -> tuple[str, ...]:
    """The scopes in a text, each once (RFC 6749 section 3.3)."""
    return tuple(dict.fromkeys((text or "").split()))


def known(settings: PoolSettings) -> dict[str, str]:
    """Every scope that a pool has, and what it says to people."""
    return {**STANDARD, **settings.scopes}


def requested(text: str | None, allowed: Sequence[str]) -> tuple[str, ...]:
    """The scopes of a request; all that are allowed where it names none.

    Args:
        text: the parameter `scope`.
        allowed: what the client may ask for, or what was granted before.

    Raises:
        InvalidScope: one is not allowed.
    """
    names = parse(text) or tuple(allowed)
    if not set(names).issubset(allowed):
        raise InvalidScope("A scope was asked for that this client may not have.")
    return names


def audiences(scopes: Collection[str], settings: PoolSettings, issuer: str) -> tuple[str, ...]:
    """Who an access token is meant for: the resource servers of its scopes, else the issuer (RFC 9068 section 3)."""
    found = {
        declared.audience or issuer
        for server, declared in settings.resource_servers.items()
        if any(f"{server}/{scope}" in scopes for scope in declared.scopes)
    }
    return tuple(sorted(found)) or (issuer,)
