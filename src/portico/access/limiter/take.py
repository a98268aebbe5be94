"""Which buckets the calls of one key to one operation take from: worked out once, then used until something changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil

from portico.access.plans import Limit, Plan, Quota, Share, Throttle, Window
from portico.access.plans.declared import OnStoreFailure
from portico.access.plans.window import USUAL_LENGTH
from portico.access.throttle import Bucket
from portico.access.usage import Count, Spent

NEVER = float("inf")
AFTER = 60.0  # seconds that a quota's counter is kept after its window
SHARED = 4_096  # rules, and what is announced of them, that are there once for all keys
STRICTEST: tuple[OnStoreFailure, ...] = ("deny", "local", "allow")

_STRING = re.compile(r'[^ -~]|["\\]')  # what does not stand for itself in a quoted name


@dataclass(frozen=True, slots=True)
class Rule:
    """What one bucket stands for."""

    name: str  # as answers tell it: "partner", "partner-month"
    scope: str  # "plan", "operation", "api" or "project"
    throttle: Throttle | None = None
    quota: Quota | None = None
    window: Window | None = None  # of the quota
    spent: Spent | None = None  # where the database counts the quota
    announced: bool = False  # in the RateLimit fields

    @property
    def ends_at(self) -> float:
        """When a quota's window does, in seconds since the epoch; a throttle has no end."""
        return NEVER if self.window is None else self.window.ends_at

    @property
    def impersonal(self) -> Rule:
        """The same for every key."""
        return self if self.spent is None else replace(self, spent=None)

    @property
    def policy(self) -> str:
        """The member of RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10 section 3)."""
        if self.throttle is not None:
            return f"{self.quoted};q={self.throttle.burst};w={ceil(self.throttle.burst / self.throttle.rate)}"
        assert self.quota is not None  # noqa: S101 - a rule is one or the other
        return f"{self.quoted};q={self.quota.limit};w={USUAL_LENGTH[self.quota.period]}"

    @property
    def quoted(self) -> str:
        """Its name as a String of structured fields (RFC 9651 section 3.3.3); an operationId may hold anything."""
        text = _STRING.sub(lambda found: f"\\{found[0]}" if found[0] in '"\\' else "?", self.name)
        return f'"{text}"'


class Announced:
    """What the RateLimit fields tell of rules, but for the numbers (draft-ietf-httpapi-ratelimit-headers-10)."""

    __slots__ = ("ends", "policy", "text")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.ends = tuple(rule.ends_at for rule in rules)
        self.text = ", ".join(f"{rule.quoted.replace('%', '%%')};r=%d;t=%d" for rule in rules).encode()
        self.policy = (b"ratelimit-policy", ", ".join(rule.policy for rule in rules).encode())


class Take:
    """The buckets of a call, in the order in which they are asked."""

    __slots__ = (
        "announced", "buckets", "cost", "count", "generation", "on_store_failure", "personal", "rules", "until",
    )  # fmt: skip

    def __init__(
        self,
        buckets: Sequence[Bucket],
        rules: Sequence[Rule],
        *,
        personal: tuple[Limit, ...] = (),
        cost: int,
        count: Count | None,
        generation: int,
        on_store_failure: OnStoreFailure,
    ) -> None:
        """Put one together.

        Args:
            buckets: of all that is known beforehand.
            rules: what they stand for.
            personal: limits whose bucket depends on who calls; they come after.
            cost: of each call.
            count: where the key's calls are counted.
            generation: of the plans.
            on_store_failure: what then.
        """
        self.buckets = tuple(buckets)
        self.rules = tuple(rules)
        self.personal = personal
        self.cost = cost
        self.count = count
        self.generation = generation
        self.on_store_failure = on_store_failure
        self.until = min((rule.ends_at for rule in rules), default=NEVER)
        self.announced = _announced(tuple(rule.impersonal for rule in rules if rule.announced))  # the first ones

    def fields(self, levels: Sequence[float | None], now: float) -> list[tuple[bytes, bytes]]:
        """The RateLimit fields of an answer.

        Args:
            levels: of the buckets.
            now: seconds since the epoch.
        """
        announced = self.announced
        if not announced.ends:
            return []
        numbers: list[float] = []
        for ends_at, bucket, level in zip(announced.ends, self.buckets, levels):  # noqa: B905 - others have no field
            taken, rate = level or 0.0, bucket.rate
            left = bucket.capacity - taken
            numbers += left if left > 0.0 else 0.0, ceil(taken / rate if rate else ends_at - now)
        return [(b"ratelimit", announced.text % tuple(numbers)), announced.policy]


def throttled(key_id: str, share: Share) -> tuple[Bucket, Rule]:
    """The token bucket of a share, for one key."""
    throttle = share.throttle
    assert throttle is not None  # noqa: S101 - the caller has looked
    bucket = Bucket(f"key:{key_id}:{share.name}", float(throttle.burst), throttle.rate)
    return bucket, _throttle_of(share)


def counted(key_id: str, revision: int, share: Share, now: float, *, granted: int = 0) -> tuple[Bucket, Rule]:
    """The counter of a share's quota, for one key.

    Args:
        key_id: whose.
        revision: of its quotas.
        share: that has a quota.
        now: seconds since the epoch.
        granted: requests beyond the quota.
    """
    quota = share.quota
    assert quota is not None  # noqa: S101 - the caller has looked
    rule = _quota_of(share, quota.window(now))
    window = rule.window
    assert window is not None  # noqa: S101 - a quota has one
    name = f"quota:{key_id}:{share.name}:{window.name}:{revision}"
    spent = Spent(key_id, share.name, window.name, window.ends_at)
    return Bucket(name, float(quota.limit + granted), 0.0, window.ends_at + AFTER), replace(rule, spent=spent)


def limited(limit: Limit, whose: str) -> tuple[Bucket, Rule]:
    """The token bucket of a limit.

    Args:
        limit: beside the plans.
        whose: "" for everybody's together.
    """
    throttle = limit.throttle
    prefix = "address:" if limit.per == "address" else "limit:"
    bucket = Bucket(f"{prefix}{limit.name}:{whose}", float(throttle.burst), throttle.rate)
    return bucket, Rule(limit.name, limit.scope, throttle=throttle)


@lru_cache(SHARED)
def _throttle_of(share: Share) -> Rule:
    return Rule(share.name, "plan", throttle=share.throttle, announced=True)


@lru_cache(SHARED)
def _quota_of(share: Share, window: Window) -> Rule:
    assert share.quota is not None  # noqa: S101 - the caller has looked
    name = f"{share.name}-{share.quota.period.lower()}"
    return Rule(name, "plan", quota=share.quota, window=window, announced=True)


@lru_cache(SHARED)
def _announced(rules: tuple[Rule, ...]) -> Announced:
    return Announced(rules)


def failing(plan: Plan | None, limits: Sequence[Limit]) -> OnStoreFailure:
    """What is done when the store fails: what the plan says; without one, the strictest of what the limits say."""
    if plan is not None:
        return plan.on_store_failure
    return next((one for one in STRICTEST if any(limit.on_store_failure == one for limit in limits)), "local")
