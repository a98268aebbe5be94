"""Changes are heard by every worker: none lost, none twice, whatever order they are committed in."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.portico.clocks import ManualClock

from portico import config
from portico.store import Database, DatabaseUnavailable
from portico.store import feed as module
from portico.store.feed import Change, Feed, publish
from portico.store.tables import changes


def change(subject: str, clock: ManualClock, *, lasting: float = 60.0) -> Change:
    return Change("user", subject, at=clock(), until=clock() + lasting)


class Ear:
    """Listens, and notes."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.heard: list[str] = []
        self.feed = Feed(database, clock)
        self.feed.listen(lambda change: self.heard.append(change.subject))


@pytest.fixture
def ear(database: Database, clock: ManualClock) -> Ear:
    return Ear(database, clock)


async def test_a_change_is_heard_once_as_it_was_published(database: Database, clock: ManualClock):
    heard: list[Change] = []
    feed = Feed(database, clock)
    feed.listen(heard.append)
    told = Change("groups", "ada", at=clock(), until=clock() + 5.5, value=["staff", "ü"])
    await database.tx(publish, told)
    for _ in range(3):
        await feed.look()
    assert heard == [told]


async def test_what_is_undone_is_not_heard(database: Database, clock: ManualClock, ear: Ear):
    def undone(connection: sa.Connection) -> None:
        publish(connection, change("ada", clock))
        raise LookupError

    with pytest.raises(LookupError):
        await database.tx(undone)
    await ear.feed.look()
    assert ear.heard == []


async def test_who_starts_late_hears_what_still_matters(database: Database, clock: ManualClock):
    await database.tx(publish, change("over", clock, lasting=10))
    await database.tx(publish, change("ada", clock, lasting=100))
    clock.advance(50)
    late = Ear(database, clock)
    await late.feed.look()
    assert late.heard == ["ada"]


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)  # SQLite has one writer at a time
async def test_a_commit_that_another_overtakes_is_heard(database: Database, clock: ManualClock, ear: Ear):
    """The slow transaction has the smaller id, and commits after the other was heard, an hour later by the clock."""
    may_commit, has_written = threading.Event(), threading.Event()

    def slow(connection: sa.Connection) -> None:
        publish(connection, change("slow", clock, lasting=86_400))
        has_written.set()
        may_commit.wait(10)

    task = asyncio.create_task(database.tx(slow))
    assert await asyncio.to_thread(has_written.wait, 10)
    await database.tx(publish, change("quick", clock, lasting=86_400))
    await ear.feed.look()
    clock.advance(3_600)
    await database.tx(publish, change("next", clock))
    await ear.feed.look()
    assert ear.heard == ["quick", "next"]
    may_commit.set()
    await task
    for _ in range(2):
        await ear.feed.look()
    assert ear.heard == ["quick", "next", "slow"]


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)  # SQLite has one writer at a time
async def test_a_number_drawn_early_by_a_late_transaction_is_heard(database: Database, clock: ManualClock, ear: Ear):
    """The other way round: the transaction is the older one, and its change has the higher id."""
    may_publish, has_begun = threading.Event(), threading.Event()

    def older(connection: sa.Connection) -> None:
        connection.execute(sa.text("SELECT pg_current_xact_id()"))
        has_begun.set()
        may_publish.wait(10)
        publish(connection, change("older", clock))

    task = asyncio.create_task(database.tx(older))
    assert await asyncio.to_thread(has_begun.wait, 10)
    await database.tx(publish, change("younger", clock))
    for _ in range(2):
        await ear.feed.look()
    may_publish.set()
    await task
    for _ in range(2):
        await ear.feed.look()
    assert ear.heard == ["younger", "older"]


async def test_nothing_is_lost_and_nothing_twice_while_many_publish(database: Database, clock: ManualClock, ear: Ear):
    names = [f"user-{number}" for number in range(200)]
    publishing = [asyncio.create_task(database.tx(publish, change(name, clock))) for name in names]
    while not all(task.done() for task in publishing):
        await ear.feed.look()
    await asyncio.gather(*publishing)
    await ear.feed.look()
    assert sorted(ear.heard) == sorted(names)


