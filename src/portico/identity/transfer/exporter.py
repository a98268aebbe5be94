"""Give people out, in the form that the import reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec

from portico.identity.audit.events import Event
from portico.identity.pool import Pool
from portico.identity.source import LOCAL, Source
from portico.identity.transfer import repository
from portico.identity.transfer.columns import FIELDS, OURS, shown_time
from portico.identity.transfer.model import Form
from portico.identity.transfer.rows import guarded
from portico.identity.users.model import User

if TYPE_CHECKING:
    from portico.identity.audit import AuditLog

BATCH = 500  # people in one transaction


def export_users(
    pool: Pool,
    write: Callable[[str], object],
    form: Form,
    *,
    audit: AuditLog,
    hashes: bool = False,
    progress: Callable[[int], None] = lambda _: None,
    source: Source = LOCAL,
) -> int:
    """Write everybody, in the order of their names; memory does not grow with their number.

    Args:
        pool: whose people.
        write: takes the text, piece by piece.
        form: how to write it. JSON lines lose nothing; CSV holds the attributes that the pool declares.
        audit: hears of it.
        hashes: whether the hashes of passwords are written too.
        progress: is told how many were written.
        source: of whoever exports them.

    Returns:
        how many.

    Raises:
        StoreError: the database cannot be used.
    """
    columns = _columns(pool, hashes=hashes)
    if form is Form.CSV:
        write(_csv_line(columns))
    count = 0
    for page in _pages(pool):
        for user, stored in page:
            cells = _cells(user, stored if hashes else None)
            write(_csv_row(columns, cells) if form is Form.CSV else _json_line(cells))
        count += len(page)
        progress(count)
    pool.db.run(audit.record, Event.USERS_EXPORTED, source=source, details={"users": count, "hashes": hashes})
    return count


def _pages(pool: Pool) -> Iterator[list[tuple[User, str | None]]]:
    after = ""
    while page := pool.db.look(repository.page, after, BATCH):
        yield page
        after = page[-1][0].username.casefold()


def _cells(user: User, stored: str | None) -> dict[str, object]:
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "email_verified": user.email_verified,
        "status": user.status,
        "enabled": user.enabled,
        "groups": user.groups,
        "created_at": shown_time(user.created_at),
        "password_hash": stored,
        "attributes": user.attributes,
    }


def _json_line(cells: dict[str, object]) -> str:
    held = {name: value for name, value in cells.items() if value not in (None, (), {})}
    return msgspec.json.encode(held).decode() + "\n"


def _columns(pool: Pool, *, hashes: bool) -> list[str]:
    fields = [name for name in FIELDS if hashes or name != "password_hash"]
    return [*fields, *(f"{OURS}{name}" for name in pool.settings.attributes)]


def _csv_row(columns: list[str], cells: dict[str, object]) -> str:
    attributes = cells["attributes"]
    held = {f"{OURS}{name}": value for name, value in attributes.items()} if isinstance(attributes, dict) else {}
    return _csv_line([_cell((cells | held).get(column)) for column in columns])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return guarded(";".join(value) if isinstance(value, tuple) else str(value))


def _csv_line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
