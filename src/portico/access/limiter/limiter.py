"""Admits calls, or does not: asks the store of limits, and goes on where it cannot be reached."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from typing import Any, Protocol

from portico.access.keys.model import ApiKey
from portico.access.limiter.take import Rule, Take, counted, failing, limited, throttled
from portico.access.plans import Plan, Plans
from portico.access.plans.declared import Per
from portico.access.throttle import Bucket, LimitStore, LimitStoreUnavailable, MemoryStore, Taken
from portico.access.usage import Meter, Spent
from portico.store import Clock, StoreError

log = logging.getLogger("portico.access")

AGAIN = 1.0  # seconds after which a store that failed is asked again
ATTEMPTS = 3  # to take from quotas that must be seeded
SWEEP_EVERY = 10.0  # seconds
LONGEST = 64  # characters of what names a caller; what is longer is hashed

Identify = Callable[[Any, Per], str | None]
"""Names who sent a request, for a limit of each of them; None where that is nobody's to say."""


class Key(Protocol):
    """An API key as a process knows it."""

    @property
    def key(self) -> ApiKey:
        """The key."""

    @property
    def takes(self) -> dict[str, Any]:
        """What was worked out for it, by operation; thrown away when the key changes."""


class Admission:
    """What became of a call."""

    __slots__ = ("at", "levels", "refused", "retry_after", "rules", "take", "unknown")

    def __init__(
        self,
        take: Take,
        rules: Sequence[Rule],
        levels: Sequence[float | None],
        at: float,
        *,
        refused: Rule | None = None,
        retry_after: float = 0.0,
        unknown: bool = False,
    ) -> None:
        self.take = take
        self.rules = rules
        self.levels = levels
        self.at = at  # seconds since the epoch
        self.refused = refused  # the first rule that did not admit it; None: it is admitted, or nobody knows
        self.retry_after = retry_after  # seconds
        self.unknown = unknown  # nobody can say, and then it is not admitted

    @property
    def admitted(self) -> bool:
        """Whether the call goes on."""
        return self.refused is None and not self.unknown

    @property
    def fields(self) -> list[tuple[bytes, bytes]]:
        """The RateLimit fields of the answer."""
        return self.take.fields(self.levels, self.at)


