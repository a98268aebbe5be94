"""People in the database, as they come and go in batches. Every function runs inside a transaction of its caller."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from portico.identity.audit.events import Event
from portico.identity.pool import Pool
from portico.identity.source import Source
from portico.identity.transfer.errors import RowRefused
from portico.identity.transfer.model import Incoming, Refused
from portico.identity.users import accounts, phc, repository
from portico.identity.users.errors import Invalid, UserError
from portico.identity.users.model import User
from portico.identity.users.repository import Row
from portico.identity.users.tables import users

if TYPE_CHECKING:
    from portico.identity.audit import AuditLog

Added = bool  # False: the person was there already


def add_all(
    connection: sa.Connection, pool: Pool, audit: AuditLog, people: Sequence[Incoming], source: Source
) -> list[Added | Refused]:
    """Add people, one after the other; what became of each.

    Args:
        connection: of the transaction.
        pool: that they come into.
        audit: the log.
        people: who.
        source: of whoever imports them.
    """
    outcomes: list[Added | Refused] = []
    for person in people:
        try:
            outcomes.append(_add(connection, pool, audit, person, source))
        except (RowRefused, UserError) as error:
            outcomes.append(Refused(person.line, _reason(error)))
    return outcomes


def _add(connection: sa.Connection, pool: Pool, audit: AuditLog, person: Incoming, source: Source) -> Added:
    now, row = pool.clock(), _row(pool, person)
    if _is_there(connection, row, person):
        return False
    repository.insert(connection, row)
    for group in person.new.groups:
        repository.add_group(connection, row.id, group, now)
    audit.record(connection, Event.USER_CREATED, user=row.id, source=source, details={"by": "import"})
    return True


def _row(pool: Pool, person: Incoming) -> Row:
    now, stored = pool.clock(), person.new.password_hash or ""
    if stored.startswith("pepper:"):
        phc.check(stored.split(":", 2)[-1])
    row = accounts.row_of(pool.settings, person.new, min(person.created_at or now, now))
    return replace(row, id=person.id or row.id)


def _is_there(connection: sa.Connection, row: Row, person: Incoming) -> bool:
    """Whether this very person is in the pool already.

    Raises:
        RowRefused: somebody else has the name, the address or the id.
    """
    found: dict[str, User | None] = {}
    if person.new.username is not None:
        found["username"] = repository.by_username(connection, row.username_key)
    if row.email_key is not None:
        found["email"] = repository.by_email(connection, row.email_key)
    if person.id is not None:
        found["id"] = repository.by_id(connection, person.id)
    held = {name for name, user in found.items() if user is not None}
    if held and len({user.id if user is not None else None for user in found.values()}) > 1:
        raise RowRefused(f"somebody else has this {' and this '.join(sorted(held))}")
    return bool(held)


def _reason(error: RowRefused | UserError) -> str:
    if isinstance(error, Invalid):
        return "; ".join(f"{field}: {text}" for field, text in error.faults.items())
    return str(error)


def page(connection: sa.Connection, after: str, limit: int) -> list[tuple[User, str | None]]:
    """People in the order of their names, with their password hashes.

    Args:
        connection: of the transaction.
        after: the name, as it is compared, that the page begins after.
        limit: how many at most.
    """
    found = repository.page(connection, after=after, limit=limit)
    hashes = _hashes(connection, [user.id for user in found])
    return [(user, hashes.get(user.id)) for user in found]


def _hashes(connection: sa.Connection, ids: Iterable[str]) -> dict[str, str | None]:
    rows = connection.execute(sa.select(users.c.id, users.c.password_hash).where(users.c.id.in_(list(ids))))
    return {row.id: row.password_hash for row in rows}
