"""`portico clients` and `portico pool`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from portico.cli import clients, pool
from portico.errors import ConfigError
from portico.identity.oidc.errors import ClientExists, UnknownClient

POOL = """
algorithm: ES256
clients:
  chat: {redirect_uris: [/]}
  back: {type: confidential, redirect_uris: [https://back.example/cb]}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name, text in (("auth/pool.yaml", POOL), ("portico.toml", '[server]\nmode = "development"\n')):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "specs").mkdir()
    return tmp_path


def run(app: typer.Typer, shop: Path, *words: str) -> str:
    done = CliRunner().invoke(app, [*words, "--project", str(shop)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def data(app: typer.Typer, shop: Path, *words: str) -> Any:
    return json.loads(run(app, shop, *words, "--json"))


def test_clients_of_the_file_and_of_the_database_are_listed(shop: Path) -> None:
    made = data(clients.app, shop, "create", "partner", "--redirect-uri", "https://p.example/cb", "--consent")
    assert made["consent"] is True
    listed = data(clients.app, shop, "list")
    assert [(row["client_id"], row["from"]) for row in listed] == [
        ("chat", "auth/pool.yaml"),
        ("back", "auth/pool.yaml"),
        ("partner", "database"),
    ]
    table = run(clients.app, shop, "list")
    assert "partner" in table
    assert "authorization_code, refresh_token" in table  # always in this order
    assert "https://p.example/cb" in run(clients.app, shop, "show", "partner")
    with pytest.raises(ClientExists):
        run(clients.app, shop, "create", "partner", "--redirect-uri", "https://p.example/cb")
    run(clients.app, shop, "delete", "partner")
    with pytest.raises(UnknownClient):
        run(clients.app, shop, "show", "partner")


def test_a_secret_is_the_only_thing_on_standard_output(shop: Path) -> None:
    first = run(clients.app, shop, "secret", "back").strip()
    assert len(first) == 43
    assert data(clients.app, shop, "secret", "back")["secret"] != first
    with pytest.raises(UnknownClient, match="confidential"):
        run(clients.app, shop, "secret", "chat")


def test_a_client_that_cannot_be_is_refused_with_the_reason(shop: Path) -> None:
    with pytest.raises(ConfigError, match="http is for this machine only"):
        run(clients.app, shop, "create", "odd", "--redirect-uri", "http://odd.example/")
    with pytest.raises(ConfigError, match="password"):
        run(clients.app, shop, "create", "odd", "--grant", "password")


def test_keys_are_listed_and_rotated(shop: Path) -> None:
    first = data(pool.app, shop, "rotate-keys")  # the first one signs at once
    second = data(pool.app, shop, "rotate-keys")
    assert [(row["kid"], row["state"]) for row in data(pool.app, shop, "keys")] == [
        (first["kid"], "active"),
        (second["kid"], "published"),
    ]
    assert "signs from" in run(pool.app, shop, "rotate-keys", "--withdraw")
    (left,) = data(pool.app, shop, "keys")
    assert left["state"] == "active"
    assert left["kid"] not in (first["kid"], second["kid"])
