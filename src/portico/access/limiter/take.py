"""Which buckets the calls of one key to one operation take from: worked out once, then used until something changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from portico.access.plans import Limit, Plan, Quota, Share, Throttle, Window
from portico.access.plans.declared import OnStoreFailure
from portico.access.plans.window import USUAL_LENGTH
from portico.access.throttle import Bucket
from portico.access.usage import Count, Spent

NEVER = float("inf")
AFTER = 60.0  # seconds that a quota's counter is kept after its window
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


class Take:
    """The buckets of a call, in the order in which they are asked."""

    __slots__ = (
        "_announced", "_text", "buckets", "cost", "count", "generation", "on_store_failure", "personal", "policy",
        "rules", "until",
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
        # those that are announced come first
        shown = [(bucket, rule) for bucket, rule in zip(buckets, rules, strict=True) if rule.announced]
        self._announced = [(bucket.capacity, bucket.rate, rule.ends_at) for bucket, rule in shown]
        self._text = ", ".join(f"{rule.quoted.replace('%', '%%')};r=%d;t=%d" for _, rule in shown).encode()
        self.policy = (b"ratelimit-policy", ", ".join(rule.policy for _, rule in shown).encode())

    def fields(self, levels: Sequence[float | None], now: float) -> list[tuple[bytes, bytes]]:
        """The RateLimit fields of an answer (draft-ietf-httpapi-ratelimit-headers-10).

        Args:
            levels: of the buckets.
            now: seconds since the epoch.
        """
        if not self._announced:
            return []
        numbers: list[float] = []
        for (capacity, rate, ends_at), level in zip(self._announced, levels):  # noqa: B905 - the others have no field
            taken = level or 0.0
            left = capacity - taken
            numbers += left if left > 0.0 else 0.0, ceil(taken / rate if rate else ends_at - now)
        return [(b"ratelimit", self._text % tuple(numbers)), self.policy]


def throttled(key_id: str, share: Share) -> tuple[Bucket, Rule]:
    """The token bucket of a share, for one key."""
    throttle = share.throttle
    assert throttle is not None  # noqa: S101 - the caller has looked
    bucket = Bucket(f"key:{key_id}:{share.name}", float(throttle.burst), throttle.rate)
    return bucket, Rule(share.name, "plan", throttle=throttle, announced=True)


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
    window = quota.window(now)
    name = f"quota:{key_id}:{share.name}:{window.name}:{revision}"
    rule = Rule(
        f"{share.name}-{quota.period.lower()}",
        "plan",
        quota=quota,
        window=window,
        spent=Spent(key_id, share.name, window.name, window.ends_at),
        announced=True,
    )
    return Bucket(name, float(quota.limit + granted), 0.0, window.ends_at + AFTER), rule


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


def failing(plan: Plan | None, limits: Sequence[Limit]) -> OnStoreFailure:
    """What is done when the store fails: what the plan says; without one, the strictest of what the limits say."""
    if plan is not None:
        return plan.on_store_failure
    return next((one for one in STRICTEST if any(limit.on_store_failure == one for limit in limits)), "local")
