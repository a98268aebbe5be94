"""Bring people in. Running it again adds whom it has not added, and leaves everybody else as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy.exc import IntegrityError

from portico.identity.audit.events import Event
from portico.identity.pool import Pool
from portico.identity.source import LOCAL, Source
from portico.identity.transfer import repository
from portico.identity.transfer.model import Form, Imported, Incoming, Refused
from portico.identity.transfer.rows import Lines, read

if TYPE_CHECKING:
    from portico.identity.audit import AuditLog

BATCH = 500  # rows in one transaction

Told = Callable[[Imported], None]
ToldOfRefused = Callable[[Refused], None]


def import_users(
    pool: Pool,
    file: BinaryIO,
    form: Form,
    *,
    audit: AuditLog,
    refused: ToldOfRefused,
    progress: Told = lambda _: None,
    skip: Iterable[str] = (),
    source: Source = LOCAL,
) -> Imported:
    """Add the people of a file, in transactions of 500; memory does not grow with the file.

    Args:
        pool: that they come into.
        file: in bytes.
        form: how it is written.
        audit: hears of everybody who is added, and of the import.
        refused: is told of every row that is not taken, in the order of the file within each 500.
        progress: is told after every 500 rows.
        skip: columns that are passed over.
        source: of whoever imports them.

    Raises:
        FileRefused: the header cannot be used.
        StoreError: the database cannot be used; what was added stays.
    """
    lines, done = Lines(file), Imported()
    for batch in _batches(read(lines, form, skip=frozenset(skip))):
        people = [row for row in batch if isinstance(row, Incoming)]
        outcomes = _settled(pool, audit, people, source)
        refusals = [row for row in (*batch, *outcomes) if isinstance(row, Refused)]
        for refusal in sorted(refusals, key=lambda refusal: refusal.line):
            refused(refusal)
        done = replace(
            done,
            added=done.added + sum(outcome is True for outcome in outcomes),
            present=done.present + sum(outcome is False for outcome in outcomes),
            refused=done.refused + len(refusals),
            position=lines.position,
        )
        progress(done)
    details = {"added": done.added, "present": done.present, "refused": done.refused}
    pool.db.run(audit.record, Event.USERS_IMPORTED, source=source, details=details)
    return done


def _batches(rows: Iterator[Incoming | Refused]) -> Iterator[list[Incoming | Refused]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _settled(pool: Pool, audit: AuditLog, people: list[Incoming], source: Source) -> list[bool | Refused]:
    """Add them; once more where somebody signed up under one of the names meanwhile: then it is seen who has it."""
    try:
        return pool.db.run(repository.add_all, pool, audit, people, source)
    except IntegrityError:
        return pool.db.run(repository.add_all, pool, audit, people, source)