async def test_looking_twice_at_once_hears_once(database: Database, clock: ManualClock, ear: Ear):
    await database.tx(publish, change("ada", clock))
    await asyncio.gather(*(ear.feed.look() for _ in range(8)))
    assert ear.heard == ["ada"]


async def test_a_listener_that_fails_keeps_nothing_from_the_others(
    database: Database, clock: ManualClock, caplog: pytest.LogCaptureFixture
):
    heard: list[Change] = []
    feed = Feed(database, clock)

    def fails(_change: Change) -> None:
        raise LookupError("a fault of its own")

    feed.listen(fails)
    feed.listen(heard.append)
    await database.tx(publish, change("ada", clock))
    with caplog.at_level(logging.ERROR, "portico.store"):
        await feed.look()
    assert [one.subject for one in heard] == ["ada"]
    assert "was not taken in" in caplog.text


async def test_what_matters_no_more_is_deleted(database: Database, clock: ManualClock, ear: Ear):
    await database.tx(publish, change("over", clock, lasting=10))
    await database.tx(publish, change("ada", clock, lasting=100))
    clock.advance(50)
    await database.tx(module._purge, clock())
    assert await database.read(lambda c: c.execute(sa.select(changes.c.subject)).scalars().all()) == ["ada"]
    await database.tx(publish, change("grace", clock))
    await ear.feed.look()
    assert ear.heard == ["ada", "grace"]


async def test_a_database_that_is_gone_for_a_while_is_told_once_and_then_heard(
    database: Database, clock: ManualClock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, ear: Ear
):
    monkeypatch.setattr(module, "INTERVAL", 0.005)
    read = database.read
    failures = 0

    async def fails(*_arguments: object, **_keywords: object) -> None:
        nonlocal failures
        failures += 1
        raise DatabaseUnavailable("gone")

    await ear.feed.start()
    with caplog.at_level(logging.WARNING, "portico.store"):
        monkeypatch.setattr(database, "read", fails)
        await until(lambda: failures > 3)
        monkeypatch.setattr(database, "read", read)
        await database.tx(publish, change("ada", clock))
        await until(lambda: ear.heard == ["ada"])
        await until(lambda: "heard again" in caplog.text)
    await ear.feed.stop()
    assert caplog.text.count("are not heard") == 1


async def test_nobody_starts_without_knowing_what_is_revoked(tmp_path: Path, clock: ManualClock):
    database = Database.open(config.Database(), root=tmp_path)
    with pytest.raises(Exception, match="portico db upgrade"):
        await Feed(database, clock).start()
    database.close()


async def test_another_process_is_heard_within_two_seconds(
    database: Database, database_settings: config.Database, tmp_path: Path, ear: Ear
):
    script = (
        "import sys\nfrom pathlib import Path\nfrom portico import config\nfrom portico.secret import Secret\n"
        "from portico.store import Database\nfrom portico.store.feed import Change, publish\n"
        "db = Database.open(config.Database(url=Secret(sys.argv[1])), root=Path(sys.argv[2]))\n"
        "db.run(publish, Change('user', 'ada', at=1.0, until=4e9))\nprint('published', flush=True)\n"
    )
    await ear.feed.start()
    process = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", script, database_settings.url.reveal(), str(tmp_path)],
        stdout=subprocess.PIPE,
    )
    assert process.stdout == b"published\n"
    published = time.monotonic()
    await until(lambda: ear.heard == ["ada"])
    assert time.monotonic() - published < 2
    await ear.feed.stop()


async def until(true: Callable[[], bool], patience: float = 10.0) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(patience):
        while not true():  # noqa: ASYNC110 - what is waited for knows no event
            await asyncio.sleep(0.005)
