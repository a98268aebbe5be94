"""Bring keys in. What is there already takes what the file says, so the same file can be imported again."""

from __future__ import annotations

import secrets as random
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import BinaryIO

import msgspec
import sqlalchemy as sa

from portico.access.keys import check, digest, form, repository, service
from portico.access.keys.digest import Digests
from portico.access.keys.errors import TooManyApiKeys
from portico.access.keys.model import ApiKey, KeySecret
from portico.access.keys.repository import SHORT, StoredSecret
from portico.access.keys.rows import Fault, Incoming, KeyFile, PlanNames
from portico.identity.audit import AuditLog, Event
from portico.identity.source import LOCAL, Source
from portico.store import State
from portico.store.feed import Change, publish

BATCH = 1_000  # rows in one transaction


@dataclass(frozen=True, slots=True)
class Imported:
    """What was done, or with a trial would be."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    overwritten: int = 0  # rows whose key a later row has too
    faulty: int = 0  # rows
    ignored: tuple[str, ...] = ()  # columns that say nothing here
    written: bool = True  # False: nothing was, on trial or because of faults


Told = Callable[[Fault], None]
Progress = Callable[[int], None]


def import_keys(
    state: State,
    file: BinaryIO,
    *,
    audit: AuditLog,
    plans: PlanNames,
    fault: Told,
    progress: Progress = lambda _: None,
    dry_run: bool = False,
    fail_on_warnings: bool = False,
    source: Source = LOCAL,
) -> Imported:
    """Import the keys of a file, in transactions of 1,000; memory hardly grows with the file.

    Args:
        state: of the project.
        file: CSV, in bytes.
        audit: hears of it.
        plans: what the ids of usage plans are here.
        fault: is told of every fault of a row that is not imported; the others are.
        progress: is told how many bytes were read.
        dry_run: nothing is written.
        fail_on_warnings: nothing is written where a single row has a fault (API Gateway's `failonwarnings`).
        source: of whoever imports them.

    Raises:
        ApiKeyInvalid: a plan that an id stands for is not declared.
        KeyFileRefused: the header cannot be used; nothing was imported.
        TooManyApiKeys: there would be more than 1,000,000; what was imported stays.
        StoreError: the database cannot be used; what was imported stays.
    """
    check.plans([*plans.of.values(), *([] if plans.usual is None else [plans.usual])], plans.known)
    with ExitStack() as stack:
        again = stack.enter_context(_rewindable(file)) if fail_on_warnings and not file.seekable() else file
        if fail_on_warnings or dry_run:
            begin = again.tell() if fail_on_warnings else 0
            tried = _Import(state, audit, source, fault, dry_run=True).run(KeyFile(again, plans), progress)
            if dry_run or tried.faulty:
                return replace(tried, written=False)
            again.seek(begin)
        return _Import(state, audit, source, fault, dry_run=False).run(KeyFile(again, plans), progress)


def _rewindable(file: BinaryIO) -> BinaryIO:
    """A copy that nobody else can open, and that is gone with this process."""
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    shutil.copyfileobj(file, copy)
    copy.seek(0)
    return copy


@dataclass(slots=True)
class _Sorted:
    """What is to be done with the rows of a batch."""

    new: list[tuple[Incoming, bytes]] = field(default_factory=list)  # with their digests
    changed: list[Incoming] = field(default_factory=list)
    unchanged: list[Incoming] = field(default_factory=list)
    ended: list[Incoming] = field(default_factory=list)
    keys: dict[str, ApiKey] = field(default_factory=dict)  # those that are changed, by id


class _Import:
    """One way through a file."""

    def __init__(self, state: State, audit: AuditLog, source: Source, fault: Told, *, dry_run: bool) -> None:
        self._state = state
        self._audit = audit
        self._source = source
        self._fault = fault
        self._dry_run = dry_run
        self._seen: set[int] = set()  # beginnings of digests of the keys of the file
        self._seeing = Digests(random.token_bytes(digest.SIZE))
        self._done = Imported()

    def run(self, file: KeyFile, progress: Progress) -> Imported:
        for rows in _batches(file):
            taken = [row for row in rows if isinstance(row, Incoming)]
            last = {row.secret.reveal().encode(): row for row in taken}
            before = self._lines_seen_before(last)
            found = self._settle(last)
            faults = [one for row in rows if isinstance(row, list) for one in row] + [
                _ended(row) for row in found.ended
            ]
            for fault in sorted(faults, key=lambda one: one.line):
                self._fault(fault)
            first = [[row for row in some if row.line not in before] for some in _outcomes(found)]
            done = self._done
            self._done = replace(
                done,
                created=done.created + len(first[0]),
                changed=done.changed + len(first[1]),
                unchanged=done.unchanged + len(first[2]),
                overwritten=done.overwritten + len(taken) - len(last) + len(before),
                faulty=done.faulty + len({one.line for one in faults}),
            )
            progress(file.position)
        return replace(self._done, ignored=file.ignored)

    def _lines_seen_before(self, rows: dict[bytes, Incoming]) -> set[int]:
        """The lines of a batch whose keys are in a batch before."""
        found = {int.from_bytes(self._seeing.of(secret)[:SHORT]): row.line for secret, row in rows.items()}
        before = {line for short, line in found.items() if short in self._seen}
        self._seen.update(found)
        return before

    def _settle(self, rows: dict[bytes, Incoming]) -> _Sorted:
        db = self._state.db
        if self._dry_run:
            return db.look(self._sort, rows)
        room = service.MOST - db.look(repository.count)
        return db.run(self._store, rows, room)

    def _sort(self, connection: sa.Connection, rows: dict[bytes, Incoming]) -> _Sorted:
        digests = digest.find(connection, self._state.secrets) or self._seeing
        by_digest = {digests.of(secret): row for secret, row in rows.items()}
        there = repository.among(connection, list(by_digest))
        keys = repository.by_ids(connection, list({one.key_id for one in there.values()}))
        found, now = _Sorted(), self._state.clock()
        for one, row in by_digest.items():
            stored = there.get(one)
            if stored is None:
                found.new.append((row, one))
            elif stored.expires_at is not None and stored.expires_at <= now:
                found.ended.append(row)
            elif (key := _changed(keys[stored.key_id], row)) == keys[stored.key_id]:
                found.unchanged.append(row)
            else:
                found.changed.append(row)
                found.keys[key.id] = keys[key.id] = key
        return found

    def _store(self, connection: sa.Connection, rows: dict[bytes, Incoming], room: int) -> _Sorted:
        digest.find_or_make(connection, self._state.secrets)
        found = self._sort(connection, rows)
        if len(found.new) > room:
            raise TooManyApiKeys(f"There are {service.MOST - room:,} API keys, and can be {service.MOST:,}.")
        if not found.new and not found.keys:
            return found
        if found.new:
            self._add(connection, found.new)
        if found.keys:
            repository.update(connection, *found.keys.values())
        now = self._state.clock()
        details = {"created": len(found.new), "changed": len(found.keys)}
        self._audit.record(connection, Event.API_KEYS_IMPORTED, source=self._source, details=details)
        publish(connection, Change("api_keys", "*", at=now, until=now + service.HEARD_FOR))
        return found

    def _add(self, connection: sa.Connection, rows: Sequence[tuple[Incoming, bytes]]) -> None:
        now = self._state.clock()
        made = [(_new(row, now), row, one) for row, one in rows]
        told = [KeySecret(hint=form.hint(row.secret.reveal()), created_at=now) for _, row, _ in made]
        secrets = [StoredSecret(one, key.id, None) for key, _, one in made]
        repository.add(connection, [key for key, _, _ in made])
        repository.add_secrets(connection, list(zip(secrets, told, strict=True)))


def _batches(rows: Iterable[Incoming | list[Fault]]) -> Iterator[list[Incoming | list[Fault]]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _outcomes(found: _Sorted) -> tuple[list[Incoming], list[Incoming], list[Incoming]]:
    return [row for row, _ in found.new], found.changed, found.unchanged


def _ended(row: Incoming) -> Fault:
    return Fault(row.line, "Key", "this secret of a key that is here was rotated away; leave the row out.")


def _new(row: Incoming, now: float) -> ApiKey:
    return ApiKey(
        id=service.new_id(),
        name=row.name,
        description=row.description or "",
        plans=row.plans or (),
        enabled=row.enabled is not False,
        created_at=now,
    )


def _changed(key: ApiKey, row: Incoming) -> ApiKey:
    said = {"name": row.name, "description": row.description, "plans": row.plans, "enabled": row.enabled}
    return msgspec.structs.replace(key, **{name: value for name, value in said.items() if value is not None})
