"""What keys have called, summed up, and what is left of their quotas: as operators are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from portico.access.keys.model import ApiKey
from portico.access.plans import Plan, Plans, Share
from portico.access.plans.declared import Period
from portico.access.plans.window import Window
from portico.access.usage import repository
from portico.access.usage.meter import OUTCOMES, THROTTLED
from portico.access.usage.repository import Held, Spent
from portico.access.usage.tables import usage

By = Literal["key_id", "day", "operation", "outcome"]
NOTHING = Held(0, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """A sum."""

    of: tuple[str, ...]  # one key, day, ...: as was asked
    outcomes: dict[str, int]  # requests by outcome: "2xx" to "5xx", "throttled"

    @property
    def requests(self) -> int:
        """Those that were admitted."""
        return sum(self.outcomes.values()) - self.throttled

    @property
    def throttled(self) -> int:
        """Those that were not."""
        return self.outcomes.get(OUTCOMES[THROTTLED], 0)


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a quota of a key, in the period that runs."""

    plan: str
    operation: str  # "concierge.checkout"; "" for all of the plan together
    limit: int
    period: Period
    granted: int  # beyond the limit
    used: int
    resets_at: datetime  # in the plan's zone

    @property
    def left(self) -> int:
        """How many requests."""
        return max(self.limit + self.granted - self.used, 0)


def lines(
    connection: sa.Connection,
    by: Sequence[By],
    key_ids: Sequence[str] = (),
    *,
    since: str | None = None,
    until: str | None = None,
) -> list[Line]:
    """What keys have called, in the order of what it is summed up by.

    Args:
        connection: of a transaction.
        by: what it is summed up by.
        key_ids: whose; none: everybody's.
        since: the first day, "2026-11-01".
        until: the last day.
    """
    columns = [usage.c[name] for name in by]
    wanted = sa.select(*columns, usage.c.outcome, sa.func.sum(usage.c.requests))
    if key_ids:
        wanted = wanted.where(usage.c.key_id.in_(key_ids))
    if since is not None:
        wanted = wanted.where(usage.c.day >= since)
    if until is not None:
        wanted = wanted.where(usage.c.day <= until)
    found: dict[tuple[str, ...], dict[str, int]] = {}
    for *of, outcome, requests in connection.execute(wanted.group_by(*columns, usage.c.outcome)):
        found.setdefault(tuple(of), {})[outcome] = int(requests)
    return [Line(of, found[of]) for of in sorted(found)]


def total(some: Sequence[Line]) -> Line:
    """All of them together."""
    outcomes: dict[str, int] = {}
    for line in some:
        for outcome, requests in line.outcomes.items():
            outcomes[outcome] = outcomes.get(outcome, 0) + requests
    return Line((), outcomes)


def left(connection: sa.Connection, key: ApiKey, plans: Plans, now: float) -> list[Left]:
    """What is left of a key's quotas, as far as it has been recorded.

    Args:
        connection: of a transaction.
        key: whose.
        plans: of the project.
        now: seconds since the epoch.
    """
    found = [
        (plan, share) for name in key.plans if (plan := plans.all.get(name)) is not None for share in _counted(plan)
    ]
    windows = [share.quota.window(now) for _, share in found if share.quota is not None]
    spent = [Spent(key.id, share.name, one.name, one.ends_at) for (_, share), one in zip(found, windows, strict=True)]
    held = repository.held(connection, spent)
    return [
        _left(plan, share, window, held.get((one.key_id, one.name, one.window), NOTHING))
        for (plan, share), window, one in zip(found, windows, spent, strict=True)
    ]


def _counted(plan: Plan) -> list[Share]:
    return [share for share in plan.all_shares if share.quota is not None]


def _left(plan: Plan, share: Share, window: Window, held: Held) -> Left:
    assert share.quota is not None  # noqa: S101 - the caller has looked
    return Left(
        plan=plan.name,
        operation=share.name.removeprefix(plan.name).removeprefix("/"),
        limit=share.quota.limit,
        period=share.quota.period,
        granted=held.granted,
        used=held.used,
        resets_at=datetime.fromtimestamp(window.ends_at, share.quota.zone),
    )
