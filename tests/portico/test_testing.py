"""portico.testing: a client for a whole project."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portico.design.request import UnfitArguments
from portico.errors import ConfigError, DesignError
from portico.testing import Client, NoPool, client

SPEC = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: /shop/v1}]
paths:
  /products/{productId}:
    get:
      operationId: getProduct
      summary: One product
      security: []
      parameters:
        - {name: productId, in: path, required: true, schema: {type: string}}
        - {name: fields, in: query, schema: {type: array, items: {type: string}}}
        - {name: X-Language, in: header, schema: {type: string}}
      responses:
        "200": {description: it, content: {application/json: {schema: {type: object}}}}
  /orders:
    post:
      operationId: placeOrder
      summary: Order
      security: []
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [productId]}}}
      responses:
        "201": {description: done, content: {application/json: {schema: {type: object, required: [orderId]}}}}
"""

HANDLERS = """
started = []


def get_product(product_id, fields=None, x_language=None):
    return {"id": product_id, "fields": fields, "language": x_language}


def place_order(body):
    if body["productId"] == "broken":
        raise RuntimeError("the printer is on fire")
    return {"orderId": "%s"}, 201
"""


def project(root: Path, order: str = "1") -> Path:
    for folder in ("specs", "handlers", "static_site"):
        (root / folder).mkdir(parents=True)
    (root / "specs" / "shop.yaml").write_text(SPEC)
    (root / "handlers" / "__init__.py").write_text("")
    (root / "handlers" / "shop.py").write_text(HANDLERS % order)
    (root / "static_site" / "index.html").write_text("<!doctype html><title>Shop</title>")
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return project(tmp_path / "shop")


def test_an_operation_is_called_by_its_name(root: Path) -> None:
    with client(root) as shop:
        answer = shop.operation("getProduct", productId="a/b", fields=["name", "price"], arguments={"X-Language": "de"})
        assert answer.status_code == 200
        assert answer.json() == {"id": "a/b", "fields": ["name", "price"], "language": "de"}
        assert shop.operation("getProduct", product_id="1").json()["id"] == "1"


def test_a_body_is_sent_and_wrong_calls_can_be_tested(root: Path) -> None:
    with client(root) as shop:
        assert shop.operation("placeOrder", body={"productId": "tulips"}).json() == {"orderId": "1"}
        assert shop.operation("placeOrder", body={}).status_code == 400
        assert shop.operation("placeOrder").status_code == 400
        assert shop.operation("placeOrder", body=b"{", content_type="text/plain").status_code == 415


def test_it_is_the_real_application(root: Path) -> None:
    with client(root) as shop:
        assert shop.get("/").text.startswith("<!doctype html>")
        assert shop.get("/readyz").json() == {"status": "ready"}
        assert shop.get("/specs/shop.json").status_code == 200
        assert "x-request-id" in shop.get("/shop/v1/products/1").headers


def test_a_test_sees_the_500_that_a_caller_would_see(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    with client(root) as shop:
        answer = shop.operation("placeOrder", body={"productId": "broken"})
    assert answer.status_code == 500
    assert "printer" not in answer.text
    assert "printer" in caplog.text


def test_a_mistake_in_the_test_is_told(root: Path) -> None:
    with client(root) as shop:
        with pytest.raises(UnfitArguments, match=r"shop\.getProduct, shop\.placeOrder"):
            shop.operation("getProdukt")
        with pytest.raises(UnfitArguments, match="has no parameter 'id'"):
            shop.operation("getProduct", id="1")


def test_the_project_is_found_from_a_folder_below(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "handlers")
    with client() as shop:
        assert shop.operation("getProduct", productId="1").status_code == 200


def test_two_projects_do_not_mix_and_nothing_stays(tmp_path: Path) -> None:
    path, modules = list(sys.path), _handlers()
    first, second = project(tmp_path / "first", "first"), project(tmp_path / "second", "second")
    for root, order in ((first, "first"), (second, "second"), (first, "first")):
        with client(root) as shop:
            assert shop.operation("placeOrder", body={"productId": "1"}).json() == {"orderId": order}
    assert sys.path == path
    assert _handlers() == modules


def _handlers() -> dict[str, Any]:
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "handlers"}


def test_faults_are_raised_before_anything_is_served(root: Path, tmp_path: Path) -> None:
    (root / "specs" / "shop.yaml").write_text(SPEC.replace("      security: []\n", ""))
    with pytest.raises(DesignError), client(root):
        raise AssertionError("it was served")
    with pytest.raises(ConfigError), client(tmp_path):
        raise AssertionError("it was served")


def test_the_mock_answers_for_what_nobody_has_written(root: Path) -> None:
    (root / "handlers" / "shop.py").unlink()
    with client(root, mock=True) as shop:
        assert shop.operation("getProduct", productId="1").status_code == 200


