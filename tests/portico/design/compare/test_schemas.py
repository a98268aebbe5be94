"""Schemas before and after: what a change is called, and what it does to clients, both ways and in both directions."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portico import design
from portico.design.compare import RULES, compare

NOTHING = ""

# before | after | rules in a request | in a request, the other way | in a response | in a response, the other way
TABLE = """
{properties: {a: {}}} | {properties: {a: {}, b: {}}} | request-property-added | request-property-removed | response-property-added | response-property-removed
{properties: {a: {}}} | {properties: {a: {}, b: {}}, required: [b]} | request-required-property-added | request-property-removed | response-property-added | response-property-removed
{properties: {a: {}}} | {properties: {a: {}}, required: [a]} | request-property-required | request-property-optional | response-property-required | response-property-optional
{properties: {a: {type: string}}} | {properties: {a: {type: [string, "null"]}}} | request-null-accepted | request-null-refused | response-null-added | response-null-removed
{type: string} | {anyOf: [{type: string}, {type: "null"}]} | request-null-accepted | request-null-refused | response-null-added | response-null-removed
{type: string} | {type: integer} | request-type-changed | request-type-changed | response-type-changed | response-type-changed
{type: integer} | {type: number} | request-type-widened | request-type-narrowed | response-type-widened | response-type-narrowed
{type: string} | {type: [string, integer]} | request-type-widened | request-type-narrowed | response-type-widened | response-type-narrowed
{type: string} | {} | request-type-widened | request-type-narrowed | response-type-widened | response-type-narrowed
{type: object} | {type: array} | request-type-changed | request-type-changed | response-type-changed | response-type-changed
{type: string, format: date} | {type: string} | request-format-changed | request-format-changed | response-format-changed | response-format-changed
{type: string, format: date} | {type: string, format: date-time} | request-format-changed | request-format-changed | response-format-changed | response-format-changed
{type: integer, format: int64} | {type: integer} | request-format-changed | request-format-changed | response-format-changed | response-format-changed
{type: string, format: email} | {type: string} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: string, format: email} | {type: string, format: uri} | request-format-changed | request-format-changed | response-format-changed | response-format-changed
{enum: [a]} | {enum: [a, b]} | request-enum-value-added | request-enum-value-removed | response-enum-value-added | response-enum-value-removed
{type: string, enum: [a]} | {type: string} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: string, const: a} | {enum: [a, b]} | request-enum-value-added | request-enum-value-removed | response-enum-value-added | response-enum-value-removed
{type: string, minLength: 2} | {type: string, minLength: 1} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: string, minLength: 2} | {type: string} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: string, maxLength: 2} | {type: string, maxLength: 3} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: array, maxItems: 2} | {type: array} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: array, minItems: 1} | {type: array} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: array, uniqueItems: true} | {type: array} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: object, minProperties: 1} | {type: object} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: object, maxProperties: 1} | {type: object} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: number, minimum: 2} | {type: number, minimum: 1} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: number, exclusiveMinimum: 2} | {type: number, minimum: 2} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: number, maximum: 2} | {type: number} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: number, exclusiveMaximum: 2} | {type: number, exclusiveMaximum: 2.5} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: integer, exclusiveMinimum: 0} | {type: integer, minimum: 1} | | | |
{type: number, multipleOf: 4} | {type: number, multipleOf: 2} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: number, multipleOf: 4} | {type: number, multipleOf: 3} | request-constraint-changed | request-constraint-changed | response-constraint-changed | response-constraint-changed
{type: string, pattern: "^a"} | {type: string} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: string, pattern: "^a"} | {type: string, pattern: "^b"} | request-constraint-changed | request-constraint-changed | response-constraint-changed | response-constraint-changed
{not: {const: a}} | {} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: object, dependentRequired: {a: [b]}} | {type: object} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{if: {const: a}, then: false} | {} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: object, additionalProperties: false} | {type: object} | request-additional-properties-accepted | request-additional-properties-refused | response-additional-properties-added | response-additional-properties-removed
{type: object, additionalProperties: {type: string}} | {type: object} | request-type-widened | request-type-narrowed | response-type-widened | response-type-narrowed
{type: object, unevaluatedProperties: false} | {type: object} | request-additional-properties-accepted | request-additional-properties-refused | response-additional-properties-added | response-additional-properties-removed
{type: array, items: {type: integer}} | {type: array, items: {type: number}} | request-type-widened | request-type-narrowed | response-type-widened | response-type-narrowed
{type: array, prefixItems: [{type: integer}]} | {type: array, prefixItems: [{type: number}]} | request-type-widened | request-type-narrowed | response-type-widened | response-type-narrowed
{type: array, contains: {type: integer}} | {type: array, contains: {type: number}} | request-type-widened | request-type-narrowed | response-type-widened | response-type-narrowed
{type: object, patternProperties: {"^x": {type: integer}}} | {type: object, patternProperties: {"^x": {type: number}}} | request-type-widened | request-type-narrowed | response-type-widened | response-type-narrowed
{type: object, patternProperties: {"^x": {type: integer}}} | {type: object} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: object, propertyNames: {maxLength: 1}} | {type: object, propertyNames: {maxLength: 2}} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{properties: {a: {}}} | {properties: {a: {readOnly: true}}} | request-property-read-only | request-property-added | |
{properties: {a: {}}} | {properties: {a: {writeOnly: true}}} | | | response-property-write-only | response-property-added
{properties: {a: {readOnly: true}}} | {properties: {a: {readOnly: true}}, required: [a]} | | | response-property-required | response-property-optional
{properties: {a: {writeOnly: true}}} | {properties: {}} | request-property-removed | request-property-added | |
{properties: {a: {}}} | {properties: {a: false}} | request-property-removed | request-property-added | response-property-removed | response-property-added
{type: string, default: a} | {type: string, default: b} | request-default-changed | request-default-changed | response-default-changed | response-default-changed
{type: string} | {type: string, default: b} | request-default-added | request-default-changed | response-default-changed | response-default-changed
{type: string, default: null} | {type: string} | request-default-changed | request-default-added | response-default-changed | response-default-changed
{properties: {a: {}}} | {properties: {a: {deprecated: true}}} | property-deprecated | property-restored | property-deprecated | property-restored
{description: A} | {description: B} | description-changed | description-changed | description-changed | description-changed
{title: A} | {} | description-changed | description-changed | description-changed | description-changed
{examples: [a]} | {examples: [b]} | example-changed | example-changed | example-changed | example-changed
{oneOf: [{type: string}, {type: integer}]} | {oneOf: [{type: integer}, {type: string}, {type: array}]} | request-union-member-added | request-union-member-removed | response-union-member-added | response-union-member-removed
{oneOf: [{type: string}, {type: integer}]} | {anyOf: [{type: integer}, {type: string}]} | | | |
{oneOf: [{type: string, maxLength: 1}, {type: integer}]} | {oneOf: [{type: integer}, {type: string, maxLength: 2}]} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{type: string} | {oneOf: [{type: string}, {type: integer}]} | request-union-member-added | request-union-member-removed | response-became-union | response-union-member-removed
{} | {oneOf: [{type: string}, {type: integer}]} | request-type-narrowed | request-type-widened | response-type-narrowed | response-type-widened
{oneOf: [{type: string}]} | {type: string} | | | |
{$ref: "#/components/schemas/A"} | {oneOf: [{$ref: "#/components/schemas/A"}, {$ref: "#/components/schemas/B"}]} | request-union-member-added | request-union-member-removed | response-became-union | response-union-member-removed
{$ref: "#/components/schemas/A"} | {anyOf: [{$ref: "#/components/schemas/A"}, {type: "null"}]} | request-null-accepted | request-null-refused | response-null-added | response-null-removed
{$ref: "#/components/schemas/A"} | {allOf: [{$ref: "#/components/schemas/A"}], description: It} | description-changed | description-changed | description-changed | description-changed
{$ref: "#/components/schemas/A"} | {$ref: "#/components/schemas/A2"} | type-renamed | type-renamed | type-renamed | type-renamed
{$ref: "#/components/schemas/A"} | {type: object, properties: {a: {type: string}}} | type-unnamed | type-named | type-unnamed | type-named
{$ref: "#/components/schemas/A"} | {$ref: "#/components/schemas/B"} | type-renamed,request-property-removed,request-property-added | type-renamed,request-property-removed,request-property-added | type-renamed,response-property-removed,response-property-added | type-renamed,response-property-removed,response-property-added
{$ref: "#/components/schemas/Text"} | {type: string} | | | |
{allOf: [{$ref: "#/components/schemas/A"}, {properties: {c: {}}}]} | {properties: {a: {type: string}, c: {}}, type: object} | | | |
{allOf: [{type: string, maxLength: 5}, {maxLength: 3}]} | {type: string, maxLength: 4} | request-constraint-loosened | request-constraint-tightened | response-constraint-loosened | response-constraint-tightened
{oneOf: [{$ref: "#/components/schemas/A"}, {$ref: "#/components/schemas/B"}]} | {oneOf: [{$ref: "#/components/schemas/A"}, {$ref: "#/components/schemas/B"}], discriminator: {propertyName: kind}} | discriminator-added | discriminator-changed | discriminator-added | discriminator-changed
{oneOf: [{$ref: "#/components/schemas/A"}, {$ref: "#/components/schemas/B"}], discriminator: {propertyName: kind, mapping: {a: A}}} | {oneOf: [{$ref: "#/components/schemas/A"}, {$ref: "#/components/schemas/B"}], discriminator: {propertyName: kind, mapping: {a: B}}} | discriminator-changed | discriminator-changed | discriminator-changed | discriminator-changed
{type: string, contentEncoding: base64} | {type: string, format: byte} | | | |
{enum: [1]} | {enum: [true]} | request-type-changed | request-type-changed | response-type-changed | response-type-changed
{type: number, enum: [1]} | {type: number, enum: [1.0]} | | | |
{type: object, required: [a]} | {type: object} | request-property-removed | request-required-property-added | response-property-removed | response-property-added
"""  # noqa: E501 - a table

COMPONENTS = """
A: {type: object, properties: {a: {type: string}}}
A2: {type: object, properties: {a: {type: string}}}
B: {type: object, properties: {b: {type: string}}}
Text: {type: string}
"""

ROWS = [[cell.strip() for cell in line.split(" |")] for line in TABLE.strip().splitlines()]
IDS = [f"{row[0]} to {row[1]}" for row in ROWS]


def rules_of(old, new):
    comparison = compare(old, new)
    assert all(change.severity == RULES[change.rule].severity for change in comparison.changes)
    return sorted(change.rule for change in comparison.changes)


def expected(cell):
    return sorted(name for name in cell.split(",") if name)


@pytest.mark.parametrize("row", ROWS, ids=IDS)
@pytest.mark.parametrize("direction", ["request", "response"])
def test_a_change_of_a_schema_is_told_for_its_direction_and_the_other_way_round(with_schema, row, direction):
    before, after, *rules = row
    forward, back = rules[:2] if direction == "request" else rules[2:]
    old, new = with_schema(direction, before, COMPONENTS), with_schema(direction, after, COMPONENTS)
    assert rules_of(old, new) == expected(forward)
    assert rules_of(new, old) == expected(back)


def test_the_table_is_long_enough_to_trust():
    assert len(ROWS) >= 75


WIDENINGS = [
    ({"type": "string", "maxLength": 3}, {"type": "string", "maxLength": 9}),
    ({"type": "string", "minLength": 3}, {"type": "string"}),
    ({"type": "string", "pattern": "^a"}, {"type": "string"}),
    ({"enum": ["a"]}, {"enum": ["a", "b"]}),
    ({"type": "integer"}, {"type": "number"}),
    ({"type": "string"}, {"type": ["string", "null"]}),
    ({"type": "number", "minimum": 1}, {"type": "number", "minimum": 0}),
    ({"type": "array", "maxItems": 1}, {"type": "array"}),
    ({"type": "object", "required": ["x"], "properties": {"x": {}}}, {"type": "object", "properties": {"x": {}}}),
    ({"type": "object"}, {"type": "object", "properties": {"y": {"type": "string"}}}),
    ({"type": "object", "additionalProperties": False}, {"type": "object"}),
    ({"oneOf": [{"type": "string"}]}, {"oneOf": [{"type": "string"}, {"type": "array"}]}),
]


def inside(kind, node):
    return {
        "items": {"type": "array", "items": node},
        "property": {"type": "object", "properties": {"p": node}},
        "map": {"type": "object", "additionalProperties": node},
        "allOf": {"allOf": [{"type": "object", "properties": {"q": node}}, {"description": "More"}]},
    }[kind]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    change=st.sampled_from(WIDENINGS),
    way=st.lists(st.sampled_from(["items", "property", "map", "allOf"]), max_size=6),
)
def test_what_widens_a_request_breaks_nobody_and_breaks_somebody_the_other_way(with_schema, change, way):
    narrow, wide = change
    for kind in way:
        narrow, wide = inside(kind, narrow), inside(kind, wide)
    old, new = with_schema("request", narrow), with_schema("request", wide)
    assert {change.severity for change in compare(old, new).changes} == {"compatible"}
    assert {change.severity for change in compare(new, old).changes} == {"breaking"}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(node=st.recursive(st.sampled_from([one for pair in WIDENINGS for one in pair]), lambda inner: st.builds(
    inside, st.sampled_from(["items", "property", "map", "allOf"]), inner
), max_leaves=4))  # fmt: skip
def test_a_schema_compared_with_itself_has_not_changed(with_schema, node):
    for direction in ("request", "response"):
        assert compare(with_schema(direction, node), with_schema(direction, node)).changes == ()


def test_a_change_names_its_place_its_operation_and_where_it_is_written(with_schema):
    old = with_schema("request", "{properties: {lines: {type: array, items: {properties: {sku: {type: string}}}}}}")
    new = with_schema("request", "{properties: {lines: {type: array, items: {properties: {sku: {type: integer}}}}}}")
    [change] = compare(old, new).changes
    assert change.place == "POST /orders request body /lines[]/sku"
    assert change.operation == "placeOrder"
    assert change.text == "The type changes from string to integer."
    pointer = "/paths/~1orders/post/requestBody/content/application~1json/schema/properties/lines/items/properties/sku"
    assert (change.old.pointer, change.new.pointer) == (pointer, pointer)


TREE = """
Node:
  type: object
  properties: {name: {type: string}, child: {allOf: [{$ref: "#/components/schemas/Node"}, {description: Below}]}}
