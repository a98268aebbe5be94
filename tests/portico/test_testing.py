"""portico.testing: a client for a whole project."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portico.access.keys.errors import ApiKeyInvalid
from portico.design.request import UnfitArguments
from portico.errors import ConfigError, DesignError
from portico.secret import Secret
from portico.testing import Client, NoPlans, NoPool, client
from portico.testing.keys import WhichPlan

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


KEYED = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: /shop/v1}]
paths:
  /prices:
    get:
      operationId: listPrices
      security: [{key: []}]
      responses: {"200": {description: it, content: {application/json: {schema: {type: object}}}}}
  /orders:
    get:
      operationId: listOrders
      security: [{key: [], signIn: []}, {key: [], signed: []}]
      responses: {"200": {description: it, content: {application/json: {schema: {type: object}}}}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-API-Key}
    signIn: {type: openIdConnect, openIdConnectUrl: /auth/main/.well-known/openid-configuration}
    signed: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: awsSigv4}
"""
WITH_KEYS = """
def list_prices(ctx):
    return {"key": ctx.caller.key, **{name: ctx.caller.claims.get(name) for name in ("key_name", "owner", "tags")}}


def list_orders(ctx):
    return {"key": ctx.caller.key, "username": ctx.caller.username, "role": ctx.caller.role}
"""
PLANS = "plans: {partner: {throttle: {rate: 1, burst: 2}, quota: {limit: 5, period: DAY}}}"


@pytest.fixture
def keyed(root: Path) -> Path:
    (root / "specs" / "shop.yaml").write_text(KEYED)
    (root / "handlers" / "shop.py").write_text(WITH_KEYS)
    (root / "auth").mkdir()
    (root / "auth" / "plans.yaml").write_text(PLANS)
    (root / "auth" / "pool.yaml").write_text(POOL)
    (root / "auth" / "roles.yaml").write_text(ROLES.replace("getMe", '"*"'))
    return root


def prices(caller: Client) -> int:
    return caller.operation("listPrices").status_code


def test_a_key_is_made_and_known_at_once(keyed: Path) -> None:
    with client(keyed) as shop:
        assert prices(shop) == 401
        acme = shop.with_key(plan="partner", name="acme", owner="ops@acme.example", tags={"tier": "gold"})
        said = acme.operation("listPrices").json()
        assert said["key"].startswith("key_")
        assert (said["key_name"], said["owner"], said["tags"]) == ("acme", "ops@acme.example", {"tier": "gold"})
        assert prices(shop) == 401
        assert [prices(shop.with_key()) for _ in range(3)] == [200, 200, 200]


def test_a_key_is_held_to_its_plan_and_each_has_its_own(keyed: Path) -> None:
    with client(keyed) as shop:
        acme, other = shop.with_key("partner"), shop.with_key("partner")
        assert [prices(acme) for _ in range(3)] == [200, 200, 429]
        refused = acme.operation("listPrices")
        assert refused.json()["limit"]["name"] == "partner"
        assert int(refused.headers["Retry-After"]) == 1
        assert prices(other) == 200


def test_a_key_and_a_person_call_together(keyed: Path) -> None:
    with client(keyed) as shop:
        for acme in (shop.with_key().as_user("ada"), shop.as_user("ada").with_key()):
            said = acme.operation("listOrders").json()
            assert (said["key"][:4], said["username"]) == ("key_", "ada")
        assert shop.as_user("ada").operation("listOrders").status_code == 401
        assert shop.with_key().operation("listOrders").status_code == 401
        signed = shop.with_key().signed(role="clerk").operation("listOrders")
        assert (signed.status_code, signed.json()["role"]) == (200, "clerk")


def test_a_given_secret_is_sent_and_a_wrong_one_is_refused(keyed: Path) -> None:
    with client(keyed) as shop:
        assert prices(shop.with_key(secret="pk_nobody-has-this-one")) == 401
        acme = shop.with_key()
        assert acme.operation("listPrices", headers={"X-API-Key": "pk_nobody-has-this-one"}).status_code == 401


def test_a_key_that_cannot_be_is_told(keyed: Path) -> None:
    with client(keyed) as shop:
        with pytest.raises(ApiKeyInvalid, match="It has: partner"):
            shop.with_key("partners")
        with pytest.raises(ApiKeyInvalid, match="expires_at"):
            shop.with_key(expires_at=1.0)
    (keyed / "auth" / "plans.yaml").write_text("plans: {one: {}, two: {}}")
    with client(keyed) as shop, pytest.raises(WhichPlan, match="one, two"):
        shop.with_key()


def test_a_key_stands_where_the_design_of_the_operation_wants_it(keyed: Path) -> None:
    for place in ("in: query, name: api_key", "in: cookie, name: key", "in: header, name: X-Partner"):
        (keyed / "specs" / "shop.yaml").write_text(KEYED.replace("in: header, name: X-API-Key", place))
        with client(keyed) as shop:
            acme = shop.with_key()
            assert prices(acme) == 200, place
            assert acme.as_user("ada").operation("listOrders").status_code == 200, place
            assert shop.with_key().signed(role="clerk").operation("listOrders").status_code == 200, place


def test_keys_need_no_pool_and_their_limits_are_this_tests_only(keyed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pool.yaml", "roles.yaml"):
        (keyed / "auth" / name).unlink()
    monkeypatch.setenv("PORTICO_REDIS_URL", "redis://127.0.0.1:1")  # nobody is there, and nobody is asked
    for _ in range(2):
        with client(keyed) as shop:
            acme = shop.with_key()
            assert [prices(acme) for _ in range(3)] == [200, 200, 429]
    assert not (keyed / ".portico").exists()


def test_a_function_of_the_project_can_be_sent_a_key_without_any_plans(keyed: Path) -> None:
    (keyed / "auth" / "plans.yaml").unlink()
    function = "name: X-API-Key, x-apikeyInfoFunc: handlers.shop.known"
    (keyed / "specs" / "shop.yaml").write_text(KEYED.replace("name: X-API-Key", function))
    known = '\n\ndef known(key):\n    return {"sub": "acme"} if key == "open sesame" else None\n'
    (keyed / "handlers" / "shop.py").write_text(WITH_KEYS + known)
    with client(keyed) as shop:
        assert prices(shop.with_key(secret=Secret("open sesame"))) == 200
        assert prices(shop.with_key(secret="close sesame")) == 401
        with pytest.raises(NoPlans, match=r"auth/plans\.yaml"):
            shop.with_key()
