"""`portico roles` and `portico policy explain`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from portico.access import RolesInvalid
from portico.cli import policy, roles
from portico.errors import ConfigError

SPEC = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: /shop}]
paths:
  /orders/{owner}/{id}:
    parameters:
      - {name: owner, in: path, required: true, schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: string}}
    get: {operationId: getOrder, security: [], responses: {"200": {description: An order}}}
  /orders:
    post: {operationId: placeOrder, security: [], responses: {"201": {description: Placed}}}
    get: {operationId: listOrders, security: [], responses: {"200": {description: Orders}}}
"""
ROLES = """
roles:
  stranger:
    description: "[red]Who is not signed in"
    assigned_to: {guests: true}
    statements:
      - {id: look, effect: allow, api: shop, operations: listOrders}
      - {id: home, effect: allow, api: shop, operations: getOrder, paths: "/orders/public/*", from: 10.0.0.0/8}
  batch: {}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name, text in (("specs/shop.yaml", SPEC), ("auth/roles.yaml", ROLES), ("auth/pool.yaml", "guests: true")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def explained(shop: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(policy.app, ["explain", "--project", str(shop), *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_the_roles_are_listed_with_who_gets_them(shop: Path) -> None:
    done = CliRunner().invoke(roles.app, ["list", "--project", str(shop)])
    assert done.exit_code == 0
    assert "[red]Who is not signed in" in done.output
    found = json.loads(CliRunner().invoke(roles.app, ["list", "--json", "--project", str(shop)]).output)
    assert [(one["role"], one["assigned_to"]) for one in found] == [("stranger", "guests"), ("batch", "nobody")]


def test_a_role_shows_what_it_decides(shop: Path) -> None:
    done = CliRunner().invoke(roles.app, ["show", "stranger", "--json", "--project", str(shop)])
    decisions = {one["operation"]: one["decision"] for one in json.loads(done.output)["operations"]}
    assert decisions == {"getOrder": "depends", "placeOrder": "denied", "listOrders": "allowed"}
    unknown = CliRunner().invoke(roles.app, ["show", "admin", "--project", str(shop)])
    assert isinstance(unknown.exception, roles.RoleUnknown)


def test_faults_of_the_roles_are_told(shop: Path) -> None:
    (shop / "auth/roles.yaml").write_text("roles: {a: {statements: [{effect: allow, api: shp, operations: x}]}}")
    done = CliRunner().invoke(roles.app, ["list", "--project", str(shop)])
    assert isinstance(done.exception, RolesInvalid)
    (shop / "auth/pool.yaml").unlink()
    done = CliRunner().invoke(roles.app, ["list", "--project", str(shop)])
    assert isinstance(done.exception, ConfigError)


def test_an_allowed_call_is_explained_by_its_statement(shop: Path) -> None:
    code, said = explained(shop, "shop", "listOrders")
    assert code == 0
    assert "allowed" in said
    assert "stranger/look" in said


def test_a_denied_call_says_which_condition_fails_and_fails_itself(shop: Path) -> None:
    code, said = explained(shop, "shop", "getOrder", "--path", "/orders/public/1", "--json")
    assert code == 1
    (considered,) = json.loads(said)["explanation"]["considered"]
    assert [(step["holds"]) for step in considered["steps"]] == ["yes", "no"]
    code, _ = explained(shop, "shop", "getOrder", "--path", "/orders/public/1", "--from", "10.2.3.4")
    assert code == 0


def test_a_path_is_asked_for_where_it_decides(shop: Path) -> None:
    with pytest.raises(policy.PathNeeded, match="--path"):
        explained(shop, "shop", "getOrder")


def test_another_role_can_be_tried(shop: Path) -> None:
    code, said = explained(shop, "shop", "listOrders", "--role", "batch")
    assert code == 1
    assert "may take: stranger" in said
    assert explained(shop, "shop", "listOrders", "--role", "nobody")[0] == 1


def test_a_time_that_is_none_is_refused(shop: Path) -> None:
    assert explained(shop, "shop", "listOrders", "--at", "2026-12-24T20:00:00Z")[0] == 0
    with pytest.raises(policy.TimeInvalid):
        explained(shop, "shop", "listOrders", "--at", "noon")