class Limiter:
    """Holds the calls of a project to its plans and limits."""

    def __init__(self, plans: Plans, store: LimitStore, meter: Meter, *, clock: Clock = time.time) -> None:
        """Make one.

        Args:
            plans: of the project.
            store: where buckets are kept.
            meter: counts what is admitted.
            clock: seconds since the epoch, for the windows of quotas.
        """
        self.plans = plans
        self.store = store
        self.meter = meter
        self.clock = clock
        self.failures: dict[str, int] = {"deny": 0, "allow": 0, "local": 0}  # calls decided without the store
        self._local = MemoryStore()
        self._lent: dict[str, tuple[Bucket, Spent]] = {}  # quotas that were taken from without the store
        self._down_until = 0.0  # seconds, monotonic
        self._is_down = False
        self._recovering: asyncio.Task[None] | None = None

    def of(self, api: str, operation: str, *, cost: int = 1, stage: str = "default") -> OperationLimiter:
        """What holds the calls of one operation.

        Args:
            api: the API's name.
            operation: the operation's id.
            cost: tokens that a call takes.
            stage: that it is served at.
        """
        return OperationLimiter(self, api, operation, cost, stage)

    def take(self, take: Take, buckets: Sequence[Bucket]) -> Taken | Awaitable[Taken | None] | None:
        """Take from the store, or where it cannot be reached, decide without it; None: nobody can say.

        Args:
            take: of the call.
            buckets: that it takes from.
        """
        if self._is_down and time.monotonic() < self._down_until:
            return self._without(take, buckets)
        try:
            taken = self.store.take(buckets, take.cost)
        except LimitStoreUnavailable as error:
            self._failed(error)
            return self._without(take, buckets)
        if taken.__class__ is not Taken:
            return self._awaited(taken, take, buckets)  # type: ignore[arg-type]
        if self._is_down:
            self._answered()
        return taken

    async def _awaited(self, taken: Awaitable[Taken], take: Take, buckets: Sequence[Bucket]) -> Taken | None:
        try:
            found = await taken
        except LimitStoreUnavailable as error:
            self._failed(error)
            return self._without(take, buckets)
        if self._is_down:
            self._answered()
        return found

    def _failed(self, error: LimitStoreUnavailable) -> None:
        self._down_until = time.monotonic() + AGAIN
        if not self._is_down:
            self._is_down = True
            log.error("the store of limits (%s) cannot be reached: %s", self.store.name, error)

    def _answered(self) -> None:
        self._is_down = False
        log.warning("the store of limits (%s) answers again", self.store.name)
        self._recovering = asyncio.ensure_future(self._recover())

    def _without(self, take: Take, buckets: Sequence[Bucket]) -> Taken | None:
        policy = take.on_store_failure
        self.failures[policy] += 1
        if policy == "deny":
            return None
        for bucket, rule in zip(take.buckets, take.rules, strict=True):
            if rule.spent is not None:
                self._lent[bucket.name] = bucket, rule.spent
        if policy == "allow":
            return Taken(True, tuple(0.0 for _ in buckets))
        return self._local.take(buckets, take.cost)

    async def seed(self, rules: Sequence[Rule], taken: Taken, buckets: Sequence[Bucket]) -> None:
        """Tell the store what the database knows of quotas that it does not know.

        Raises:
            StoreError: the database cannot be used.
            LimitStoreUnavailable: the store cannot.
        """
        missing = [
            (bucket, rule.spent)
            for bucket, rule, level in zip(buckets, rules, taken.levels, strict=False)
            if level is None and rule.spent is not None
        ]
        held = await self.meter.held_for_all([spent for _, spent in missing])
        levels = [(bucket, float(one.used)) for (bucket, _), one in zip(missing, held, strict=True)]
        await (self._local if self._is_down else self.store).seed(levels)

    async def run(self) -> None:
        """Forget what is full, and read the plans again where they have changed, until cancelled."""
        swept = time.monotonic()
        while True:
            await asyncio.sleep(1.0)
            try:
                self.plans.refresh()
                if self._lent and not self._is_down and (self._recovering is None or self._recovering.done()):
                    await self._recover(logging.DEBUG)  # could not be told before
                if time.monotonic() > swept + SWEEP_EVERY:
                    swept = time.monotonic()
                    await self._local.sweep()
                    await self.store.sweep()
            except LimitStoreUnavailable as error:
                self._failed(error)
            except Exception:
                log.exception("the limits could not be tidied up")

    async def _recover(self, level: int = logging.ERROR) -> None:
        """Tell the store what was taken from quotas while it was away. What it knows already, it keeps.

        Args:
            level: at which it is logged that this cannot be.
        """
        lent, self._lent = self._lent, {}
        self._local.forget(lent)  # of quotas; token buckets stay, or a store that comes and goes would fill them
        if not lent:
            return
        try:
            held = await self.meter.held([spent for _, spent in lent.values()])
            levels = [(bucket, float(one.used)) for (bucket, _), one in zip(lent.values(), held, strict=True)]
            await self.store.seed(levels)
        except (StoreError, LimitStoreUnavailable) as error:
            self._lent = {**lent, **self._lent}
            log.log(level, "what was taken from quotas without the store of limits is not told it yet: %s", error)