Deep:
  allOf: [{$ref: "#/components/schemas/Base"}]
  properties: {name: {type: string}, child: {allOf: [{$ref: "#/components/schemas/Deep"}, {description: Below}]}}
Base: {properties: {child: {description: Inside}}}
List:
  type: object
  properties: {name: {type: string}, items: {type: array, items: {$ref: "#/components/schemas/List"}}}
"""


@pytest.mark.parametrize("name", ["Node", "Deep", "List"])
def test_a_schema_that_holds_itself_is_compared_once(with_schema, name):
    node = f"{{$ref: '#/components/schemas/{name}'}}"
    old, new = with_schema("response", node, TREE), with_schema("response", node, TREE.replace("string", "integer"))
    [change] = compare(old, new).changes
    assert (change.rule, change.place) == ("response-type-changed", "POST /orders response 200 /name")


SHARED = """
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: []
paths: {}
components:
  schemas:
    Money: {type: object, properties: {amount: {type: string}, currency: {type: string}}}
    Priced: {allOf: [{$ref: "#/components/schemas/Money"}, {properties: {tax: {$ref: "#/components/schemas/Money"}}}]}
"""


def shared(text=SHARED, kinds=("Priced", "Money")):
    document = yaml.safe_load(text)
    for number in range(50):
        schema = {"$ref": f"#/components/schemas/{kinds[number % 2]}"}
        answer = {"description": "It", "content": {"application/json": {"schema": schema}}}
        document["paths"][f"/things{number}"] = {"get": {"operationId": f"get{number}", "responses": {"200": answer}}}
    return design.read(document)


def test_a_change_of_a_shared_schema_is_told_once_with_the_number_of_operations():
    [change] = compare(
        shared(), shared(SHARED.replace("currency: {type: string}", "currency: {type: integer}"))
    ).changes
    assert change.place == "GET /things0 response 200 /currency and 49 other operations"
    assert len(change.operations) == 50
    [change] = compare(shared(), shared(SHARED.replace(", currency: {type: string}", ""))).changes
    assert (change.rule, len(change.operations)) == ("response-property-removed", 50)


def test_a_renamed_component_is_told_once_as_a_type_of_the_sdks():
    renamed = shared(SHARED.replace("Priced:", "Price:"), ("Price", "Money"))
    [change] = compare(shared(), renamed).changes
    assert (change.rule, change.severity) == ("type-renamed", "breaking")
    assert change.text == "The type Priced is called Price now."
    assert len(change.operations) == 25
