"""Which columns hold sealed values, so that a new project secret can take the place of an old one.

A feature says so beside its table:

    sealed.register(authenticators, "secret", purpose="totp", bound_to="user_id")
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from portico.store.database import Database
from portico.store.errors import NotSealedHere
from portico.store.secrets import Secrets

BATCH = 200  # rows in one transaction
_INFO = "portico.sealed"  # the key in the `info` of the tables

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of sealed values."""

    column: sa.Column[Any]  # bytes of `Secrets.seal`, or text of `Secrets.seal_text`; NULL where there is none
    purpose: str
    bound_to: sa.Column[Any]  # its value is what each value is bound to


@dataclass(frozen=True, slots=True)
class Resealed:
    """What became of one column."""

    column: str  # "table.column"
    resealed: int
    current: int  # sealed with the current secret already
    lost: int  # that no secret opens


def register(table: sa.Table, column: str, *, purpose: str, bound_to: str) -> None:
    """Say that a column holds sealed values.

    Args:
        table: its table, which has a primary key.
        column: its name.
        purpose: what the values are sealed for.
        bound_to: the name of the column whose value each is bound to.
    """
    table.metadata.info.setdefault(_INFO, []).append(Sealed(table.c[column], purpose, table.c[bound_to]))


def registered(metadata: sa.MetaData) -> tuple[Sealed, ...]:
    """Every column that was registered."""
    return tuple(metadata.info.get(_INFO, ()))


def reseal(db: Database, secrets: Secrets, metadata: sa.MetaData) -> Iterator[Resealed]:
    """Seal with the current secret what an earlier one sealed, column by column, beside running servers.

    Args:
        db: the database.
        secrets: the current secret and those before it.
        metadata: the tables.
    """
    for one in registered(metadata):
        resealed = current = lost = 0
        after: Key | None = None
        while keys := db.look(_keys, one, after):
            after = keys[-1]
            found = db.run(_reseal, one, secrets, keys)
            resealed, current, lost = resealed + found[0], current + found[1], lost + found[2]
        yield Resealed(f"{one.column.table.name}.{one.column.name}", resealed, current, lost)


def _keys(connection: sa.Connection, one: Sealed, after: Key | None) -> list[Key]:
    """The primary keys of the next rows that hold a value."""
    primary = list(one.column.table.primary_key)
    query = sa.select(*primary).where(one.column.is_not(None)).order_by(*primary).limit(BATCH)
    if after is not None:
        query = query.where(sa.tuple_(*primary) > sa.tuple_(*(sa.literal(value) for value in after)))
    return [tuple(row) for row in connection.execute(query)]


def _reseal(connection: sa.Connection, one: Sealed, secrets: Secrets, keys: Sequence[Key]) -> tuple[int, int, int]:
    """Of these rows: how many were sealed again, how many were current, how many cannot be opened."""
    table = one.column.table
    resealed = current = lost = 0
    for key in keys:
        here = sa.and_(*(column == value for column, value in zip(table.primary_key, key, strict=True)))
        row = connection.execute(sa.select(one.column, one.bound_to).where(here)).one_or_none()
        if row is None or row[0] is None:
            continue
        try:
            again = secrets.reseal(one.purpose, row[0], bound_to=row[1])
        except NotSealedHere:
            lost += 1
            continue
        if again is None:
            current += 1
        else:
            resealed += 1
            connection.execute(sa.update(table).where(here).values({one.column.name: again}))
    return resealed, current, lost
