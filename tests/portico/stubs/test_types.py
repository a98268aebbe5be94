"""Schemas become types that say what they say."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest

from portico.design import Definitions, Schema
from portico.stubs.types import Types


def annotation(node: Any, **definitions: Any) -> tuple[str, dict[str, Any]]:
    types = Types(Definitions(definitions))
    found = types.annotation(Schema(node, types.definitions), "Hint")
    return found, types.declared


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (True, "Any"),
        ({}, "Any"),
        ({"type": "string", "format": "date-time"}, "str"),
        ({"type": ["integer", "null"]}, "int | None"),
        ({"type": ["integer", "number"]}, "float"),
        ({"type": "null"}, "None"),
        ({"enum": ["a", 'b"', None, 1, True]}, 'Literal["a", \'b"\', 1, True] | None'),
        ({"enum": [1.5], "type": "number"}, "float"),
        ({"const": "x"}, 'Literal["x"]'),
        ({"type": "array"}, "list[Any]"),
        ({"type": "array", "items": {"type": ["string", "null"]}}, "list[str | None]"),
        (
            {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
            "list[str | int]",
        ),
        ({"type": "object"}, "dict[str, Any]"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "dict[str, int]"),
        ({"type": "object", "additionalProperties": False}, "dict[str, Any]"),
        ({"patternProperties": {"^x": {"type": "integer"}}, "type": "object"}, "dict[str, int]"),
        ({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}, "str | list[str]"),
        ({"anyOf": [{"type": "string"}, {"type": "string"}, {"type": "null"}]}, "str | None"),
        ({"anyOf": [{"type": "string"}, {}]}, "Any"),
        ({"allOf": [{"type": "string"}, {"minLength": 1}]}, "str"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "Any"),
        ({"$ref": "#/$defs/Pet"}, "Pet"),
        ({"allOf": [{"$ref": "#/$defs/Pet"}], "description": "Mine."}, "Pet"),
        ({"anyOf": [{"$ref": "#/$defs/Pet"}, {"type": "null"}]}, "Pet | None"),
        ({"$ref": "#/$defs/Maybe"}, "Maybe | None"),
        ({"$ref": "#/$defs/Gone"}, "Any"),
    ],
)
def test_a_schema_is_the_type_that_a_person_would_write(node: Any, expected: str) -> None:
    pet = {"type": "object", "properties": {"name": {"type": "string"}}}
    assert annotation(node, Pet=pet, Maybe={**pet, "type": ["object", "null"]})[0] == expected


def test_parts_are_one_type_with_the_keys_of_all() -> None:
    base = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    name, declared = annotation(
        {"allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"n": {"type": "integer"}}}]}, Base=base
    )
    assert name == "Hint"
    assert declared["Hint"].fields == {"id": ("str", True), "n": ("int", False)}


def test_branches_keep_what_stands_around_them() -> None:
    node = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}},
        "oneOf": [{"properties": {"card": {"type": "string"}}}, {"properties": {"iban": {"type": "string"}}}],
    }
    name, declared = annotation(node)
    assert name == "Hint1 | Hint2"
    assert list(declared["Hint2"].fields) == ["kind", "iban"]


def test_branches_that_only_require_are_no_types() -> None:
    node = {"type": "object", "properties": {"a": {}, "b": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
    assert annotation(node)[0] == "Hint"


def test_types_of_any_shape_run_and_check(project: Any, openapi: Any) -> None:
    schemas: dict[str, Any] = {
        "Tree": {
            "type": "object",
            "properties": {
                "left": {"$ref": "#/components/schemas/Tree"},
                "more": {"$ref": "#/components/schemas/Trees"},
            },
        },
        "Trees": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        "Json": {
            "oneOf": [
                {"type": "string"},
                {"type": "array", "items": {"$ref": "#/components/schemas/Json"}},
                {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Json"}},
            ]
        },
        "Nest": {"type": "array", "items": {"$ref": "#/components/schemas/Nest"}},
        "MaybeNest": {"type": ["array", "null"], "items": {"$ref": "#/components/schemas/MaybeNest"}},
        "odd keys": {
            "type": "object",
            "required": ["a-b", "class"],
            "properties": {
                "a-b": {"type": "integer"},
                "class": {"$ref": "#/components/schemas/Tree"},
                "__private": {"type": "string"},
                "list": {"type": "array", "items": {"type": "string"}},
            },
        },
        "Hiding": {"type": "object", "properties": {"str": {"type": "string"}, "other": {"type": "string"}}},
        "Any": {"type": "object", "properties": {"x": {}}},
        "Exception": {"type": "string"},
        "place order": {"type": "object", "properties": {"inner": {"type": "object", "properties": {"x": {}}}}},
        "place_order": {"type": "object", "properties": {"y": {}}},
        "NotWritten": {"enum": ["a", "b"]},
        "None": {"type": "integer"},
        "日本": {"type": "object", "properties": {"日本": {"type": "string"}}},
        "": {"type": "boolean"},
    }
    properties = {str(n): {"$ref": f"#/components/schemas/{name}"} for n, name in enumerate(schemas)}
    schema = {"type": "object", "properties": properties}
    answer = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    operations: dict[str, Any] = {"get /all": {"operationId": "all", "responses": answer}}
    for n, name in enumerate(schemas):
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        responses = {"200": {"description": "", "content": content}}
        operations[f"get /{n}"] = {"operationId": f"get{n}", "responses": responses}
    project.generate(openapi(operations, **schemas))
    module = project.load()
    assert project.lint() == ""
    types = project.load("shop_types")
    dictionaries = [declared for declared in vars(types).values() if hasattr(declared, "__total__")]
    assert len(dictionaries) >= 7
    assert all(get_type_hints(one) for one in dictionaries)
    assert len({key for key in vars(types) if key.lower().startswith("placeorder")}) == 3  # two schemas, one inner
    assert callable(module.all)


def test_a_reference_back_to_the_schema_around_it_ends(project: Any, openapi: Any) -> None:
    loop = {"allOf": [{"$ref": "#/components/schemas/Loop"}]}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Loop"}}}
    document = openapi(
        {"get /x": {"operationId": "x", "responses": {"200": {"description": "", "content": content}}}}, Loop=loop
    )
    project.generate(document)
    assert callable(project.load().x)
