"""What the page asks the database: sums of usage, so that no more is read than is shown."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from portico.access.usage.tables import usage

SERIES = (("1xx", "2xx", "3xx"), ("4xx",), ("5xx",), ("throttled",))
"""Outcomes that are shown as one: answered, refused, failed, throttled."""

Sums = tuple[int, ...]
"""Requests of each of SERIES."""


class Row(NamedTuple):
    """The requests of a day, or of an operation."""

    name: str
    sums: Sums


def by_day(connection: sa.Connection, key_id: str, since: str) -> list[Row]:
    """The requests of a key by day, the first day first.

    Args:
        connection: of a transaction.
        key_id: of the key.
        since: the first day: "2026-11-01".
    """
    return _rows(connection, _summed(usage.c.day, key_id, since).order_by(usage.c.day))


def by_operation(connection: sa.Connection, key_id: str, since: str, limit: int) -> list[Row]:
    """The requests of a key by operation, the most first.

    Args:
        connection: of a transaction.
        key_id: of the key.
        since: the first day: "2026-11-01".
        limit: operations at most.
    """
    most = _summed(usage.c.operation, key_id, since).order_by(sa.func.sum(usage.c.requests).desc(), usage.c.operation)
    return _rows(connection, most.limit(limit))


def _summed(column: sa.Column[Any], key_id: str, since: str) -> sa.Select[Any]:
    sums = [
        sa.func.sum(sa.case((usage.c.outcome.in_(outcomes), usage.c.requests), else_=0)).label(f"sum_{place}")
        for place, outcomes in enumerate(SERIES)
    ]
    return sa.select(column, *sums).where(usage.c.key_id == key_id, usage.c.day >= since).group_by(column)


def _rows(connection: sa.Connection, wanted: sa.Select[Any]) -> list[Row]:
    return [Row(row[0], tuple(int(one) for one in row[1:])) for row in connection.execute(wanted)]
