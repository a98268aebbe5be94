"""Transactions: all or nothing, as if alone, bounded, and told well when the database is not there."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.portico import postgres

from portico import config
from portico.secret import Secret
from portico.store import Database, DatabaseBusy, DatabaseUnavailable
from portico.store import database as module
from portico.store.tables import changes

own = sa.MetaData()
counters = sa.Table("counters", own, sa.Column("name", sa.String(20), primary_key=True), sa.Column("value", sa.Integer))


@pytest.fixture
def counting(database: Database) -> Iterator[Database]:
    """A database with a table of its own, that goes again."""
    with database.changing() as connection:
        own.create_all(connection)
        connection.execute(counters.insert().values(name="a", value=0))
    yield database
    with database.changing() as connection:
        own.drop_all(connection)


def value(connection: sa.Connection) -> int:
    return connection.execute(sa.select(counters.c.value).where(counters.c.name == "a")).scalar_one()


def increment(connection: sa.Connection) -> int:
    """Reads, then writes: what loses updates where transactions do not run as if alone."""
    now = value(connection)
    connection.execute(counters.update().where(counters.c.name == "a").values(value=now + 1))
    return now + 1


async def test_twenty_at_once_count_to_twenty(counting: Database):
    numbers = await asyncio.gather(*(counting.tx(increment) for _ in range(20)))
    assert sorted(numbers) == list(range(1, 21))
    assert await counting.read(value) == 20


def test_two_processes_count_without_losing_one(counting: Database, database_settings: config.Database, tmp_path: Path):
    script = (
        "import sys\nfrom pathlib import Path\nfrom portico import config\nfrom portico.secret import Secret\n"
        "from portico.store import Database\nfrom sqlalchemy import text\n"
        "db = Database.open(config.Database(url=Secret(sys.argv[1])), root=Path(sys.argv[2]))\n"
        "def increment(c):\n"
        "    now = c.execute(text('SELECT value FROM counters')).scalar_one()\n"
        "    c.execute(text('UPDATE counters SET value = :v'), {'v': now + 1})\n"
        "for _ in range(40): db.run(increment)\n"
    )
    command = [sys.executable, "-c", script, database_settings.url.reveal(), str(tmp_path)]
    processes = [subprocess.Popen(command) for _ in range(2)]
    for _ in range(20):
        counting.run(increment)
    assert [process.wait(60) for process in processes] == [0, 0]
    assert counting.look(value) == 100


async def test_what_raises_is_undone(counting: Database):
    def fails(connection: sa.Connection) -> None:
        increment(connection)
        raise LookupError("in the middle")

    with pytest.raises(LookupError):
        await counting.tx(fails)
    assert await counting.read(value) == 0


async def test_a_function_that_only_reads_cannot_write(counting: Database):
    with pytest.raises((DatabaseUnavailable, sa.exc.DBAPIError), match=r"(?i)read-?only"):
        await counting.read(increment)
    assert await counting.tx(increment) == 1


async def test_a_reader_sees_one_moment_and_waits_for_no_writer(counting: Database):
    def reads(connection: sa.Connection) -> tuple[int, int]:
        before = value(connection)
        other = threading.Thread(target=counting.run, args=(increment,))
        other.start()
        other.join(10)
        assert not other.is_alive()
        return before, value(connection)

    assert await asyncio.to_thread(counting.look, reads) == (0, 0)
    assert await counting.read(value) == 1


async def test_a_broken_constraint_is_for_the_caller_to_tell(counting: Database):
    with pytest.raises(sa.exc.IntegrityError):
        await counting.tx(lambda connection: connection.execute(counters.insert().values(name="a", value=1)))


async def test_a_row_made_by_another_meanwhile_is_seen_in_the_second_attempt(counting: Database):
    """PostgreSQL may tell a conflict as a broken constraint; SQLite lets nobody in between."""
    both_looked = threading.Barrier(2, timeout=2)

    def once(connection: sa.Connection) -> str:
        found = connection.execute(sa.select(counters).where(counters.c.name == "b")).one_or_none()
        if not counting.is_sqlite and not both_looked.broken:
            try:
                both_looked.wait()
            except threading.BrokenBarrierError:
                pass
            else:
                both_looked.abort()
        if found is None:
            connection.execute(counters.insert().values(name="b", value=1))
            return "made"
        return "found"

    assert sorted(await asyncio.gather(counting.tx(once), counting.tx(once))) == ["found", "made"]


async def test_who_is_too_many_is_told_at_once(counting: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "WAITING", 10)
    may_go = threading.Event()

    def waits(connection: sa.Connection) -> None:
        may_go.wait(10)

    waiting = [asyncio.create_task(counting.read(waits)) for _ in range(10)]
    await asyncio.sleep(0)  # lets them begin
    with pytest.raises(DatabaseBusy, match="Try again"):
        await counting.read(value)
    may_go.set()
    await asyncio.gather(*waiting)
    assert await counting.read(value) == 0


async def test_the_event_loop_goes_on_while_the_database_works(counting: Database):
    may_go = threading.Event()
    task = asyncio.create_task(counting.tx(lambda connection: may_go.wait(10)))
    await asyncio.sleep(0)
    may_go.set()  # only a loop that is free comes here
    assert await task


async def test_what_was_cancelled_before_it_began_does_not_happen(counting: Database):
    may_go = threading.Event()
    running = [asyncio.create_task(counting.read(lambda connection: may_go.wait(10))) for _ in range(8)]
    await asyncio.sleep(0)
    late = asyncio.create_task(counting.tx(increment))
    await asyncio.sleep(0)
    late.cancel()
    with pytest.raises(asyncio.CancelledError):
        await late
    may_go.set()
    await asyncio.gather(*running)
    assert await counting.read(value) == 0


async def test_a_closed_database_says_so(counting: Database, database_settings: config.Database, tmp_path: Path):
    other = Database.open(database_settings, root=tmp_path)
    other.close()
    with pytest.raises(DatabaseUnavailable, match="closed"):
        await other.read(value)


async def test_json_numbers_and_bytes_come_back_as_they_were(database: Database):
    row = {"kind": "k", "subject": "ü", "value": {"groups": ["a", "ß"]}, "at": 1_800_000_000.123456, "until": 2.5}
    await database.tx(lambda connection: connection.execute(changes.insert().values(**row)))
    found = await database.read(lambda connection: connection.execute(sa.select(changes)).one())
    assert {name: getattr(found, name) for name in row} == row


# What is not there


async def test_postgresql_may_go_and_come_back(tmp_path: Path):
    try:
        with postgres.running() as cluster:
            database = Database.open(config.Database(url=Secret(cluster.url("postgres")), connections=2), root=tmp_path)
            one = sa.text("SELECT 1")
            assert (await database.read(lambda connection: connection.execute(one).scalar_one())) == 1
            cluster.stop()
            with pytest.raises(DatabaseUnavailable):
                await database.tx(lambda connection: connection.execute(one).scalar_one())
            cluster.start()
            assert (await database.tx(lambda connection: connection.execute(one).scalar_one())) == 1
            database.close()
    except postgres.Unavailable as error:
        pytest.skip(str(error))


async def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path):
    path = tmp_path / ".portico" / "portico.sqlite3"
    path.parent.mkdir()
    path.write_bytes(b"somebody's letter, which is longer than a header" * 10)
    database = Database.open(config.Database(), root=tmp_path)
    with pytest.raises(DatabaseUnavailable, match="not a database"):
        await database.read(lambda connection: connection.execute(sa.text("SELECT 1")))
    assert path.read_bytes().startswith(b"somebody's letter")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://shop:hunter2@db/shop", "not on mysql"),
        ("hunter2", "no URL of a database"),
    ],
)
def test_other_databases_are_refused_without_their_password(url: str, why: str, tmp_path: Path):
    with pytest.raises(DatabaseUnavailable, match=why) as caught:
        Database.open(config.Database(url=Secret(url)), root=tmp_path)
    assert "hunter2" not in str(caught.value)


async def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path):
    url = f"postgresql://shop:hunter2@/shop?host={tmp_path}"
    database = Database.open(config.Database(url=Secret(url)), root=tmp_path)
    with pytest.raises(DatabaseUnavailable) as caught:
        await database.read(lambda connection: None)
    assert "hunter2" not in f"{caught.value!r} {database.engine.url}"


# The embedded file


def test_only_its_owner_may_read_the_file(tmp_path: Path):
    database = Database.open(config.Database(), root=tmp_path)
    with database.changing() as connection:
        own.create_all(connection)
    folder = tmp_path / ".portico"
    assert oct(folder.stat().st_mode)[-3:] == "700"
    assert {path.name: oct(path.stat().st_mode)[-3:] for path in folder.iterdir()} == {
        "portico.sqlite3": "600",
        "portico.sqlite3-shm": "600",
        "portico.sqlite3-wal": "600",
    }
    database.close()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_file_that_another_program_holds_is_busy(counting: Database, tmp_path: Path):
    await counting.read(lambda connection: connection.connection.execute("PRAGMA busy_timeout=10"))
    other = sqlite3.connect(tmp_path / ".portico" / "portico.sqlite3")
    other.execute("BEGIN IMMEDIATE")
    assert await counting.read(value) == 0
    with pytest.raises(DatabaseBusy):
        await counting.tx(increment)
    other.rollback()
    other.close()
    assert await counting.tx(increment) == 1


async def test_who_makes_the_file_meanwhile_is_waited_for(tmp_path: Path):
    """SQLite tells at once that it is busy where the write-ahead log is turned on, whatever its timeout."""
    (tmp_path / ".portico").mkdir()
    with contextlib.closing(sqlite3.connect(tmp_path / ".portico/portico.sqlite3", isolation_level=None)) as other:
        other.execute("CREATE TABLE made (x)")
        other.execute("BEGIN IMMEDIATE")
        database = Database.open(config.Database(), root=tmp_path)
        found = asyncio.create_task(database.read(lambda connection: connection.execute(sa.text("SELECT 1")).scalar()))
        await asyncio.sleep(0.2)
        other.execute("COMMIT")
        assert await found == 1
    database.close()


def test_a_process_that_is_killed_in_the_middle_leaves_whole_transactions(tmp_path: Path):
    script = (
        "import sys\nfrom pathlib import Path\nfrom portico import config\nfrom portico.store import Database\n"
        "from sqlalchemy import text\n"
        "db = Database.open(config.Database(), root=Path(sys.argv[1]))\n"
        "with db.changing() as c:\n"
        "    c.execute(text('CREATE TABLE left_side (n INTEGER, filler TEXT)'))\n"
        "    c.execute(text('CREATE TABLE right_side (n INTEGER, filler TEXT)'))\n"
        "def both(c, n):\n"
        "    c.execute(text('INSERT INTO left_side VALUES (:n, :f)'), {'n': n, 'f': 'x' * 20_000})\n"
        "    c.execute(text('INSERT INTO right_side VALUES (:n, :f)'), {'n': n, 'f': 'x' * 20_000})\n"
        "n = 0\n"
        "while True:\n    db.run(both, n)\n    n += 1\n    print(n, flush=True)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = 0
    while told < 100:
        told = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    told = max([told, *(int(line) for line in process.stdout.read().split())])
    process.wait()
    database = Database.open(config.Database(), root=tmp_path)

    def counts(connection: sa.Connection) -> list[int | str]:
        texts = ["SELECT count(*) FROM left_side", "SELECT count(*) FROM right_side", "PRAGMA integrity_check"]
        return [connection.execute(sa.text(text)).scalar_one() for text in texts]

    left, right, whole = database.look(counts)
    assert left == right >= told
    assert whole == "ok"
    database.close()


def test_waiting_for_a_conflict_is_bounded():
    longest = sum(min(module.PAUSE * 2**attempt, module.LONGEST_PAUSE) for attempt in range(module.ATTEMPTS))
    assert longest < 10  # seconds, in the worst case


def test_a_change_of_tables_that_loses_what_rows_refer_to_is_undone(database: Database):
    family = sa.MetaData()
    parents = sa.Table("parents", family, sa.Column("id", sa.Integer, primary_key=True))
    children = sa.Table("children", family, sa.Column("parent", sa.ForeignKey("parents.id")))
    with database.changing() as connection:
        family.create_all(connection)
        connection.execute(parents.insert().values(id=1))
        connection.execute(children.insert().values(parent=1))
    with pytest.raises((DatabaseUnavailable, sa.exc.IntegrityError)), database.changing() as connection:
        connection.execute(parents.delete())
    with pytest.raises(sa.exc.IntegrityError):  # references are watched again
        database.run(lambda connection: connection.execute(children.insert().values(parent=2)))
    with database.changing() as connection:
        assert connection.execute(sa.select(parents)).one() == (1,)
        family.drop_all(connection)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_transaction_after_a_reading_one_is_serializable_again(database: Database):
    isolation = sa.text("SHOW transaction_isolation")

    def asked(connection: sa.Connection) -> str:
        return str(connection.execute(isolation).scalar_one())

    assert [await database.read(asked), await database.tx(asked)] == ["repeatable read", "serializable"]
    with database.changing() as connection:
        assert asked(connection) == "read committed"
    assert await asyncio.to_thread(database.run, asked) == "serializable"
