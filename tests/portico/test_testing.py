"""portico.testing: a client for a whole project."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from portico.design.request import UnfitArguments
from portico.errors import ConfigError, DesignError
from portico.testing import client

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
