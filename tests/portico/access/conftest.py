"""A project with two designs, whose roles a test writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from portico import design
from portico.access import Call, Principal, Roles
from portico.design.model import Api
from portico.identity.settings import Client, Group, PoolSettings

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: /shop}]
paths:
  /orders/{owner}/{id}:
    parameters:
      - {name: owner, in: path, required: true, schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: string}}
    get: {operationId: getOrder, security: [], responses: {"200": {description: An order}}}
    delete: {operationId: deleteOrder, security: [], responses: {"204": {description: Gone}}}
  /orders:
    get: {operationId: listOrders, security: [], responses: {"200": {description: Orders}}}
    post: {operationId: placeOrder, security: [], responses: {"201": {description: Placed}}}
  /files/{rest}:
    get:
      operationId: getFile
      security: []
      parameters: [{name: rest, in: path, required: true, schema: {type: string, format: path}}]
      responses: {"200": {description: A file}}
"""
BLOG = """
openapi: 3.1.0
info: {title: Blog, version: "1"}
servers: [{url: /blog}]
paths:
  /posts:
    get: {operationId: listPosts, security: [], responses: {"200": {description: Posts}}}
"""
SETTINGS = PoolSettings(
    guests=True,
    groups={"florists": Group(), "managers": Group()},
    clients={"web": Client(), "partner": Client(consent=True)},
)
NOON = 1_800_014_400.0  # Friday 2027-01-15 12:00 UTC

Load = Callable[..., Roles]


@pytest.fixture(scope="session")
def apis(tmp_path_factory: pytest.TempPathFactory) -> tuple[Api, ...]:
    folder = tmp_path_factory.mktemp("specs")
    for name, text in (("shop", SHOP), ("blog", BLOG)):
        (folder / f"{name}.yaml").write_text(text)
    return tuple(design.read(folder / f"{name}.yaml", root=folder) for name in ("shop", "blog"))


@pytest.fixture
def load(tmp_path: Path, apis: tuple[Api, ...]) -> Load:
    """Writes auth/roles.yaml and reads it."""

    def written(text: str, settings: PoolSettings = SETTINGS) -> Roles:
        write(tmp_path, text)
        return Roles.load(tmp_path, settings, apis=apis)

    return written


def write(root: Path, text: str) -> None:
    path = root / "auth" / "roles.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(dedent(text))


def call(operation: str = "listOrders", path: str = "/orders", **more: object) -> Call:
    """A call of an operation of the shop."""
    known: dict[str, object] = {"api": "shop", "address": "192.0.2.7", "at": NOON, **more}
    return Call(operation=operation, path=path, **known)  # type: ignore[arg-type]


def somebody(role: str = "buyer", **claims: object) -> Principal:
    """Somebody with all their claims known."""
    return Principal(role=role, subject=str(claims.get("sub", "ada")), claims=claims)
