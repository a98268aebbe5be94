"""A user, as all of Portico sees one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["unconfirmed", "confirmed", "new_password_required", "external"]


@dataclass(frozen=True, slots=True)
class User:
    """Somebody in the pool."""

    id: str  # the subject of tokens: a UUID that is never given again
    username: str
    email: str | None
    email_verified: bool
    status: Status
    enabled: bool
    created_at: float  # seconds since the epoch
    updated_at: float  # seconds since the epoch
    attributes: Mapping[str, Any] = field(default_factory=dict)
    groups: tuple[str, ...] = ()  # in the order of their precedence
    has_password: bool = True