GUARDED = (
    SPEC.replace("      operationId: getProduct", "      operationId: getProduct\n      tags: [goods]").replace(
        "      summary: Order\n      security: []",
        "      summary: Order\n      security: [{signIn: [shop/order]}, {signed: []}]",
    )
    + """
  /me:
    get:
      operationId: getMe
      summary: Who is calling
      security: [{signIn: []}, {signed: []}]
      responses:
        "200": {description: it, content: {application/json: {schema: {type: object}}}}
components:
  securitySchemes:
    signIn: {type: openIdConnect, openIdConnectUrl: /auth/main/.well-known/openid-configuration}
    signed: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: awsSigv4}
"""
)
ME = """

def get_me(ctx):
    caller = ctx.caller
    return {
        "username": caller.username,
        "subject": caller.subject,
        "role": caller.role,
        "groups": sorted(caller.groups),
        "scopes": sorted(caller.scopes),
        "department": caller.claims.get("department"),
    }
"""
POOL = """
groups: {clerks: {}}
resource_servers: {shop: {scopes: {order: Order}}}
clients: {page: {redirect_uris: [/]}}
"""
ROLES = """
roles:
  clerk: {assigned_to: {groups: [clerks]}, statements: [{effect: allow, api: shop, operations: "*"}]}
  reader: {precedence: 9, assigned_to: {signed_in: true}, statements: [{effect: allow, api: shop, operations: getMe}]}
"""


@pytest.fixture
def shop(root: Path) -> Iterator[Client]:
    (root / "specs" / "shop.yaml").write_text(GUARDED)
    (root / "handlers" / "shop.py").write_text(HANDLERS % "1" + ME)
    (root / "auth").mkdir()
    (root / "auth" / "pool.yaml").write_text(POOL)
    (root / "auth" / "roles.yaml").write_text(ROLES)
    with client(root) as shop:
        yield shop


def order(caller: Client) -> int:
    return caller.operation("placeOrder", body={"productId": "tulips"}).status_code


def test_nobody_is_signed_in_unless_a_test_says_so(shop: Client) -> None:
    assert order(shop) == 401
    assert order(shop.as_user("ada")) == 201
    assert order(shop) == 401


def test_a_person_calls_with_a_token_that_says_what_the_test_says(shop: Client) -> None:
    ada = shop.as_user("ada", groups=["clerks"], scopes=["openid"], claims={"department": "roses"})
    me = ada.operation("getMe").json()
    assert (me["username"], me["groups"], me["scopes"], me["department"]) == ("ada", ["clerks"], ["openid"], "roses")
    assert shop.as_user("ada").operation("getMe").json()["subject"] == me["subject"]
    assert shop.as_user("bob").operation("getMe").json()["subject"] != me["subject"]
    assert order(ada) == 403


def test_a_test_can_send_another_token_than_the_callers(shop: Client) -> None:
    ada = shop.as_user("ada")
    wrong = ada.operation("getMe", headers={"Authorization": "Bearer x.y.z"})
    assert wrong.status_code == 401


def test_a_person_calls_with_signed_requests_in_their_role(shop: Client) -> None:
    ada = shop.signed(as_user="ada")
    me = ada.operation("getMe").json()
    assert (me["username"], me["role"]) == ("ada", "reader")
    assert order(ada) == 403
    assert order(shop.signed(as_user="ada", groups=["clerks"])) == 201
    assert order(shop.signed(role="clerk")) == 201


def test_the_people_of_one_test_are_unknown_to_the_next_and_nothing_is_left_in_the_project(root: Path) -> None:
    (root / "auth").mkdir()
    (root / "auth" / "pool.yaml").write_text(POOL)
    before = set(os.environ)
    for _ in range(2):
        with client(root) as shop:
            shop.as_user("ada", groups=["clerks"])
            assert shop.mails() == []
    assert not (root / ".portico" / "portico.sqlite3").exists()
    assert not (root / ".portico" / "secret").exists()
    assert set(os.environ) == before


def test_mails_can_be_read_by_a_test(shop: Client) -> None:
    page = shop.get("/auth/main/signup")
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    form = {**fields, "username": "carol", "email": "carol@example.com", "password": "four roses and a tulip"}
    assert shop.post(str(page.url), data=form, headers={"Origin": "https://testserver"}).status_code == 200
    (mail,) = shop.mails()
    assert mail.to == "carol@example.com"
    assert mail.code


def test_without_a_pool_nobody_can_sign_in(root: Path) -> None:
    with client(root) as shop:
        for call in (lambda: shop.as_user("ada"), lambda: shop.signed(role="clerk"), shop.mails):
            with pytest.raises(NoPool, match=r"auth/pool\.yaml"):
                call()
