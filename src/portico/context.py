"""What a handler may know about the request that it answers: `ctx`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

REQUEST_ID = "portico.request_id"  # the key in the ASGI scope under which mounted applications find it


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, as the operation's security found out. Anonymous where the operation is open."""

    subject: str | None = None
    username: str | None = None
    client: str | None = None
    issuer: str | None = None  # of the token; subjects and groups of two issuers have nothing to do with one another
    groups: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    role: str | None = None
    key: str | None = None  # the id of the API key that was shown, or of the long-lived access key that signed
    claims: Mapping[str, Any] = field(default_factory=dict)

    @property
    def anonymous(self) -> bool:
        """Whether nobody has proved who they are."""
        return self.subject is None and self.client is None and self.key is None


ANONYMOUS = Caller()


@dataclass(frozen=True, slots=True)
class Context:
    """The one object that a handler gets when it names a parameter `ctx`."""

    request_id: str
    caller: Caller = ANONYMOUS
    stage: str = "default"


class Together(dict[str, Any]):
    """What several schemes said that must all be satisfied, by the scheme's name."""


class SignedBy(dict[str, Any]):
    """Who signed a request. Only this names a role: what a token says under that name is nothing but a claim."""

    def __init__(self, claims: Mapping[str, Any], *, role: str, key: str | None) -> None:
        """Know who signed.

        Args:
            claims: what is known of them, under the names that tokens use.
            role: that they act in.
            key: the id of a long-lived access key; None of temporary credentials.
        """
        super().__init__(claims)
        self.role = role
        self.key = key


class ByKey(dict[str, Any]):
    """Whose API key a request showed. Only this names a key: what a token says under that name is but a claim."""

    def __init__(self, claims: Mapping[str, Any], *, known: Any) -> None:
        """Know whose key it was.

        Args:
            claims: what is known of the key; `key` is its id.
            known: the key, as the gateway works with it.
        """
        super().__init__(claims)
        self.known = known


def caller_of(token_info: Any) -> Caller:
    """The caller that a security function's answer describes (RFC 7662 and RFC 9068 names, and Connexion's `uid`)."""
    if not isinstance(token_info, Mapping) or not token_info:
        return ANONYMOUS
    if isinstance(token_info, Together):
        return _together([caller_of(said) for said in token_info.values()], token_info)
    subject = token_info.get("sub", token_info.get("uid"))
    signed = token_info if isinstance(token_info, SignedBy) else None
    key = token_info["key"] if isinstance(token_info, ByKey) else None if signed is None else signed.key
    return Caller(
        subject=None if subject is None else str(subject),
        username=token_info.get("username") or token_info.get("cognito:username"),
        client=token_info.get("client_id"),
        issuer=token_info.get("iss"),
        groups=_names(token_info.get("cognito:groups")),
        scopes=_names(token_info.get("scope", token_info.get("scopes"))),
        role=None if signed is None else signed.role,
        key=key,
        claims=token_info,
    )


def _together(callers: Sequence[Caller], claims: Mapping[str, Any]) -> Caller:
    """One caller of several: what the first of them says counts, and all of their groups and scopes."""

    def first(name: str) -> str | None:
        return next((said for caller in callers if (said := getattr(caller, name)) is not None), None)

    return Caller(
        **{name: first(name) for name in ("subject", "username", "client", "issuer", "role", "key")},
        groups=frozenset().union(*(caller.groups for caller in callers)),
        scopes=frozenset().union(*(caller.scopes for caller in callers)),
        claims=claims,
    )


def _names(value: Any) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset(value.split())
    return frozenset(str(name) for name in value) if isinstance(value, list | tuple | set | frozenset) else frozenset()
