"""Making temporary credentials: a pure function of who, which role and how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portico.access import Roles
from portico.access.assignment import GROUPS, groups_of
from portico.access.declared import LONGEST, SHORTEST, USUAL
from portico.identity.credentials.errors import DurationNotAllowed, RoleUnknown
from portico.identity.credentials.model import TEMPORARY, TemporaryCredentials
from portico.identity.credentials.token import Session, new_id, new_secret, seal
from portico.identity.pool import Pool


@dataclass(frozen=True, slots=True)
class Grant:
    """What credentials are made of."""

    role: str
    duration: float | None  # seconds; None: an hour, or what the role allows where that is less
    claims: Mapping[str, Any] | None = None  # of the user; None for a guest
    exchanged: bool = False  # for a token, so that the assignment of the role must go on to hold


def mint(pool: Pool, roles: Roles, grant: Grant, now: float) -> TemporaryCredentials:
    """New credentials.

    Args:
        pool: the user pool.
        roles: of the project.
        grant: for whom, in which role, for how long.
        now: seconds since the epoch.

    Raises:
        RoleUnknown: there is no such role.
        DurationNotAllowed: the role does not allow that long.
        TooLarge: what policies must know does not fit.
    """
    duration = duration_of(roles, grant.role, grant.duration)
    access_key_id, session = new_id(TEMPORARY), _session(roles, grant, now, now + duration)
    token = seal(pool.secrets, session, access_key_id, pool.name)
    return TemporaryCredentials(access_key_id, session.secret_key, token, session.expires_at, grant.role)


def duration_of(roles: Roles, role: str, asked: float | None) -> float:
    """How long credentials are valid, in seconds.

    Args:
        roles: of the project.
        role: its name.
        asked: seconds; None: an hour, or what the role allows where that is less.

    Raises:
        RoleUnknown: there is no such role.
        DurationNotAllowed: it is shorter than 15 minutes, or longer than the role allows.
    """
    found = roles.all.get(role)
    if found is None:
        raise RoleUnknown(f"auth/roles.yaml has no role {role!r}. It has: {', '.join(roles.all) or 'none'}.")
    longest = min(found.max_duration, LONGEST)
    if asked is None:
        return min(USUAL, longest)
    if not SHORTEST <= asked <= longest:
        raise DurationNotAllowed(f"The role {role} allows {SHORTEST:.0f} to {longest:.0f} seconds, not {asked:.0f}.")
    return asked


def _session(roles: Roles, grant: Grant, now: float, expires_at: float) -> Session:
    claims = grant.claims
    common = {
        "secret": new_secret(),
        "role": grant.role,
        "issued_at": now,
        "expires_at": expires_at,
        "exchanged": grant.exchanged,
        "carried": roles.claims,
    }
    if claims is None:
        return Session(since=now, **common)  # type: ignore[arg-type]
    known = {name: claims[name] for name in roles.claims if claims.get(name) is not None}
    return Session(
        since=min(now, float(claims.get("iat", now))),
        sub=claims.get("sub"),
        username=claims.get("username") or claims.get("cognito:username"),
        client=client_of(claims),
        origin_jti=claims.get("origin_jti"),
        jti=claims.get("jti"),
        groups=groups_of(claims),
        claims={name: value for name, value in known.items() if name not in _FIELDS},
        **common,  # type: ignore[arg-type]
    )


_FIELDS = frozenset(("sub", "username", "client_id", GROUPS))


def client_of(claims: Mapping[str, Any]) -> str | None:
    """The client that a token was given to: `client_id` of access tokens, `aud` of ID tokens.

    Args:
        claims: of a verified token.
    """
    if "client_id" in claims:
        return str(claims["client_id"])
    audience = claims.get("aud")
    if isinstance(audience, list | tuple) and len(audience) == 1:
        audience = audience[0]
    return audience if isinstance(audience, str) else None
