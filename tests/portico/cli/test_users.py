"""`portico users`: what operators do with people, and `portico audit`: what is left of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from portico.cli import audit, users
from portico.errors import ConfigError
from portico.identity.users.errors import GroupUnknown, NameTaken, PasswordRefused, UserUnknown

POOL = "groups:\n  staff: {}\nattributes:\n  nickname: {}\n"
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    (tmp_path / "portico.toml").write_text('[server]\nmode = "development"\n')
    (tmp_path / "auth").mkdir()
    (tmp_path / "auth" / "pool.yaml").write_text(POOL)
    (tmp_path / "specs").mkdir()
    monkeypatch.delenv("PORTICO_SECRET", raising=False)
    app = typer.Typer()
    app.add_typer(users.app, name="users")
    app.command("audit")(audit.audit)

    def run(text: str, *, stdin: str = "") -> Result:
        return CliRunner().invoke(app, [*text.split(), "--project", str(tmp_path)], input=stdin)

    return run


def test_a_life_at_the_command_line(run: Run) -> None:
    made = json.loads(run("users create Ada --email ada@example.com --verified --group staff --json").stdout)
    assert (made["status"], made["groups"], len(made["password"])) == ("new_password_required", ["staff"], 29)
    assert (
        "is there" in run("users create bob --attribute nickname=Bobby --password-stdin", stdin="a fine pass\n").stdout
    )
    assert [row["username"] for row in json.loads(run("users list --json").stdout)] == ["Ada", "bob"]
    assert run("users list --group staff").stdout.count("\n") == 2
    assert "declares no group staf" in str(run("users list --group staf").exception)
    assert json.loads(run("users show bob --json").stdout)["attributes"] == {"nickname": "Bobby"}
    assert run("users show bob").stdout.startswith("id ")  # no line for headings that are empty
    assert "Countess" not in run("users show ada@example.com").stdout
    assert "now in staff" in run("users groups add bob staff").stdout
    assert "already in staff" in run("users groups add bob staff").stdout
    assert "no longer in staff" in run("users groups remove bob staff").stdout
    assert "is disabled" in run("users disable bob").stdout
    assert json.loads(run("users show bob --json").stdout)["enabled"] is False
    assert "is enabled" in run("users enable bob").stdout
    assert "signed out everywhere" in run("users sign-out bob").stdout
    reset = run("users reset-password bob")
    assert reset.stdout.splitlines()[-1].endswith("-Z")
    assert json.loads(run("users show bob --json").stdout)["status"] == "new_password_required"
    assert run("users delete bob", stdin="n\n").exit_code == 1
    gone = run("users delete bob --yes").stdout
    assert "is deleted" in gone
    assert isinstance(run("users show bob").exception, UserUnknown)

    entries = json.loads(run(f"audit --user {gone.split()[-1].rstrip('.')} --json").stdout)
    assert [entry["event"] for entry in entries] == [
        "user_created",
        "group_added",
        "group_removed",
        "user_disabled",
        "user_enabled",
        "sign_out_everywhere",
        "password_changed",
        "user_deleted",
    ]
    assert {entry["address"] for entry in entries} == {"local"}
    assert "Ada" in run("audit --event user_created --since 1h").stdout
    assert run("audit --since 2100-01-01").stdout == ""


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("users create ada --group stuff", GroupUnknown),
        ("users create aDa", NameTaken),
        ("users create ada --attribute nickname", ConfigError),
        ("users reset-password ada --password-stdin", PasswordRefused),
        ("users disable nobody", UserUnknown),
        ("audit --event sign_on", ConfigError),
        ("audit --since yesterday", ConfigError),
    ],
)
def test_what_cannot_be_done_says_why(run: Run, text: str, error: type[Exception]) -> None:
    run("users create ada")
    assert isinstance(run(text, stdin="short\n").exception, error)


def test_markup_in_what_somebody_sent_is_shown_as_it_is(run: Run) -> None:
    run("users create ada --attribute nickname=[red]\u202ecod")
    shown = run("users show ada").stdout
    assert "[red]" in shown
    assert "\u202e" not in shown


def test_the_log_is_followed_until_somebody_stops_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("users create ada")
    looks = iter(["users disable ada", "users enable ada"])

    def pause(_seconds: float) -> None:
        text = next(looks, None)
        if text is None:
            raise KeyboardInterrupt
        run(text)

    monkeypatch.setattr(time, "sleep", pause)
    done = run("audit --follow --json")
    assert done.exit_code == 0
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == [
        "user_created",
        "user_disabled",
        "user_enabled",
    ]


def test_every_command_shows_an_example(run: Run) -> None:
    for text in ("create", "show", "list", "disable", "enable", "delete", "reset-password", "sign-out"):
        assert f"portico users {text}" in CliRunner().invoke(users.app, [text, "--help"]).stdout
