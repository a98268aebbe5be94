"""Who calls, what is called, and what was decided: the values of a policy decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who acts in a role."""

    role: str
    subject: str | None = None  # the user's id; None for guests and machines
    username: str | None = None
    client: str | None = None  # the client_id that the person signed in with
    groups: tuple[str, ...] = ()
    access_key: str | None = None  # the access key id that the request was signed with
    claims: Mapping[str, Any] = {}
    carried: frozenset[str] | None = None  # the claims that are known; None: all, so that one not in `claims` is absent


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request, as policies see it."""

    api: str  # the name of the API
    operation: str  # the operation's id in the model
    path: str  # as it was sent, percent-encoded, below stage and base path: "/orders/17"
    address: str  # of the caller, found out by `Source.of`
    at: float  # seconds since the epoch
    stage: str = "default"


class Decision(msgspec.Struct, frozen=True):
    """Whether a call is allowed, by which statement, and why."""

    allowed: bool
    statement: str | None  # "visitor/own-orders"; None where none decided
    reason: str
