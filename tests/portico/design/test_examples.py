"""Examples fit their schemas, whatever the schemas are."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from portico.design import Definitions, Direction, Schema, read
from portico.design.examples import example

GITHUB = Path(__file__).parents[3] / ".cache/bench/github/package/generated/api.github.com.json"


def schema(node: Any, **definitions: Any) -> Schema:
    return Schema(node, Definitions(definitions))


def fits(value: Any, of: Schema, direction: Direction = Direction.RESPONSE) -> bool:
    return bool(jsonschema_rs.Draft202012Validator(of.document(direction), validate_formats=True).is_valid(value))


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"type": "string", "examples": ["rose"]}, "rose"),
        ({"type": "string", "default": "tulip"}, "tulip"),
        ({"enum": ["a", "b"]}, "a"),
        ({"const": {"a": 1}}, {"a": 1}),
        ({"type": "integer", "examples": ["not a number"], "default": 3}, 3),
        ({"type": ["string", "null"], "examples": [None]}, None),
    ],
)
def test_what_the_document_offers_comes_first_where_it_fits(node: Any, value: Any) -> None:
    assert example(schema(node)) == value


FORMATS = [
    *("date", "date-time", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uri-reference", "iri"),
    *("uuid", "json-pointer", "regex", "uri-template", "byte", "binary", "int64", "decimal", "password", "unheard-of"),
]


@pytest.mark.parametrize(
    "node",
    [True, {}, {"type": "null"}, {"type": "boolean"}, *({"type": "string", "format": name} for name in FORMATS)],
    ids=str,
)
def test_every_type_and_format_has_an_example(node: Any) -> None:
    assert fits(example(schema(node)), schema(node))


@pytest.mark.parametrize(
    "node",
    [
        {"type": "string", "minLength": 40, "maxLength": 41},
        {"type": "string", "maxLength": 2},
        {"type": "string", "maxLength": 0},
        {"type": "string", "format": "email", "minLength": 40},
        {"type": "string", "pattern": r"^[A-Z]{3}-\d{4}$"},
        {"type": "string", "pattern": r"^\p{Lu}\p{L}+$", "minLength": 10},
        {"type": "string", "pattern": r"^(?:red|green)\/(?<name>[a-z]+)$"},
        {"type": "string", "pattern": r"^\+?[1-9]\d{1,14}$", "minLength": 12},
        {"type": "string", "pattern": r"^arn:aws:iam::\d{12}:role\/.+$"},
        {"type": "string", "pattern": r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", "format": "email"},
        {"type": "integer", "minimum": 10},
        {"type": "integer", "maximum": -3},
        {"type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 6},
        {"type": "integer", "minimum": 7, "multipleOf": 5},
        {"type": "integer", "multipleOf": 2.5, "minimum": 1},
        {"type": "integer", "maximum": 0.5},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"type": "number", "multipleOf": 0.01, "minimum": 0.015},
        {"type": "number", "minimum": -5, "maximum": -4},
        {"type": "number", "maximum": -1e300},
        {"minimum": 3},
        {"type": "array"},
        {"type": "array", "items": {"type": "integer"}, "minItems": 3},
        {"type": "array", "items": {"type": "integer"}, "minItems": 3, "uniqueItems": True},
        {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
        {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "uniqueItems": True},
        {
            "type": "array",
            "items": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "maxLength": 2}}},
            "minItems": 4,
            "uniqueItems": True,
        },
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
        {"type": "array", "contains": {"const": 7}, "minContains": 2, "minItems": 3, "items": {"type": "integer"}},
        {"type": "array", "maxItems": 0, "items": {"type": "integer"}},
        {"type": "array", "items": False},
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}, "additionalProperties": False},
        {"type": "object", "required": ["unnamed"], "additionalProperties": {"type": "integer"}},
        {"type": "object", "minProperties": 3, "additionalProperties": {"type": "integer"}},
        {"type": "object", "minProperties": 1, "patternProperties": {"^x-[a-z]+$": {"type": "integer"}}}
        | {"additionalProperties": False},
        {"type": "object", "minProperties": 2, "propertyNames": {"pattern": "^[A-Z]{2}$"}},
        {"type": "object", "maxProperties": 1, "properties": {"a": {}, "b": {}}},
        {"type": "object", "properties": {"a": True}, "dependentRequired": {"a": ["b"], "b": ["c"]}},
        {"type": "object", "properties": {"a": True}, "dependentSchemas": {"a": {"required": ["z"]}}},
        {
            "allOf": [
                {"required": ["a"]},
                {"properties": {"a": {"minLength": 3}}},
                {"properties": {"a": {"type": "string"}}},
            ]
        },
        {"allOf": [{"type": "number", "minimum": 3}, {"type": "integer", "maximum": 3}]},
        {"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]},
        {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        {"oneOf": [False, {"type": "string", "pattern": "(?!)"}, {"type": "integer"}]},
        {"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}], "properties": {"b": {"type": "null"}}},
        {
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        },
        {"anyOf": [{"type": "string"}], "oneOf": [{"minLength": 3}, {"maxLength": 1}]},
        {"oneOf": [{"oneOf": [{"type": "integer"}, {"type": "null"}]}, {"type": "string"}]},
        {"type": "string", "not": {"const": "text"}, "enum": ["text", "other"]},
        {"type": "boolean", "not": {"const": True}},
        {
            "type": "object",
            "properties": {"kind": {"enum": ["card", "cash"]}},
            "required": ["kind"],
            "if": {"properties": {"kind": {"const": "card"}}},
            "then": {"required": ["number"], "properties": {"number": {"type": "string", "pattern": "^\\d{4}$"}}},
        },
        {"type": ["null", "array"], "items": {"type": "string"}},
        {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
    ],
    ids=lambda node: json.dumps(node)[:60],
)
def test_a_built_value_fits(node: Any) -> None:
    assert fits(example(schema(node)), schema(node)), example(schema(node))


def test_recursion_ends_where_the_schema_lets_it() -> None:
    node = {
        "type": "object",
        "required": ["name", "children", "parent"],
        "properties": {
            "name": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
            "parent": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
            "next": {"$ref": "#/$defs/Node"},
        },
    }
    tree = schema({"$ref": "#/$defs/Node"}, Node=node)
    assert example(tree) == {"name": "name", "children": [], "parent": None}


def test_a_schema_that_no_finite_value_fits_ends_too() -> None:
    endless = {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/$defs/Endless"}}}
    assert example(schema({"$ref": "#/$defs/Endless"}, Endless=endless)) is None
    assert example(schema({"$ref": "#/$defs/Loop"}, Loop={"$ref": "#/$defs/Loop"})) == {}


def test_the_discriminator_names_the_branch() -> None:
    pet = schema(
        {
            "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
            "discriminator": {"propertyName": "kind", "mapping": {"feline": "#/$defs/Cat"}},
        },
        Cat={"type": "object", "required": ["kind", "lives"], "properties": {"kind": {"type": "string"}, "lives": {}}},
        Dog={"type": "object", "required": ["kind", "bark"], "properties": {"kind": {"type": "string"}, "bark": {}}},
    )
    value = example(pet)
    assert isinstance(value, dict)
    assert value["kind"] in ("Cat", "feline")
    assert "lives" in value


def test_each_direction_leaves_out_what_travels_the_other_way() -> None:
    user = schema(
        {
            "type": "object",
            "required": ["id", "password"],
            "properties": {
                "id": {"type": "string", "readOnly": True},
                "password": {"type": "string", "writeOnly": True},
                "name": {"type": "string"},
            },
        }
    )
    assert example(user, Direction.REQUEST).keys() == {"password", "name"}  # type: ignore[union-attr]
    assert example(user, Direction.RESPONSE).keys() == {"id", "name"}  # type: ignore[union-attr]


def test_the_same_schema_gives_the_same_value() -> None:
    node = {"type": "object", "properties": {name: {"type": "string", "pattern": "^[a-z]+$"} for name in "qwertz"}}
    assert json.dumps(example(schema(node))) == json.dumps(example(schema(dict(node))))


@pytest.mark.parametrize(
    "node",
    [
        {"type": "string", "pattern": "^(a+)+$", "minLength": 3_000},
        {"type": "string", "pattern": "^((((a{99}){99}){99}){99})$"},
        {"type": "string", "pattern": "^(?:(?:(?:(?:){999}){999}){999}){999}$"},
        {"type": "string", "pattern": "[" * 10_000},
        {"type": "string", "minLength": 10**12},
        {"type": "array", "minItems": 10**12, "items": {"type": "string"}},
        {"type": "object", "minProperties": 10**12},
        {"type": "integer", "minimum": 1e308, "multipleOf": 1e-308},
        {"type": "object", "required": [f"p{number}" for number in range(100_000)]},
    ],
    ids=lambda node: str(node)[:60],
)
def test_hostile_schemas_take_bounded_time(node: Any) -> None:
    started = time.perf_counter()
    example(schema(node))
    assert time.perf_counter() - started < 5


def test_a_schema_that_doubles_at_every_level_takes_bounded_time() -> None:
    levels = {
        f"L{n}": {"type": "object", "required": ["a", "b"]}
        | {"properties": {key: {"$ref": f"#/$defs/L{n + 1}"} for key in "ab"}}
        for n in range(35)
    }
    started = time.perf_counter()
    example(schema({"$ref": "#/$defs/L0"}, **levels, L35={"type": "string"}))
    assert time.perf_counter() - started < 5


def test_choices_that_multiply_take_bounded_time() -> None:
    levels = {
        f"L{n}": {
            "oneOf": [{"type": "array", "items": {"$ref": f"#/$defs/L{n + 1}"}, "minItems": m} for m in range(1, 7)]
        }
        for n in range(12)
    }
    started = time.perf_counter()
    example(schema({"$ref": "#/$defs/L0"}, **levels, L12={"type": "string", "pattern": "(?!)"}))
    assert time.perf_counter() - started < 10


@pytest.mark.skipif(not GITHUB.is_file(), reason="make bench fetches GitHub's document")
def test_answers_of_a_large_real_document_fit() -> None:
    api = read(GITHUB, root=GITHUB.parent)
    schemas = [
        media.schema
        for operation in api.operations
        for response in operation.responses.values()
        for media in response.content.values()
        if media.schema is not None
    ]
    started = time.perf_counter()
    fitting = sum(fits(example(one), one) for one in schemas)
    assert fitting / len(schemas) >= 0.995
    assert time.perf_counter() - started < 60
