"""Roles in a whole project: requests that are really signed, routed and decided."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portico import testing
from portico.secret import Secret
from portico.signing import Credentials, sign

SPEC = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: /shop/v1}]
security: [{sigv4: []}]
components:
  securitySchemes:
    sigv4: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: awsSigv4}
paths:
  /orders/{owner}/{number}:
    get:
      operationId: getOrder
      parameters:
        - {name: owner, in: path, required: true, schema: {type: string}}
        - {name: number, in: path, required: true, schema: {type: string}}
      responses: {"200": {description: An order, content: {application/json: {schema: {type: object}}}}}
  /orders:
    get:
      operationId: listOrders
      responses: {"200": {description: Orders, content: {application/json: {schema: {type: object}}}}}
"""
HANDLERS = """
def get_order(owner, number, ctx):
    return {"owner": owner, "role": ctx.caller.role, "username": ctx.caller.username}

def list_orders(ctx):
    return {"key": ctx.caller.key}
"""
ROLES = """
roles:
  visitor:
    assigned_to: {signed_in: true}
    statements: [{effect: allow, api: shop, operations: getOrder, paths: "/orders/${claims.username}/*"}]
  clerk:
    assigned_to: {groups: [clerks]}
    statements:
      - {effect: allow, api: shop, operations: "*"}
      - {effect: deny, api: shop, operations: getOrder, paths: "/orders/board/**"}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[testing.Client]:
    for name, text in (
        ("specs/shop.yaml", SPEC),
        ("handlers/__init__.py", ""),
        ("handlers/shop.py", HANDLERS),
        ("auth/roles.yaml", ROLES),
        ("auth/pool.yaml", "algorithm: ES256\ngroups: {clerks: {}}\nclients: {web: {redirect_uris: [/]}}"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with testing.client(tmp_path) as client:
        yield client


def test_a_person_reaches_what_their_role_allows_and_nothing_else(shop: testing.Client) -> None:
    ada = shop.signed(as_user="ada")
    answer = ada.get("/shop/v1/orders/ada/1")
    assert (answer.status_code, answer.json()) == (200, {"owner": "ada", "role": "visitor", "username": "ada"})
    for path in ("/orders/eve/1", "/orders/ad%61/../eve/1", "/orders/ada%2F..%2Feve/1", "/orders"):
        assert ada.get(f"/shop/v1{path}").status_code in (403, 404), path
    assert shop.get("/shop/v1/orders/ada/1").status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/shop/v1/orders/board/1",
        "/shop/v1/orders/bo%61rd/1",
        "/%73hop/v1/orders/board/1",
        "/shop/v1/%6frders/board/1",
        "/shop/v1/orders/board/%2e",
    ],
)
def test_no_spelling_of_a_path_slips_past_a_deny(shop: testing.Client, path: str) -> None:
    clerk = shop.signed(as_user="carl", groups=["clerks"])
    assert clerk.get("/shop/v1/orders/ada/1").status_code == 200
    answer = clerk.get(path)
    assert (answer.status_code, answer.json()["detail"]) == (403, "The role clerk may not call getOrder.")


def test_credentials_for_a_token_sign_requests(shop: testing.Client) -> None:
    given = shop.as_user("ada").post("/auth/main/credentials")
    assert given.status_code == 200, given.text
    found = given.json()
    credentials = Credentials(found["AccessKeyId"], Secret(found["SecretKey"]), found["SessionToken"])
    for path, status in (("/orders/ada/1", 200), ("/orders/eve/1", 403)):
        url = f"{shop.base_url}/shop/v1{path}"
        headers = sign("GET", url, {}, b"", credentials, region="us-east-1", now=time.time())
        assert shop.get(url, headers=headers).status_code == status
