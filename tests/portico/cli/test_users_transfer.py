"""`portico users import` and `export`: that they are wired; the rest is tested beside `portico.identity.transfer`."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from portico.cli.users_transfer import app
from portico.errors import PorticoError

POOL = "attributes:\n  nickname: {}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "portico.toml").write_text('[server]\nmode = "development"\n')
    (tmp_path / "auth").mkdir()
    (tmp_path / "auth" / "pool.yaml").write_text(POOL)
    (tmp_path / "specs").mkdir()
    monkeypatch.delenv("PORTICO_SECRET", raising=False)
    return tmp_path


Run = Callable[..., Result]


@pytest.fixture
def run(project: Path) -> Run:
    def run(*words: object, stdin: str = "") -> Result:
        return CliRunner().invoke(app, [*map(str, words), "--project", str(project)], input=stdin)

    return run


def test_people_come_and_go(run: Run, project: Path) -> None:
    people = project / "people.csv"
    people.write_text("username,attributes.nickname\nada,Countess\nev il,\nbob,\n")
    done = run("import", people)
    assert done.exit_code == 1
    assert "2 added, 0 there already, 1 refused" in done.stdout
    assert f"{people.name}:3: username: Use 1 to 64 letters" in done.stderr
    again = run("import", people, "--json")
    assert json.loads(again.stdout)["present"] == 2
    assert json.loads(again.stdout)["refusals"][0]["line"] == 3

    out = project / "out.jsonl"
    assert run("export", out, "--with-hashes").exit_code == 0
    assert [json.loads(line)["username"] for line in out.read_text().splitlines()] == ["ada", "bob"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert run("import", out).exit_code == 0


def test_a_file_that_is_there_is_not_written_over(run: Run, project: Path) -> None:
    out = project / "out.csv"
    out.write_text("mine")
    assert isinstance(run("export", out).exception, PorticoError)
    assert out.read_text() == "mine"


def test_pipes(run: Run) -> None:
    done = run("import", "-", "--format", "jsonl", stdin='{"username": "ada"}\n')
    assert done.exit_code == 0
    assert "id,username,email" in run("export", "-", "--format", "csv").stdout


@pytest.mark.parametrize("words", [("import", "people.xlsx"), ("import", "nothing.csv"), ("export", "people.xlsx")])
def test_what_cannot_be_done_says_why(run: Run, words: tuple[str, str]) -> None:
    assert isinstance(run(*words).exception, PorticoError)
