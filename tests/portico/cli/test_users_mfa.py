"""`portico users reset-mfa`: that it is wired; what it does is tested beside `portico.identity.mfa`."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from portico.cli import users_mfa, users_transfer
from portico.identity.users.errors import UserUnknown


def test_the_second_factors_of_somebody_are_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTICO_SECRET", raising=False)
    (tmp_path / "portico.toml").write_text('[server]\nmode = "development"\n')
    (tmp_path / "auth").mkdir()
    (tmp_path / "auth" / "pool.yaml").write_text("title: Shop\n")
    (tmp_path / "specs").mkdir()
    place = ["--project", str(tmp_path)]
    CliRunner().invoke(users_transfer.app, ["import", "-", "--format", "csv", *place], input="username\nada\n")
    done = CliRunner().invoke(users_mfa.app, ["ada", *place])
    assert done.exit_code == 0, done.exception
    assert "ada has no second factor now" in done.stdout
    assert isinstance(CliRunner().invoke(users_mfa.app, ["eve", *place]).exception, UserUnknown)
