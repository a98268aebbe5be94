"""Operations before and after, all but their schemas."""

from __future__ import annotations

import pytest
import yaml

from portico import design
from portico.design.compare import RULES, compare

# parameters, body and answers of one operation: before | after | rules | rules the other way round
TABLE = """
{} | {parameters: [{name: a, in: query, schema: {}}]} | parameter-added | parameter-removed
{} | {parameters: [{name: a, in: query, required: true, schema: {}}]} | required-parameter-added | parameter-removed
{parameters: [{name: a, in: query, schema: {}}]} | {parameters: [{name: a, in: query, required: true, schema: {}}]} | parameter-required | parameter-optional
{parameters: [{name: a, in: query, schema: {}}]} | {parameters: [{name: a, in: header, schema: {}}]} | parameter-moved | parameter-moved
{parameters: [{name: X-A, in: header, schema: {}}]} | {parameters: [{name: x-a, in: header, schema: {}}]} | |
{parameters: [{name: a, in: query, schema: {}}]} | {parameters: [{name: a, in: query, deprecated: true, schema: {}}]} | parameter-deprecated | parameter-restored
{parameters: [{name: a, in: query, schema: {}}]} | {parameters: [{name: a, in: query, description: A, schema: {}}]} | description-changed | description-changed
{parameters: [{name: a, in: query, schema: {}}]} | {parameters: [{name: a, in: query, example: 1, schema: {}}]} | example-changed | example-changed
{parameters: [{name: a, in: query, allowEmptyValue: true, schema: {}}]} | {parameters: [{name: a, in: query, schema: {}}]} | parameter-empty-refused | parameter-empty-accepted
{parameters: [{name: a, in: query, schema: {type: array}}]} | {parameters: [{name: a, in: query, explode: false, schema: {type: array}}]} | parameter-style-changed | parameter-style-changed
{parameters: [{name: a, in: query, schema: {type: array}}]} | {parameters: [{name: a, in: query, style: pipeDelimited, explode: false, schema: {type: array}}]} | parameter-style-changed | parameter-style-changed
{parameters: [{name: a, in: query, schema: {type: string}}]} | {parameters: [{name: a, in: query, explode: false, schema: {type: string}}]} | |
{parameters: [{name: a, in: header, schema: {type: array}}]} | {parameters: [{name: a, in: header, explode: true, schema: {type: array}}]} | |
{parameters: [{name: a, in: header, schema: {type: object}}]} | {parameters: [{name: a, in: header, explode: true, schema: {type: object}}]} | parameter-style-changed | parameter-style-changed
{parameters: [{name: a, in: query, schema: {}}]} | {parameters: [{name: a, in: query, content: {application/json: {schema: {}}}}]} | parameter-content-changed | parameter-content-changed
{parameters: [{name: a, in: query, schema: {type: integer}}]} | {parameters: [{name: a, in: query, schema: {type: number}}]} | request-type-widened | request-type-narrowed
{} | {requestBody: {content: {application/json: {}}}} | request-body-added | request-body-removed
{} | {requestBody: {required: true, content: {application/json: {}}}} | required-request-body-added | request-body-removed
{requestBody: {content: {application/json: {}}}} | {requestBody: {required: true, content: {application/json: {}}}} | request-body-required | request-body-optional
{requestBody: {content: {application/json: {}}}} | {requestBody: {content: {application/json: {}, text/plain: {}}}} | request-media-type-added | request-media-type-removed
{requestBody: {content: {image/png: {}}}} | {requestBody: {content: {"image/*": {}}}} | request-media-type-added | request-media-type-removed
{requestBody: {content: {multipart/form-data: {schema: {properties: {a: {type: array}}}}}}} | {requestBody: {content: {multipart/form-data: {schema: {properties: {a: {type: array}}}, encoding: {a: {explode: false}}}}}} | request-encoding-changed | request-encoding-changed
{requestBody: {content: {multipart/form-data: {schema: {properties: {a: {type: string}}}}}}} | {requestBody: {content: {multipart/form-data: {schema: {properties: {a: {type: string}}}, encoding: {a: {explode: false}}}}}} | |
{requestBody: {content: {application/octet-stream: {schema: {type: string, format: binary}}}}} | {requestBody: {content: {application/octet-stream: {}}}} | |
{requestBody: {description: A, content: {application/json: {}}}} | {requestBody: {description: B, content: {application/json: {}}}} | description-changed | description-changed
{responses: {"200": {description: It}}} | {responses: {"200": {description: It}, "202": {description: Later}}} | success-status-added | success-status-removed
{responses: {"200": {description: It}}} | {responses: {"200": {description: It}, "404": {description: No}}} | error-status-added | error-status-removed
{responses: {"200": {description: It}}} | {responses: {"200": {description: It}, default: {description: No}}} | error-status-added | error-status-removed
{responses: {"2XX": {description: It}}} | {responses: {"2XX": {description: It}, "201": {description: It}}} | |
{responses: {"200": {description: It}}} | {responses: {"200": {description: That}}} | description-changed | description-changed
{responses: {"200": {description: It}}} | {responses: {"200": {description: It, content: {text/plain: {}}}}} | response-body-added | response-body-removed
{responses: {"200": {description: It, content: {text/plain: {}}}}} | {responses: {"200": {description: It, content: {text/plain: {}, text/csv: {}}}}} | response-media-type-added | response-media-type-removed
{responses: {"200": {description: It}}} | {responses: {"200": {description: It, headers: {X-A: {schema: {}}}}}} | response-header-added | response-header-removed
{responses: {"200": {description: It, headers: {X-A: {schema: {}}}}}} | {responses: {"200": {description: It, headers: {x-a: {required: true, schema: {}}}}}} | response-header-required | response-header-optional
{responses: {"200": {description: It, headers: {X-A: {schema: {type: integer}}}}}} | {responses: {"200": {description: It, headers: {X-A: {schema: {type: number}}}}}} | response-type-widened | response-type-narrowed
{} | {operationId: order} | operation-renamed | operation-renamed
{} | {deprecated: true} | operation-deprecated | operation-restored
{} | {summary: Order, tags: [a]} | description-changed,tags-changed | description-changed,tags-changed
{} | {servers: [{url: "https://other.example/v2"}]} | operation-server-changed | operation-server-changed
{} | {security: [{key: []}]} | security-added | security-removed
{security: [{key: []}]} | {security: [{key: []}, {login: [read]}]} | security-alternative-added | security-alternative-removed
{security: [{key: []}]} | {security: [{key: [], login: [read]}]} | security-alternative-removed | security-alternative-added
{security: [{login: [read]}]} | {security: [{login: [read, write]}]} | security-scope-added | security-scope-removed
{security: [{key: []}]} | {security: [{}, {key: []}]} | security-removed | security-added
{security: [{key: []}, {login: [read]}]} | {security: [{login: [read]}, {key: []}]} | |
"""  # noqa: E501 - a table

