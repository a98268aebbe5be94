"""What proves who calls: tokens, and credentials to sign with. Their text forms do not show them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in gives."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: float | None = None  # seconds since the epoch
    id_token: str | None = field(default=None, repr=False)
    scope: str | None = None

    @classmethod
    def read(cls, answer: Mapping[str, Any], *, now: float, before: Tokens | None = None) -> Tokens:
        """The tokens of a token endpoint's answer (RFC 6749 section 5.1).

        Args:
            answer: of the endpoint.
            now: seconds since the epoch, when it was asked.
            before: the tokens that are renewed: what the answer leaves out stays.

        Raises:
            ValueError: there is no access token in it.
        """
        token, lifetime = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token:
            raise ValueError("The answer holds no access token.")
        timed = isinstance(lifetime, (int, float)) and not isinstance(lifetime, bool)
        return cls(
            token,
            _text(answer, "refresh_token") or (before.refresh_token if before else None),
            now + float(lifetime) if timed else None,  # type: ignore[arg-type]
            _text(answer, "id_token") or (before.id_token if before else None),
            _text(answer, "scope") or (before.scope if before else None),
        )

    def as_json(self) -> dict[str, Any]:
        """As a store keeps them."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of_json(cls, members: Mapping[str, Any]) -> Tokens | None:
        """As a store kept them; None where it holds something else.

        Args:
            members: what `as_json` gave.
        """
        texts = {name: _text(members, name) for name in ("refresh_token", "id_token", "scope")}
        token, ends = _text(members, "access_token"), members.get("expires_at")
        if token is None:
            return None
        return cls(token, expires_at=float(ends) if isinstance(ends, (int, float)) else None, **texts)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What requests are signed with."""

    access_key_id: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expires_at: float | None = None  # seconds since the epoch
    role: str | None = None

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Credentials:
        """The credentials that were given for a token.

        Args:
            answer: of the endpoint, with the names that Cognito's GetCredentialsForIdentity has.

        Raises:
            ValueError: something is missing.
        """
        key, secret, ends = (answer.get(name) for name in ("AccessKeyId", "SecretKey", "Expiration"))
        if not isinstance(key, str) or not isinstance(secret, str):
            raise ValueError("The answer holds no credentials.")
        return cls(key, secret, _text(answer, "SessionToken"), _moment(ends), _text(answer, "Role"))


def _moment(value: Any) -> float | None:
    if isinstance(value, str):
        try:
            return datetime.datetime.fromisoformat(value).timestamp()
        except ValueError:
            return None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _text(members: Mapping[str, Any], name: str) -> str | None:
    value = members.get(name)
    return value if isinstance(value, str) and value else None
