"""Plans and limits at work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from portico.access.patterns import matches
from portico.access.plans.declared import OnStoreFailure, Per, Period
from portico.access.plans.window import Window, window_at


@dataclass(frozen=True, slots=True)
class Throttle:
    """A token bucket."""

    rate: float  # requests a second
    burst: int  # requests


@dataclass(frozen=True, slots=True)
class Quota:
    """How many requests there are in a while."""

    limit: int  # requests
    period: Period
    zone: tzinfo
    offset: float = 0.0  # seconds

    def window(self, now: float) -> Window:
        """The one that a moment is in.

        Args:
            now: seconds since the epoch.
        """
        return window_at(now, self.period, self.zone, self.offset)


@dataclass(frozen=True, slots=True)
class Share:
    """What may be called: of a plan, or of one of its operations."""

    name: str  # "partner", "partner/concierge.checkout"
    throttle: Throttle | None
    quota: Quota | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a key that has it may do."""

    name: str
    title: str
    description: str
    apis: tuple[str, ...]  # patterns
    stages: tuple[str, ...]  # patterns
    own: Share
    operations: Mapping[str, Share] = field(default_factory=dict)  # by "api.operation"
    on_store_failure: OnStoreFailure = "local"

    def covers(self, api: str, stage: str) -> bool:
        """Whether an API at a stage is in it."""
        return any(matches(one, api) for one in self.apis) and any(matches(one, stage) for one in self.stages)

    def shares(self, operation: str) -> tuple[Share, ...]:
        """What a call is held to, the narrower first.

        Args:
            operation: "concierge.checkout".
        """
        special = self.operations.get(operation)
        return (self.own,) if special is None else (special, self.own)

    @property
    def all_shares(self) -> tuple[Share, ...]:
        """Its own and those of its operations."""
        return (self.own, *self.operations.values())


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit beside the plans."""

    name: str
    scope: str  # "operation", "api" or "project"
    api: str
    operation: str
    per: Per
    throttle: Throttle
    on_store_failure: OnStoreFailure = "local"

    def applies(self, api: str, operation: str) -> bool:
        """Whether calls of an operation are held to it."""
        return self.api in ("", api) and self.operation in ("", operation)
