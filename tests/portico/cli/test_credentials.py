"""`portico credentials`, and `portico policy explain` for somebody in the pool."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from tests.portico.cli.test_roles import SPEC
from typer.testing import CliRunner

from portico.cli import credentials, policy
from portico.cli.duration import DurationInvalid
from portico.identity.credentials.errors import AccessKeyUnknown, RoleUnknown
from portico.identity.local import open_pool
from portico.identity.users.accounts import NewUser

ROLES = """
roles:
  visitor:
    assigned_to: {signed_in: true}
    statements: [{id: own, effect: allow, api: shop, operations: getOrder, paths: "/orders/${claims.username}/*"}]
  backend:
    statements: [{effect: allow, api: shop, operations: "*"}]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name, text in (
        ("specs/shop.yaml", SPEC),
        ("auth/roles.yaml", ROLES),
        ("auth/pool.yaml", "algorithm: ES256"),
        ("portico.toml", '[server]\nmode = "development"\n'),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def run(shop: Path, *words: str) -> str:
    done = CliRunner().invoke(credentials.app, [*words, "--project", str(shop)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def listed(shop: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(shop, "list", "--json"))
    return found


def resolved(shop: Path, id: str) -> str:
    """The secret that a server would verify with."""

    async def ask() -> str:
        with open_pool(shop) as identity:
            found = identity.credentials.resolve(id, None, time.time())
            return (await found).secret_key.reveal()  # type: ignore[misc]

    return asyncio.run(ask())


def test_a_secret_is_shown_once_and_is_the_one_that_signs(shop: Path) -> None:
    made = json.loads(run(shop, "create", "--role", "backend", "--name", "nightly", "--json"))
    assert resolved(shop, made["id"]) == made["secret_key"]
    (known,) = listed(shop)
    assert (known["id"], known["name"], known["role"], known["expires_at"]) == (made["id"], "nightly", "backend", None)
    assert made["secret_key"] not in run(shop, "list")


def test_a_new_key_can_be_put_into_the_environment(shop: Path) -> None:
    lines = run(shop, "create", "--role", "backend").splitlines()
    names = [line.partition("=")[0] for line in lines if line.startswith("AWS_")]
    assert names == ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]


def test_keys_are_disabled_enabled_rotated_and_deleted(shop: Path) -> None:
    old = json.loads(run(shop, "create", "--role", "backend", "--expires", "90d", "--json"))["id"]
    run(shop, "disable", old)
    assert "disabled" in run(shop, "list")
    run(shop, "enable", old)
    new = json.loads(run(shop, "rotate", old, "--overlap", "1h", "--json"))["id"]
    ends = {one["id"]: one["expires_at"] for one in listed(shop)}
    assert ends[old] is not None
    assert ends[old] < time.time() + 3_700
    assert ends[new] is None
    run(shop, "delete", old)
    assert [one["id"] for one in listed(shop)] == [new]


def test_what_cannot_be_is_told(shop: Path) -> None:
    with pytest.raises(RoleUnknown, match="visitor, backend"):
        run(shop, "create", "--role", "admin")
    with pytest.raises(AccessKeyUnknown, match="There is no access key AKIANONE"):
        run(shop, "disable", "AKIANONE")
    with pytest.raises(DurationInvalid):
        run(shop, "create", "--role", "backend", "--expires", "soon")


def test_what_somebody_may_do_is_explained_with_their_claims(shop: Path) -> None:
    async def create() -> None:
        with open_pool(shop) as identity:
            await identity.users.create(NewUser(username="ada", email="ada@shop.example"))

    asyncio.run(create())
    words = ["explain", "shop", "getOrder", "--project", str(shop), "--json", "--as"]
    own = CliRunner().invoke(policy.app, [*words, "ada", "--path", "/orders/ada/1"])
    assert (own.exit_code, json.loads(own.stdout)["explanation"]["decision"]["statement"]) == (0, "visitor/own")
    assert CliRunner().invoke(policy.app, [*words, "ada", "--path", "/orders/eve/1"]).exit_code == 1
    nobody = CliRunner().invoke(policy.app, [*words, "eve", "--path", "/orders/eve/1"])
    assert isinstance(nobody.exception, policy.UserUnknown)