class OperationLimiter:
    """Holds the calls of one operation."""

    def __init__(self, limiter: Limiter, api: str, operation: str, cost: int, stage: str) -> None:
        self.name = f"{api}.{operation}"
        self.allowed = f"may {self.name}"  # in what was worked out for a key: that it may be used here
        self._limiter = limiter
        self._plans = limiter.plans
        self._api = api
        self._operation = operation
        self._cost = cost
        self._stage = stage
        self._own: dict[str, Take] = {}  # of calls without a key

    @property
    def generation(self) -> int:
        """Of the plans: what was concluded from an earlier one must be looked at again."""
        return self._plans.generation

    def plan_of(self, key: Key) -> Plan | None:
        """The plan that counts for a key; None where it has none for this API."""
        return self._plans.of(key.key.plans, self._api, self._stage)

    def admit(self, key: Key | None, identify: Identify, request: Any) -> Admission | Awaitable[Admission] | None:
        """Take what a call costs, where there is enough of everything.

        Args:
            key: that was shown.
            identify: names who sent the request.
            request: handed to it.

        Returns:
            What became of it; None where nothing holds it; to be awaited, where somebody has to be asked.

        Raises:
            StoreError: the database had to be asked how much of a quota was used, and cannot be. Awaiting raises it.
        """
        takes = self._own if key is None else key.takes
        take: Take | None = takes.get(self.name)
        now = self._limiter.clock()
        if take is None or take.generation != self._plans.generation or now >= take.until:
            if key is not None and key.key.quota_revision:
                return self._after_grants(key, identify, request, now)
            take = takes[self.name] = self._take(key, now, {})
        return self._admit(take, identify, request, now)

    def _admit(
        self, take: Take, identify: Identify, request: Any, now: float
    ) -> Admission | Awaitable[Admission] | None:
        buckets, rules = take.buckets, take.rules
        if take.personal:
            buckets, rules = _with_personal(take, identify, request)
        if not buckets:
            return None if take.count is None else Admission(take, rules, (), now)
        taken = self._limiter.take(take, buckets)
        if taken.__class__ is Taken and (taken.admitted or None not in taken.levels):
            return _concluded(take, rules, buckets, taken, now)
        return self._later(take, rules, buckets, taken)

    async def _after_grants(self, key: Key, identify: Identify, request: Any, now: float) -> Admission:
        """The quotas of this key were extended once, perhaps these."""
        plan = self.plan_of(key)
        shares = () if plan is None else plan.shares(self.name)
        spent = [
            rule.spent
            for share in shares
            if share.quota is not None
            for _, rule in [counted(key.key.id, key.key.quota_revision, share, now)]
            if rule.spent is not None
        ]
        held = await self._limiter.meter.held_for_all(spent)
        granted = {one.name: found.granted for one, found in zip(spent, held, strict=True)}
        take = key.takes[self.name] = self._take(key, now, granted)
        found = self._admit(take, identify, request, self._limiter.clock())
        assert found is not None  # noqa: S101 - a key's calls are counted
        return found if isinstance(found, Admission) else await found

    async def _later(
        self,
        take: Take,
        rules: Sequence[Rule],
        buckets: Sequence[Bucket],
        taken: Taken | Awaitable[Taken | None] | None,
    ) -> Admission:
        """The same where the store has to be awaited, or does not know of a quota yet."""
        limiter = self._limiter
        for _ in range(ATTEMPTS):
            found = taken if taken is None or isinstance(taken, Taken) else await taken
            if found is None:
                break
            if found.admitted or None not in found.levels:
                return _concluded(take, rules, buckets, found, limiter.clock())
            with contextlib.suppress(LimitStoreUnavailable):  # then taking fails as well
                await limiter.seed(rules, found, buckets)
            taken = limiter.take(take, buckets)
        return Admission(take, rules, (), limiter.clock(), unknown=True)

    def _take(self, key: Key | None, now: float, granted: dict[str, int]) -> Take:
        """The buckets of calls: the plan's for the operation, the plan's, then the operation's, API's and project's."""
        plan = None if key is None else self.plan_of(key)
        pairs: list[tuple[Bucket, Rule]] = []
        if key is not None and plan is not None:
            for share in plan.shares(self.name):
                if share.throttle is not None:
                    pairs.append(throttled(key.key.id, share))
                if share.quota is not None:
                    more = granted.get(share.name, 0)
                    pairs.append(counted(key.key.id, key.key.quota_revision, share, now, granted=more))
        limits = [limit for limit in self._plans.limits if limit.applies(self._api, self._operation)]
        personal = []
        for limit in limits:
            if limit.per == "all":
                pairs.append(limited(limit, ""))
            elif limit.per == "key":
                pairs += [limited(limit, key.key.id)] if key is not None else []
            else:
                personal.append(limit)
        spent = tuple(rule.spent for _, rule in pairs if rule.spent is not None)
        return Take(
            [bucket for bucket, _ in pairs],
            [rule for _, rule in pairs],
            personal=tuple(personal),
            cost=self._cost,
            count=None if key is None else self._limiter.meter.count(key.key.id, self.name, spent),
            generation=self._plans.generation,
            on_store_failure=failing(plan, limits),
        )


def _with_personal(take: Take, identify: Identify, request: Any) -> tuple[tuple[Bucket, ...], tuple[Rule, ...]]:
    """The buckets of a call with those of who sent it."""
    pairs = []
    for limit in take.personal:
        whose = identify(request, limit.per)
        if whose is not None:
            if len(whose) > LONGEST:
                whose = blake2b(whose.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
            pairs.append(limited(limit, whose))
    if not pairs:
        return take.buckets, take.rules
    return (
        (*take.buckets, *(bucket for bucket, _ in pairs)),
        (*take.rules, *(rule for _, rule in pairs)),
    )


def _concluded(take: Take, rules: Sequence[Rule], buckets: Sequence[Bucket], taken: Taken, now: float) -> Admission:
    if taken.admitted:
        if take.count is not None:
            take.count.take(take.cost)
        return Admission(take, rules, taken.levels, now)
    if take.count is not None:
        take.count.refuse()
    refused, longest = None, 0.0
    for rule, bucket, level in zip(rules, buckets, taken.levels, strict=True):
        over = (level or 0.0) + take.cost - bucket.capacity
        if over > 0.0:
            refused = refused or rule
            wait = over / bucket.rate if rule.window is None else rule.window.ends_at - now
            longest = max(longest, wait)
    return Admission(take, rules, taken.levels, now, refused=refused or rules[0], retry_after=longest)
