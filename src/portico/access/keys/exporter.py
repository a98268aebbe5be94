"""Give keys out as CSV, without their secrets, which nobody has."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterable, Callable
from datetime import UTC, datetime

from portico.access.keys.model import ApiKey
from portico.identity.transfer.rows import guarded

COLUMNS = (
    "Id", "Name", "Description", "Enabled", "UsagePlanIds", "Owner", "Tags", "Apis", "Stages", "Networks",
    "UserId", "ClientId", "CreatedAt", "ExpiresAt", "LastUsedAt",
)  # fmt: skip


async def export_keys(keys: AsyncIterable[ApiKey], write: Callable[[str], object]) -> int:
    """Write keys, one a line; memory does not grow with their number.

    Args:
        keys: to write.
        write: takes the text, piece by piece.

    Returns:
        how many.
    """
    write(_line(COLUMNS))
    count = 0
    async for key in keys:
        write(_line(_cells(key)))
        count += 1
    return count


def _cells(key: ApiKey) -> tuple[str, ...]:
    return (
        key.id,
        guarded(key.name),
        guarded(key.description),
        str(key.enabled).lower(),
        guarded(",".join(key.plans)),
        guarded(key.owner),
        guarded(",".join(f"{name}={value}" for name, value in key.tags.items())),
        guarded(",".join(key.apis)),
        guarded(",".join(key.stages)),
        ",".join(key.networks),
        guarded(key.user_id or ""),
        guarded(key.client_id or ""),
        shown_time(key.created_at),
        shown_time(key.expires_at),
        shown_time(key.last_used_at),
    )


def shown_time(at: float | None) -> str:
    """A time as text, in UTC; empty where there is none.

    Args:
        at: seconds since the epoch.
    """
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _line(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