SCHEMES = """
securitySchemes:
  key: {type: apiKey, in: header, name: X-API-Key}
  login: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://a.example/token", scopes: {read: R, write: W}}}}
"""

ROWS = [[cell.strip() for cell in line.split(" |")] for line in TABLE.strip().splitlines()]


def rules_of(old, new):
    return sorted(change.rule for change in compare(old, new).changes)


def expected(cell):
    return sorted(name for name in cell.split(",") if name)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]} to {row[1]}" for row in ROWS])
def test_a_change_of_an_operation_is_told_and_so_is_the_change_back(api, row):
    before, after, forward, back = row
    old, new = api(before, components=SCHEMES), api(after, components=SCHEMES)
    assert rules_of(old, new) == expected(forward)
    assert rules_of(new, old) == expected(back)


SHOP = """
openapi: 3.1.0
info: {title: Shop, version: 1.4.2}
servers: [{url: "https://shop.example/v1"}]
security: [{key: []}]
paths:
  /orders: {get: {operationId: listOrders, responses: {"200": {description: Them}}}}
  /orders/{id}:
    get:
      operationId: getOrder
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: It}}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-API-Key}}}
"""

# what is written otherwise in the shop: before | after | rules
EDITS = """
/v1" | /v2" | base-path-changed
shop.example | store.example | server-added,server-removed
/orders: {get | /orders: {post | operation-moved
/orders: {get | /purchases: {get | operation-moved
operationId: listOrders | operationId: orders | operation-renamed
/orders: {get: {operationId: listOrders | /carts: {get: {operationId: listCarts | operation-added,operation-removed
id}: | orderId}: | parameter-renamed
title: Shop | title: Store | description-changed
in: header | in: query | security-scheme-changed
name: X-API-Key | name: X-Key | security-scheme-changed
security: [{key: []}] | security: [] | security-removed
name: X-API-Key} | name: X-API-Key, description: Yours} | description-changed
""".strip().splitlines()


@pytest.mark.parametrize("line", EDITS)
def test_a_change_of_the_whole_api_is_told(line):
    before, after, rules = (cell.strip() for cell in line.split(" | "))
    text = SHOP.replace(before, after)
    if before == "id}:":
        text = text.replace("name: id", "name: orderId")
    assert rules_of(*(design.read(yaml.safe_load(one)) for one in (SHOP, text))) == expected(rules)


def test_a_renamed_security_scheme_is_told_once_and_not_as_a_lost_way_in():
    new = design.read(yaml.safe_load(SHOP.replace("key:", "partner:")))
    [change] = compare(design.read(yaml.safe_load(SHOP)), new).changes
    assert (change.rule, change.place) == ("security-scheme-renamed", "security scheme key")


def test_a_base_path_that_becomes_part_of_the_paths_changes_nothing():
    text = SHOP.replace("/v1", "").replace("  /orders", "  /v1/orders")
    assert compare(design.read(yaml.safe_load(SHOP)), design.read(yaml.safe_load(text))).changes == ()


def test_what_is_asked_of_every_caller_is_told_once():
    new = design.read(yaml.safe_load(SHOP.replace("security: [{key: []}]", "security: []")))
    [change] = compare(new, design.read(yaml.safe_load(SHOP))).changes
    assert (change.rule, change.place) == ("security-added", "GET /orders and 1 other operation")


def test_all_rules_are_met_by_these_tests():
    """A rule that no test meets may never be told."""
    from tests.portico.design.compare.test_schemas import ROWS as SCHEMAS

    met = {name for row in [*ROWS, *SCHEMAS] for cell in row[2:] for name in expected(cell)}
    met |= {name for line in EDITS for name in expected(line.split(" | ")[2])}
    elsewhere = {"security-scheme-renamed", "security-flow-removed", "security-flow-added"}
    assert set(RULES) - met == elsewhere


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("clientCredentials", "password", "security-flow-removed"),
        ("a.example", "b.example", "security-scheme-changed"),
    ],
)
def test_where_tokens_come_from_is_part_of_a_credential(api, before, after, rule):
    operation = "{security: [{login: [read]}]}"
    old, new = api(operation, components=SCHEMES), api(operation, components=SCHEMES.replace(before, after))
    assert rule in rules_of(old, new)
    assert rule.replace("removed", "added") in rules_of(new, old)
