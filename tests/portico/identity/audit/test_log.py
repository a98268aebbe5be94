"""The audit log: what is written, and that nobody changes it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from portico.identity.audit import AuditLog, Event, repository
from portico.identity.audit.tables import audit as table
from portico.identity.source import Source

HOME = Source("203.0.113.7", "Browser/1.0", "request-1")


@pytest.fixture
def audit(pool):
    return AuditLog(pool)


async def test_an_entry_says_who_what_when_and_from_where(audit, pool, clock):
    await pool.db.tx(audit.record, Event.SIGN_IN, user="u1", client="chat", source=HOME, details={"by": "password"})
    (entry,) = await pool.db.read(repository.entries)
    assert entry == repository.Entry(
        id=1,
        at=clock.now,
        event="sign_in",
        outcome="success",
        user_id="u1",
        client_id="chat",
        address="203.0.113.7",
        user_agent="Browser/1.0",
        request_id="request-1",
        details={"by": "password"},
    )


async def test_an_entry_exists_if_and_only_if_what_it_tells_came_about(audit, pool):
    def fails(connection):
        audit.record(connection, Event.SIGN_IN, source=HOME)
        raise LookupError

    with pytest.raises(LookupError):
        await pool.db.tx(fails)
    assert not await pool.db.read(repository.entries)


@pytest.mark.parametrize(
    "change",
    [
        sa.update(table).values(address="192.0.2.1"),
        sa.delete(table),
        sa.text("UPDATE audit SET at = 0 WHERE id = 1"),
        sa.text("DELETE FROM audit WHERE id = 1"),
    ],
)
async def test_the_database_refuses_to_change_or_delete_entries(audit, pool, change):
    await pool.db.tx(audit.record, Event.SIGN_IN, source=HOME)
    with pytest.raises((DBAPIError, Exception), match="append-only"):
        await pool.db.tx(lambda connection: connection.execute(change))
    assert len(await pool.db.read(repository.entries)) == 1


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_postgresql_does_not_empty_the_table_either(audit, pool):
    await pool.db.tx(audit.record, Event.SIGN_IN, source=HOME)
    with pytest.raises(Exception, match="append-only"):
        await pool.db.tx(lambda connection: connection.execute(sa.text("TRUNCATE audit")))


async def test_details_are_bounded(audit, pool):
    details = {f"k{n}": "x" * 10_000 for n in range(50)} | {"list": ["y" * 10_000] * 500}
    loud = Source("a" * 500, "b" * 5_000, "c" * 5_000)
    await pool.db.tx(audit.record, Event.SIGN_IN, source=loud, details=details)
    await pool.db.tx(audit.record, Event.SIGN_IN, source=loud, details={"list": ["y" * 10_000] * 500})
    first, second = await pool.db.read(repository.entries)
    assert len(str(first)) < 6_000
    assert len(str(second)) < 6_000


@pytest.mark.parametrize("name", ["password", "code", "secret", "refresh_token"])
async def test_a_detail_with_the_name_of_a_secret_is_a_mistake(audit, pool, name):
    with pytest.raises(ValueError, match=name):
        await pool.db.tx(audit.record, Event.SIGN_IN, source=HOME, details={name: "x"})


async def test_entries_are_found_by_person_event_and_time(audit, pool, clock):
    for user in ("u1", "u2"):
        for event in (Event.SIGN_IN, Event.SIGN_OUT):
            await pool.db.tx(audit.record, event, user=user, source=HOME)
            clock.advance(10)
    read = pool.db.read
    assert [entry.id for entry in await read(repository.entries, user_id="u1")] == [1, 2]
    assert [entry.id for entry in await read(repository.entries, event="sign_out")] == [2, 4]
    assert [entry.id for entry in await read(repository.entries, since=clock.now - 25)] == [3, 4]
    assert [entry.id for entry in await read(repository.entries, after=3)] == [4]
    assert [entry.id for entry in await read(repository.entries, limit=3)] == [2, 3, 4]


def test_every_event_has_a_name_of_its_own():
    names = [event.value for event in Event]
    assert len(names) == len(set(names))
    assert all(event.name.lower() == event.value for event in Event)


def test_the_reference_names_every_event():
    text = (Path(__file__).parents[4] / "docs/reference/audit.md").read_text()
    assert set(re.findall(r"^\| `([a-z_]+)` \|", text.partition("## The events")[2], re.MULTILINE)) == set(Event)
