"""Who may call the secured operations of specs/odds.yaml."""

from typing import Any


def bearer(token: str) -> dict[str, Any] | None:
    return {"sub": "ada", "scope": ""} if token == "right" else None


def basic(username: str, password: str) -> dict[str, Any] | None:
    return {"sub": username} if (username, password) == ("ada", "right") else None


def key(apikey: str) -> dict[str, Any] | None:
    return {"sub": "ada"} if apikey == "right" else None
