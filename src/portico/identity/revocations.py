"""What no longer counts although it has not expired, as one process knows it from the change feed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from portico.store import Clock
from portico.store.feed import Change

ENTRIES = 200_000  # of all kinds; beyond that the oldest goes, and everything issued before it is refused
GROUPS = "cognito:groups"


class Revocations:
    """Revoked tokens, sessions, users, clients and access keys, and the groups that changed."""

    def __init__(self, clock: Clock) -> None:
        self.revision = 0
        self.keys_withdrawn_at = float("-inf")  # seconds since the epoch: when a stolen signing key was withdrawn
        self._clock = clock
        self._changes: dict[tuple[str, str | None], Change] = {}
        self._floor = 0.0  # what was issued before this is refused
        self._purge_at = 1_000

    def __len__(self) -> int:
        return len(self._changes)

    def hear(self, change: Change) -> None:
        """Take in a change; see `portico.store.feed`."""
        if change.kind == "keys" and change.value is not None:
            self.keys_withdrawn_at = max(self.keys_withdrawn_at, change.at)
        key = (change.kind, change.subject)
        known = self._changes.pop(key, None)
        self._changes[key] = change if known is None or change.at >= known.at else known
        self.revision += 1
        if len(self._changes) >= self._purge_at:
            self._purge()

    def _purge(self) -> None:
        now = self._clock()
        for key in [key for key, change in self._changes.items() if change.until <= now]:
            del self._changes[key]
        while len(self._changes) > ENTRIES:
            oldest = self._changes.pop(next(iter(self._changes)))
            self._floor = max(self._floor, oldest.at)
        self._purge_at = min(2 * len(self._changes) + 1_000, ENTRIES + 1)

    def revoked(
        self,
        *,
        issued_at: float,
        sub: str | None = None,
        origin_jti: str | None = None,
        jti: str | None = None,
        client: str | None = None,
        access_key: str | None = None,
    ) -> bool:
        """Whether something that was issued no longer counts.

        Args:
            issued_at: when, in seconds since the epoch.
            sub: the user that it speaks for.
            origin_jti: the sign-in that it goes back to.
            jti: its own id.
            client: the client that it was issued to.
            access_key: the access key that signed.
        """
        if issued_at < self._floor:
            return True
        changes = self._changes
        if not changes:
            return False
        user = changes.get(("user", sub)) if sub is not None else None
        if user is not None and issued_at < user.at:
            return True
        if ("session", origin_jti) in changes or ("token", jti) in changes:  # neither ever begins again
            return True
        for kind, name in (("client", client), ("access_key", access_key)):
            change = changes.get((kind, name)) if name is not None else None
            if change is not None and issued_at <= math.ceil(change.at):
                return True
        return False

    def groups(self, sub: str | None, issued_at: float) -> tuple[str, ...] | None:
        """The groups of a user where they changed after something was issued to them.

        Args:
            sub: the user.
            issued_at: when, in seconds since the epoch.
        """
        change = self._changes.get(("groups", sub)) if sub is not None else None
        return tuple(change.value or ()) if change is not None and issued_at <= math.ceil(change.at) else None

    def current(self, claims: Mapping[str, Any]) -> dict[str, Any] | None:
        """The claims of a token of this project as they are now; None where it no longer counts."""
        issued_at, sub = float(claims.get("iat", 0)), claims.get("sub")
        if self.revoked(
            issued_at=issued_at,
            sub=sub,
            origin_jti=claims.get("origin_jti"),
            jti=claims.get("jti"),
            client=claims.get("client_id"),
        ):
            return None
        groups = self.groups(sub, issued_at)
        return dict(claims) if groups is None else {**claims, GROUPS: groups}
