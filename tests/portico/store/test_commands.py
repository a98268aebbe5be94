"""`portico db` and `portico secret`, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from portico import config
from portico.cli import db, secret, terminal
from portico.errors import PorticoError
from portico.store import Database, Secrets, schema

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path, database_settings: config.Database, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose database has the tables of `create_all`, and no revision."""
    monkeypatch.delenv("PORTICO_SECRET", raising=False)
    (tmp_path / "portico.toml").touch()
    (tmp_path / "specs").mkdir()
    if database_settings.url:
        monkeypatch.setenv("PORTICO_DATABASE_URL", database_settings.url.reveal())
    return tmp_path


@pytest.fixture
def stamped(project: Path, database: Database) -> Path:
    """A project whose tables are current."""
    from alembic import command

    with database.changing() as connection:
        command.stamp(schema.configuration(connection), "head")
    return project


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], project: Path) -> Run:
    """Run a command: its exit status and what it printed."""

    def run(app: typer.Typer, *words: str) -> tuple[int, str, str]:
        terminal.out.cache_clear()
        terminal.err.cache_clear()
        try:
            status = app([*words, "--project", str(project)], standalone_mode=False)
        except PorticoError as error:
            terminal.fail(error)
            status = 2
        shown = capsys.readouterr()
        return int(status or 0), shown.out, shown.err

    return run


def test_the_status_of_current_tables_is_zero(stamped: Path, run: Run, kind: str):
    status, out, _ = run(db.app, "status", "--json")
    told = json.loads(out)
    assert (status, told["database"], told["missing"]) == (0, kind, [])
    assert told["found"] == told["wanted"]
    assert run(db.app, "upgrade")[1].startswith("The database is current")


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_an_empty_database_is_upgraded(project: Path, run: Run):
    for path in (project / ".portico").iterdir():
        path.unlink()
    assert run(db.app, "status")[0] == 1
    status, out, _ = run(db.app, "upgrade")
    revisions = ("0001 initial", "0002 api keys usage and quotas", "0003 device codes")
    assert (status, out) == (0, "".join(f"applied {one}\n" for one in revisions))
    assert run(db.app, "status")[0] == 0


def test_a_backup_is_a_database_or_says_how_to_make_one(stamped: Path, run: Run, kind: str, tmp_path: Path):
    file = tmp_path / "copy.sqlite3"
    status, out, err = run(db.app, "backup", str(file))
    if kind == "postgresql":
        assert (status, "pg_dump" in err) == (2, True)
        return
    assert (status, file.is_file(), "wrote" in out) == (0, True, True)
    assert run(db.app, "backup", str(file))[0] == 2


def test_a_secret_is_made_once(project: Path, run: Run):
    status, out, err = run(secret.app, "new")
    made = (project / ".portico" / "secret").read_text().strip()
    assert (status, err) == (0, "")
    assert made not in out
    status, _, err = run(secret.app, "new")
    assert (status, "rotate" in err) == (2, True)
    assert (project / ".portico" / "secret").read_text().strip() == made


def test_a_printed_secret_is_one(project: Path, run: Run):
    _, out, _ = run(secret.app, "new", "--print")
    assert Secrets(out.strip())
    assert not (project / ".portico" / "secret").exists()


def test_a_rotation_from_beginning_to_end(stamped: Path, run: Run):
    run(secret.app, "new")
    file = stamped / ".portico" / "secret"
    old = file.read_text().split()
    status, out, _ = run(secret.app, "rotate")
    assert (status, "--forget-old" in out, "LOST" in out) == (0, True, True)
    new, *earlier = file.read_text().split()
    assert earlier == old
    status, out, err = run(secret.app, "rotate", "--forget-old")
    assert (status, file.read_text().split()) == (0, [new])
    assert "dropped 1 earlier secret." in out
    assert not {new, *old} & set((out + err).split())


def test_a_rotation_before_there_are_tables_seals_nothing(project: Path, run: Run):
    run(secret.app, "new")
    assert run(secret.app, "rotate")[0] == 0


def test_a_secret_in_the_environment_is_rotated_by_hand(stamped: Path, run: Run, monkeypatch: pytest.MonkeyPatch):
    old = Secrets.generate()
    monkeypatch.setenv("PORTICO_SECRET", old)
    status, out, err = run(secret.app, "rotate")
    assert status == 0
    assert old not in out + err
    monkeypatch.setenv("PORTICO_SECRET", f"{out.strip()} {old}")
    assert run(secret.app, "rotate", "--reseal")[0] == 0
    status, _, err = run(secret.app, "rotate", "--forget-old")
    assert (status, "where it is set" in err) == (2, True)


def test_a_database_that_cannot_be_reached_leaves_the_secret_alone(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
):
    run(secret.app, "new")
    before = (project / ".portico" / "secret").read_text()
    monkeypatch.setenv("PORTICO_DATABASE_URL", f"postgresql://shop:hunter2@/shop?host={project}")
    status, _, err = run(secret.app, "rotate")
    assert (status, "hunter2" in err) == (2, False)
    assert (project / ".portico" / "secret").read_text() == before
