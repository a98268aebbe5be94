"""What this project adds to its user pool. Every trigger: docs/guides/users.md."""

from __future__ import annotations

from portico.triggers import PreSignUp, Refused

OURS = frozenset({"archway", "archwayflowers", "concierge", "florist", "florists"})


def pre_sign_up(event: PreSignUp) -> None:
    """Nobody may pass for the shop itself."""
    if event.username.casefold().replace("-", "").replace("_", "").replace(".", "") in OURS:
        raise Refused("That name is the shop's own. Please choose another one.")
