"""What is known of a user where there is no token that says it."""

from __future__ import annotations

from typing import Any

from portico.access.assignment import GROUPS
from portico.identity.oidc.claims import RESERVED
from portico.identity.users.model import User


def claims_of(user: User) -> dict[str, Any]:
    """The claims that the pool's tokens have of a user.

    Args:
        user: who.
    """
    own = {
        "sub": user.id,
        "username": user.username,
        GROUPS: list(user.groups),
        "email": user.email,
        "email_verified": user.email_verified if user.email is not None else None,
    }
    attributes = {name: value for name, value in user.attributes.items() if name not in RESERVED}
    return {**attributes, **{name: value for name, value in own.items() if value is not None}}
