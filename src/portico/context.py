"""What a handler may know about the request that it answers: `ctx`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REQUEST_ID = "portico.request_id"  # the key in the ASGI scope under which mounted applications find it


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, as the operation's security found out. Anonymous where the operation is open."""

    subject: str | None = None
    username: str | None = None
    client: str | None = None
    groups: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    role: str | None = None
    key: str | None = None
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


def caller_of(token_info: Any) -> Caller:
    """The caller that a security function's answer describes (RFC 7662 and RFC 9068 names, and Connexion's `uid`)."""
    if not isinstance(token_info, Mapping) or not token_info:
        return ANONYMOUS
    subject = token_info.get("sub", token_info.get("uid"))
    return Caller(
        subject=None if subject is None else str(subject),
        username=token_info.get("username") or token_info.get("cognito:username"),
        client=token_info.get("client_id"),
        groups=_names(token_info.get("cognito:groups")),
        scopes=_names(token_info.get("scope", token_info.get("scopes"))),
        claims=token_info,
    )


def _names(value: Any) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset(value.split())
    return frozenset(str(name) for name in value) if isinstance(value, list | tuple | set | frozenset) else frozenset()
