"""What is left of a key's rates and quotas at this moment."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portico.access.account.words import EVERY, number, rate, soon
from portico.access.keys.model import ApiKey
from portico.access.limiter.take import Rule, counted, limited, throttled
from portico.access.plans import Plans, Share
from portico.access.throttle import Bucket
from portico.access.usage import Spent
from portico.access.usage.repository import Held

LOW = 0.1  # of a quota: less is told

Granted = Mapping[tuple[str, str, str], Held]
"""What the database knows of quotas, by key, name and window."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One rate or quota."""

    plan: str  # its name; "" for a limit beside the plans
    operation: str  # "" for all together
    bucket: Bucket
    rule: Rule


@dataclass(frozen=True, slots=True)
class Left:
    """How one rate or quota stands, as it is told."""

    plan: str
    operation: str
    kind: str  # "rate" or "quota"
    allows: str  # "200 requests a second, 50 at once"
    left: str  # "950 of 1,000 left"
    percent: float | None  # that is left; None: nobody knows
    resets: str  # when it is whole again


def entries(key: ApiKey, plans: Plans, now: float, held: Granted) -> list[Entry]:
    """Every bucket that is a key's own.

    Args:
        key: whose.
        plans: of the project.
        now: seconds since the epoch.
        held: what was granted beyond quotas.
    """
    found = []
    for name in key.plans:
        plan = plans.all.get(name)
        for share in () if plan is None else plan.all_shares:
            found += _of_share(key, name, share, share.name.partition("/")[2], now, held)
    for limit in plans.limits:
        if limit.per == "key" and (not key.apis or not limit.api or limit.api in key.apis):
            about = f"{limit.api}.{limit.operation}" if limit.operation else limit.api and f"{limit.api}: everything"
            found.append(Entry("", about, *limited(limit, key.id)))
    return found


def spent_of(some: Sequence[Entry]) -> list[Spent]:
    """Where the database counts their quotas."""
    return [entry.rule.spent for entry in some if entry.rule.spent is not None]


def told(entry: Entry, level: float | None, held: Granted, now: float) -> Left:
    """How one of them stands.

    Args:
        entry: the rate or quota.
        level: what is taken, as the store of limits knows it; None: it does not.
        held: what the database knows.
        now: seconds since the epoch.
    """
    rule, whole = entry.rule, entry.bucket.capacity
    if level is None and rule.spent is not None:
        level = float(_held(rule.spent, held).used)
    left = None if level is None else max(math.floor(whole - level + 1e-6), 0)
    return Left(
        plan=entry.plan,
        operation=entry.operation,
        kind="quota" if rule.quota is not None else "rate",
        allows=_allows(entry),
        left="not known at the moment" if left is None else f"{number(left)} of {number(int(whole))} left",
        percent=None if left is None else round(100.0 * left / whole, 2),
        resets=_resets(entry, level, now),
    )


def warning(some: Sequence[Left]) -> str:
    """What a holder should be told at once; "" where all is well."""
    quotas = [left for left in some if left.kind == "quota" and left.percent is not None]
    spent = next((one for one in quotas if one.percent == 0), None)
    if spent is not None:
        return f"The quota{_of(spent)} is used up. {spent.resets}."
    low = next((one for one in quotas if one.percent is not None and one.percent < 100.0 * LOW), None)
    return f"The quota{_of(low)} is nearly used up: less than a tenth is left." if low is not None else ""


def _of(left: Left) -> str:
    return f" of {left.plan}" + (f" for {left.operation}" if left.operation else "")


def _of_share(key: ApiKey, plan: str, share: Share, operation: str, now: float, held: Granted) -> list[Entry]:
    found = []
    if share.throttle is not None:
        found.append(Entry(plan, operation, *throttled(key.id, share)))
    if share.quota is not None:
        spent = counted(key.id, key.quota_revision, share, now)[1].spent
        granted = 0 if spent is None else _held(spent, held).granted
        found.append(Entry(plan, operation, *counted(key.id, key.quota_revision, share, now, granted=granted)))
    return found


def _held(spent: Spent, held: Granted) -> Held:
    return held.get((spent.key_id, spent.name, spent.window), Held(0, 0))


def _allows(entry: Entry) -> str:
    throttle, quota = entry.rule.throttle, entry.rule.quota
    if throttle is not None:
        return f"{rate(throttle.rate)}, {number(throttle.burst)} at once"
    assert quota is not None  # noqa: S101 - a rule is one or the other
    more = int(entry.bucket.capacity) - quota.limit
    granted = f", and {number(more)} more granted" if more > 0 else ""
    return f"{number(quota.limit)} a {EVERY[quota.period]}{granted}"


def _resets(entry: Entry, level: float | None, now: float) -> str:
    if entry.rule.window is not None:
        return f"Resets {soon(entry.rule.window.ends_at)}"
    if level is None:
        return ""
    seconds = level / entry.bucket.rate
    if seconds < 0.05:
        return "Full"
    return f"Full again in {seconds:.1f} s" if seconds < 60 else f"Full again {soon(now + seconds)}"
