"""Who needs a second factor: the pool says, and a group can only be stricter."""

from __future__ import annotations

from collections.abc import Iterable

from portico.identity.settings import MfaPolicy, PoolSettings

STRICTNESS: tuple[MfaPolicy, ...] = ("off", "optional", "required")


def policy_for(groups: Iterable[str], settings: PoolSettings) -> MfaPolicy:
    """The strictest of what the pool and a user's groups say.

    Args:
        groups: of the user. One that is no longer declared says nothing.
        settings: of the pool.
    """
    said = [settings.groups[group].mfa for group in groups if group in settings.groups]
    return max((settings.mfa, *(policy for policy in said if policy is not None)), key=STRICTNESS.index)
