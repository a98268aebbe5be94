"""What a signing key is used for at a moment: a pure function of the keys' times.

published  in the key set, so that verifiers know it; signs nothing yet
active     signs
retired    signs no more, but stays in the key set until the last token that it signed has expired
gone       nobody accepts it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from portico.identity.pool import LONGEST

State = Literal["published", "active", "retired", "gone"]
LEEWAY = 300.0  # seconds that a retired key stays longer, for clocks that are slow


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as the database holds it."""

    kid: str
    algorithm: str
    public: Mapping[str, Any]  # a JWK
    private: bytes | None  # sealed
    created_at: float  # seconds since the epoch
    signs_from: float  # seconds since the epoch
    withdrawn_at: float | None = None  # seconds since the epoch


def states(keys: Sequence[StoredKey], now: float) -> dict[str, State]:
    """The state of every key.

    Args:
        keys: of one pool, those that sign earlier first.
        now: seconds since the epoch.
    """
    found: dict[str, State] = {}
    followed_at: float | None = None  # when the key that follows began to sign
    for key in reversed(keys):
        if key.withdrawn_at is not None and key.withdrawn_at <= now:
            found[key.kid] = "gone"
        elif key.signs_from > now:
            found[key.kid] = "published"
        elif followed_at is None:
            found[key.kid], followed_at = "active", key.signs_from
        else:
            found[key.kid] = "retired" if now < followed_at + LONGEST + LEEWAY else "gone"
            followed_at = key.signs_from
    return found
