"""Who has a name and a password of their own."""

from __future__ import annotations

from typing import Any


def basic(username: str, password: str, required_scopes: list[str] | None = None) -> dict[str, Any] | None:
    """Ann and her password."""
    return {"sub": username} if (username, password) == ("ann", "pass:word") else None
