"""Whether a token is what it says (RFC 7519, RFC 8725, RFC 9068).

Pure: keys, rules and the time are given. The algorithm is the key's, never the token's. A header may name its
algorithm, type and key and nothing else: every other way to bring a key along (`jwk`, `jku`, `x5u`, `x5c`) is an attack
here, and what a `crit` extension demands is not known.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
import msgspec

from portico.tokens.jwks import Key

LENGTH = 16_384  # bytes of a token; more is not looked at
PERMITTED = frozenset({"alg", "typ", "kid", "cty"})  # members of a header
_SAID = "The token is not valid."

Claims = dict[str, Any]


class InvalidToken(Exception):
    """A token that proves nothing. `reason` is for the log and for development; the caller learns little."""

    def __init__(self, reason: str, *, expired: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = "The token has expired." if expired else _SAID


class UnknownKey(InvalidToken):
    """It was signed with a key that is not known here: ask the issuer for its keys once more."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What tokens of an issuer must say."""

    issuer: str
    audiences: frozenset[str] = frozenset()  # one of them must be in `aud`, or be the `client_id`; empty: any
    types: frozenset[str] = frozenset()  # values of `typ`, lower case, without "application/"; empty: any
    uses: frozenset[str] = frozenset()  # values of `token_use`; empty: any
    leeway: float = 5.0  # seconds that clocks may differ


def verify(token: str, keys: Mapping[str, Key], rules: Rules, *, now: float) -> Claims:
    """The claims of a token.

    Args:
        token: the compact serialization (RFC 7515 section 7.1).
        keys: the issuer's, by key id.
        rules: what it must say.
        now: seconds since the epoch.

    Raises:
        UnknownKey: none of the keys is the one that it names.
        InvalidToken: it proves nothing.
    """
    header = _header(token)
    if rules.types and _type(header) not in rules.types:
        raise InvalidToken(f"typ is {header.get('typ')!r}")
    key = _key(header, keys)
    if header.get("alg") != key.algorithm:
        raise InvalidToken(f"alg is {header.get('alg')!r}, the key's is {key.algorithm}")
    try:
        payload = jwt.api_jws.PyJWS([key.algorithm]).decode(token, key.material, algorithms=[key.algorithm])
        claims = msgspec.json.decode(payload)
    except (jwt.PyJWTError, msgspec.DecodeError, RecursionError, ValueError) as error:
        raise InvalidToken(f"{type(error).__name__}: {error}") from None
    if not isinstance(claims, dict):
        raise InvalidToken("the payload is no object")
    _check_times(claims, rules, now)
    _check_names(claims, rules)
    return claims


def _header(token: str) -> Mapping[str, Any]:
    if len(token) > LENGTH:
        raise InvalidToken(f"it has {len(token)} bytes")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, binascii.Error, ValueError, RecursionError) as error:
        raise InvalidToken(f"{type(error).__name__}: {error}") from None
    if not PERMITTED.issuperset(header):
        raise InvalidToken(f"its header says {', '.join(sorted(map(str, set(header) - PERMITTED)))}")
    return header


def _type(header: Mapping[str, Any]) -> str:
    return str(header.get("typ", "")).lower().removeprefix("application/")


def _key(header: Mapping[str, Any], keys: Mapping[str, Key]) -> Key:
    kid = header.get("kid")
    if kid is None:
        fitting = [key for key in keys.values() if key.algorithm == header.get("alg")]
        if len(fitting) != 1:
            raise InvalidToken("it names no key")
        return fitting[0]
    if not isinstance(kid, str) or kid not in keys:
        raise UnknownKey(f"kid {str(kid)[:64]!r} is not known")
    return keys[kid]


def _check_times(claims: Claims, rules: Rules, now: float) -> None:
    """RFC 7519 sections 4.1.4 to 4.1.6. A token without an end is none."""
    times = {name: claims.get(name) for name in ("exp", "nbf", "iat")}
    for name, value in times.items():
        if value is not None and (not isinstance(value, int | float) or isinstance(value, bool)):
            raise InvalidToken(f"{name} is no number")
    if times["exp"] is None:
        raise InvalidToken("exp is missing")
    if times["exp"] <= now - rules.leeway:
        raise InvalidToken("it has expired", expired=True)
    for name in ("nbf", "iat"):
        if (times[name] or 0) > now + rules.leeway:
            raise InvalidToken(f"{name} lies ahead")


def _check_names(claims: Claims, rules: Rules) -> None:
    if claims.get("iss") != rules.issuer:
        raise InvalidToken(f"iss is {str(claims.get('iss'))[:200]!r}")
    if rules.uses and claims.get("token_use") not in rules.uses:
        raise InvalidToken(f"token_use is {str(claims.get('token_use'))[:64]!r}")
    if rules.audiences and not rules.audiences.intersection(_audiences(claims)):
        raise InvalidToken(f"aud is {str(claims.get('aud'))[:200]!r}")


def _audiences(claims: Claims) -> set[str]:
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    return {name for name in (*named, claims.get("client_id")) if isinstance(name, str)}
