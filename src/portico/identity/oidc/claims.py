"""What tokens and userInfo say: pure functions of values (RFC 9068, OpenID Connect Core sections 2 and 5)."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from portico.identity.oidc import scopes as scoping
from portico.identity.pool import Pool
from portico.identity.settings import PoolSettings
from portico.identity.triggers import TokenChanges
from portico.identity.users.model import User

Claims = dict[str, Any]

GROUPS = "cognito:groups"
PERSONAL = frozenset({"email", "email_verified"})  # a trigger may drop these, and no more
PROTOCOL = frozenset({
    "iss", "sub", "aud", "exp", "iat", "nbf", "jti", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash",
    "s_hash", "sid", "token_use", "client_id", "scope", "origin_jti", "username", "preferred_username", "updated_at",
    "cognito:username", GROUPS, "typ", "cnf", "act", "may_act",
})  # fmt: skip
RESERVED = PROTOCOL | PERSONAL
"""Claims that neither an attribute nor a trigger may set."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What tokens are issued for."""

    client_id: str
    scopes: tuple[str, ...]
    origin_jti: str  # the sign-in, or the family, that they go back to
    user: User | None = None  # none where a client calls by itself
    auth_time: float | None = None  # seconds since the epoch
    amr: tuple[str, ...] = ()
    nonce: str | None = None
    valid_from: float = 0.0  # seconds since the epoch: what was issued to the user up to then is dead


def issued_at(grant: Grant, now: float) -> int:
    """The `iat`: this second, but never one in which everything issued before was made void."""
    return max(math.floor(now), math.ceil(grant.valid_from))


def changed(grant: Grant, changes: TokenChanges) -> Grant:
    """The grant after a trigger: fewer scopes, other groups."""
    user, names = grant.user, grant.scopes
    if changes.scopes is not None:
        names = tuple(scope for scope in grant.scopes if scope in changes.scopes)
    if changes.groups is not None and user is not None:
        user = replace(user, groups=tuple(changes.groups))
    return replace(grant, user=user, scopes=names)


def with_changes(claims: Claims, changes: TokenChanges) -> Claims:
    """Claims after a trigger. What belongs to the protocol stays as it is."""
    kept = {name: value for name, value in claims.items() if name in PROTOCOL or name not in changes.drop_claims}
    return {**{name: value for name, value in changes.add_claims.items() if name not in RESERVED}, **kept}


def access(grant: Grant, pool: Pool, *, iat: int, lifetime: float, jti: str) -> Claims:
    """The claims of an access token (RFC 9068 section 2.2).

    Args:
        grant: what for.
        pool: whose.
        iat: seconds since the epoch.
        lifetime: seconds.
        jti: its own id.
    """
    audiences = scoping.audiences(grant.scopes, pool.settings, pool.issuer)
    claims: Claims = {
        "iss": pool.issuer,
        "sub": grant.client_id if grant.user is None else grant.user.id,
        "aud": audiences[0] if len(audiences) == 1 else list(audiences),
        "client_id": grant.client_id,
        "token_use": "access",
        "scope": " ".join(grant.scopes),
        "iat": iat,
        "exp": iat + int(lifetime),
        "jti": jti,
        "origin_jti": grant.origin_jti,
    }
    if grant.auth_time is not None:
        claims["auth_time"] = math.floor(grant.auth_time)
    if grant.user is not None:
        claims |= {"username": grant.user.username, **_groups(grant.user, pool.settings)}
    return claims


def identity(grant: Grant, user: User, pool: Pool, *, iat: int, lifetime: float, jti: str, access_token: str) -> Claims:
    """The claims of an ID token (OpenID Connect Core section 2).

    Args:
        grant: what for.
        user: who.
        pool: whose.
        iat: seconds since the epoch.
        lifetime: seconds.
        jti: its own id.
        access_token: that is issued with it.
    """
    claims: Claims = {
        "iss": pool.issuer,
        "sub": user.id,
        "aud": grant.client_id,
        "token_use": "id",
        "iat": iat,
        "exp": iat + int(lifetime),
        "jti": jti,
        "origin_jti": grant.origin_jti,
        "at_hash": half_hash(access_token),
        "cognito:username": user.username,
        **_groups(user, pool.settings),
        **released(user, grant.scopes, pool.settings),
    }
    if grant.auth_time is not None:
        claims["auth_time"] = math.floor(grant.auth_time)
    if grant.amr:
        claims["amr"] = list(grant.amr)
    if grant.nonce is not None:
        claims["nonce"] = grant.nonce
    return claims


def released(user: User, scopes: Sequence[str], settings: PoolSettings) -> Claims:
    """What a person's scopes let a client know about them (OpenID Connect Core section 5.4).

    Args:
        user: who.
        scopes: that were granted.
        settings: of the pool; attributes that it does not declare are kept to itself.
    """
    claims: Claims = {}
    if "email" in scopes and user.email is not None:
        claims |= {"email": user.email, "email_verified": user.email_verified}
    if "profile" in scopes:
        claims |= {"preferred_username": user.username, "updated_at": math.floor(user.updated_at)}
        claims |= {name: user.attributes[name] for name in settings.attributes if name in user.attributes}
    return claims


def half_hash(token: str) -> str:
    """The `at_hash` of a token, for algorithms that end in 256 (OpenID Connect Core section 3.1.3.6)."""
    digest = hashlib.sha256(token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def _groups(user: User, settings: PoolSettings) -> Mapping[str, list[str]]:
    """The groups in the order of their precedence; the claim is left out where there are none."""

    def precedence(name: str) -> tuple[int, str]:
        declared = settings.groups.get(name)
        return (declared.precedence if declared is not None else 1 << 30, name)

    return {GROUPS: sorted(user.groups, key=precedence)} if user.groups else {}
