"""What the database knows of usage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa

from portico.access.usage.tables import meters, quotas, usage

FORGET_PROCESS = 86_400.0  # seconds after its last batch
KEEP_QUOTA = 40 * 86_400.0  # seconds after its window
T = TypeVar("T")

ROWS = 500  # in one statement


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Where a request is counted."""

    key_id: str
    day: str  # "2026-11-21", in UTC
    operation: str  # "concierge.sendMessage"
    outcome: str  # "2xx" to "5xx", "throttled"


@dataclass(frozen=True, slots=True, order=True)
class Spent:
    """Which quota a request was taken from."""

    key_id: str
    name: str  # of the share: "partner"
    window: str
    ends_at: float  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class Batch:
    """What one process has counted since its last one."""

    process: str
    number: int
    cells: dict[Cell, int]
    spent: dict[Spent, int]


@dataclass(frozen=True, slots=True)
class Held:
    """What the database knows of a quota."""

    used: int
    granted: int


def add(connection: sa.Connection, batch: Batch, now: float) -> bool:
    """Add a batch, once: what was added already, by a transaction whose end nobody heard of, is not added again.

    Args:
        connection: of a transaction.
        batch: to add.
        now: seconds since the epoch.

    Returns:
        Whether it was new.
    """
    last = connection.execute(sa.select(meters.c.batch).where(meters.c.process == batch.process)).scalar()
    if last is not None and last >= batch.number:
        return False
    insert = _insert_of(connection)
    _upsert(connection, meters, [{"process": batch.process, "batch": batch.number, "at": now}], ("batch", "at"))
    cells = [
        {"key_id": c.key_id, "day": c.day, "operation": c.operation, "outcome": c.outcome, "requests": count}
        for c, count in sorted(batch.cells.items())
    ]
    for some in _pieces(cells):
        statement = insert(usage).values(some)
        more = {"requests": usage.c.requests + statement.excluded.requests}
        connection.execute(statement.on_conflict_do_update(index_elements=list(usage.primary_key), set_=more))
    spent = [
        {"key_id": s.key_id, "name": s.name, "window": s.window, "ends_at": s.ends_at, "used": count, "granted": 0}
        for s, count in sorted(batch.spent.items())
    ]
    for some in _pieces(spent):
        statement = insert(quotas).values(some)
        more = {"used": quotas.c.used + statement.excluded.used}
        connection.execute(statement.on_conflict_do_update(index_elements=list(quotas.primary_key), set_=more))
    return True


def tidy(connection: sa.Connection, now: float) -> None:
    """Forget processes that are gone, and quotas that nobody asks about any more.

    Args:
        connection: of a transaction.
        now: seconds since the epoch.
    """
    connection.execute(meters.delete().where(meters.c.at < now - FORGET_PROCESS))
    connection.execute(quotas.delete().where(quotas.c.ends_at < now - KEEP_QUOTA))


def held(connection: sa.Connection, wanted: Sequence[Spent]) -> dict[tuple[str, str, str], Held]:
    """What was used of quotas, by key, name and window. Those of which nothing was used are left out.

    Args:
        connection: of a transaction.
        wanted: which.
    """
    places = [(one.key_id, one.name, one.window) for one in wanted]
    found: dict[tuple[str, str, str], Held] = {}
    for some in _pieces(places):
        here = sa.tuple_(quotas.c.key_id, quotas.c.name, quotas.c.window).in_(some)
        for row in connection.execute(sa.select(quotas).where(here)):
            found[row.key_id, row.name, row.window] = Held(row.used, row.granted)
    return found


def report(
    connection: sa.Connection, key_ids: Sequence[str], *, since: str | None = None, until: str | None = None
) -> list[tuple[Cell, int]]:
    """What keys have called, the oldest first.

    Args:
        connection: of a transaction.
        key_ids: whose; none: everybody's.
        since: the first day, "2026-11-01".
        until: the last day.
    """
    wanted = sa.select(usage).order_by(usage.c.day, usage.c.key_id, usage.c.operation, usage.c.outcome)
    if key_ids:
        wanted = wanted.where(usage.c.key_id.in_(key_ids))
    if since is not None:
        wanted = wanted.where(usage.c.day >= since)
    if until is not None:
        wanted = wanted.where(usage.c.day <= until)
    return [(Cell(row.key_id, row.day, row.operation, row.outcome), row.requests) for row in connection.execute(wanted)]


def _upsert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, object]], changes: Iterable[str]) -> None:
    statement = _insert_of(connection)(table).values(rows)
    set_ = {name: statement.excluded[name] for name in changes}
    connection.execute(statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=set_))


def _insert_of(connection: sa.Connection):  # type: ignore[no-untyped-def]  # of either dialect, which share no type
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    return insert


def _pieces(rows: Sequence[T]) -> Iterable[Sequence[T]]:
    return (rows[at : at + ROWS] for at in range(0, len(rows), ROWS))
