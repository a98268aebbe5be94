"""A copy of the embedded database, made while others write."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from portico import config
from portico.store import CannotBackUp, Database
from portico.store.backup import backup

own = sa.MetaData()
sides = [sa.Table(side, own, sa.Column("n", sa.Integer), sa.Column("filler", sa.Text)) for side in ("west", "east")]


@pytest.fixture
def busy(tmp_path: Path) -> Database:
    """A database of several thousand pages."""
    database = Database.open(config.Database(), root=tmp_path)
    with database.changing() as connection:
        own.create_all(connection)
        for side in sides:
            connection.execute(side.insert(), [{"n": n, "filler": "x" * 3_000} for n in range(2_000)])
    return database


def both(connection: sa.Connection) -> None:
    for side in sides:
        connection.execute(side.insert().values(n=-1, filler="more"))


def counts(path: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(path)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return copy.execute("SELECT (SELECT count(*) FROM west), (SELECT count(*) FROM east)").fetchone()


def test_a_copy_made_while_others_write_is_of_one_moment_and_opens(busy: Database, tmp_path: Path):
    may_stop, steps = threading.Event(), []
    writes = 0

    def write() -> None:
        nonlocal writes
        while not may_stop.is_set():
            busy.run(both)
            writes += 1

    writer = threading.Thread(target=write)
    writer.start()
    copy = tmp_path / "copy.sqlite3"
    backup(busy, copy, progress=lambda done, total: steps.append((done, total)))
    may_stop.set()
    writer.join()
    left, right = counts(copy)
    assert left == right >= 2_000
    assert writes > 0
    assert len(steps) > 5  # in steps, and each page once: it never began again
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert oct(copy.stat().st_mode)[-3:] == "600"
    assert {path.name for path in tmp_path.iterdir()} == {".portico", "copy.sqlite3"}
    busy.close()


def test_a_copy_takes_the_place_of_the_database(busy: Database, tmp_path: Path):
    copy = tmp_path / "copy.sqlite3"
    backup(busy, copy)
    busy.run(both)
    busy.close()
    for path in (tmp_path / ".portico").iterdir():
        path.unlink()
    copy.rename(tmp_path / ".portico" / "portico.sqlite3")
    restored = Database.open(config.Database(), root=tmp_path)
    restored.run(both)
    restored.close()
    assert counts(tmp_path / ".portico" / "portico.sqlite3") == (2_001, 2_001)


def test_no_file_is_written_over(busy: Database, tmp_path: Path):
    letter = tmp_path / "letter"
    letter.write_text("Dear Ada")
    with pytest.raises(CannotBackUp, match="there already"):
        backup(busy, letter)
    assert letter.read_text() == "Dear Ada"
    busy.close()


def test_what_stops_in_the_middle_leaves_nothing(busy: Database, tmp_path: Path):
    def stops(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup(busy, tmp_path / "copy.sqlite3", progress=stops)
    assert {path.name for path in tmp_path.iterdir()} == {".portico"}
    busy.close()


def test_a_folder_that_is_not_there_is_told(busy: Database, tmp_path: Path):
    with pytest.raises(CannotBackUp, match="No such file"):
        backup(busy, tmp_path / "nowhere" / "copy.sqlite3")
    busy.close()


def test_a_project_without_a_database_has_nothing_to_copy(tmp_path: Path):
    database = Database.open(config.Database(), root=tmp_path)
    with pytest.raises(CannotBackUp, match="no database yet"):
        backup(database, tmp_path / "copy.sqlite3")


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_postgresql_has_tools_of_its_own(database: Database, tmp_path: Path):
    with pytest.raises(CannotBackUp, match="pg_dump"):
        backup(database, tmp_path / "copy.sqlite3")
