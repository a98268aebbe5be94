"""Schemas of every version mean the same after reading: JSON Schema 2020-12."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest

from portico.design import Api, Direction


@pytest.mark.parametrize(
    ("version", "written", "normal"),
    [
        ("3.0.3", {"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ("3.0.3", {"type": "string", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),  # noqa: E501
        ("3.0.3", {"nullable": True, "allOf": [{"type": "string"}]}, {"allOf": [{"type": "string"}]}),
        ("3.0.3", {"nullable": False, "type": "string"}, {"type": "string"}),
        ("2.0", {"type": "string", "x-nullable": True}, {"type": ["string", "null"], "x-nullable": True}),
        ("3.0.3", {"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ("3.0.3", {"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
        ("3.0.3", {"exclusiveMaximum": True}, {}),
        ("3.1.0", {"exclusiveMaximum": 5}, {"exclusiveMaximum": 5}),
        ("3.0.3", {"type": "string", "example": "a"}, {"type": "string", "examples": ["a"]}),
        ("3.0.3", {"type": "string", "example": None}, {"type": "string", "examples": [None]}),
        ("3.1.0", {"example": "a", "examples": ["b"]}, {"examples": ["a", "b"]}),
        ("2.0", {"type": "file"}, {"type": "string", "format": "binary"}),
        ("2.0", {"x-writeOnly": True, "type": "string"}, {"x-writeOnly": True, "type": "string", "writeOnly": True}),
        ("3.0.3", {"const": 1, "if": {}, "$id": "x", "type": "integer"}, {"type": "integer"}),
        ("3.1.0", {"const": 1, "$id": "https://x/y", "$comment": "c"}, {"const": 1}),
        ("3.1.0", {"items": [{"type": "string"}], "additionalItems": False}, {"prefixItems": [{"type": "string"}], "items": False}),  # noqa: E501
        ("3.1.0", True, True),
        ("3.1.0", {"additionalProperties": False}, {"additionalProperties": False}),
        ("3.0.3", {"required": ["a", "a"]}, {"required": ["a"]}),
        ("3.1.0", {"nullable": True, "type": "string"}, {"type": "string"}),
    ],
)  # fmt: skip
def test_what_versions_write_differently_becomes_one(
    normalise: Callable[..., Any], version: str, written: Any, normal: Any
) -> None:
    assert normalise(written, version) == normal


@pytest.mark.parametrize(
    ("written", "rule", "left"),
    [
        ({"type": "strng"}, "broken-keyword", {}),
        ({"minLength": "5"}, "broken-keyword", {}),
        ({"minLength": -1}, "broken-keyword", {}),
        ({"multipleOf": 0}, "broken-keyword", {}),
        ({"enum": "a"}, "broken-keyword", {}),
        ({"properties": ["a"]}, "broken-keyword", {}),
        ({"allOf": []}, "broken-keyword", {}),
        ({"items": "x", "type": "array"}, "broken-keyword", {"type": "array"}),
        ({"pattern": "["}, "unsupported-pattern", {}),
        ({"pattern": "(?<!a"}, "unsupported-pattern", {}),
        ({"patternProperties": {"[": {}, "^x": {"type": "string"}}}, "unsupported-pattern", {"patternProperties": {"^x": {"type": "string"}}}),  # noqa: E501
        ({"discriminator": {}}, "broken-keyword", {}),
    ],
)  # fmt: skip
def test_a_keyword_that_cannot_hold_is_left_out_and_told(
    api_with: Callable[..., Api], written: Any, rule: str, left: Any
) -> None:
    api = api_with(written)
    assert [finding.rule for finding in api.findings] == [rule]
    assert api.definitions["It"].node == left
    jsonschema_rs.Draft202012Validator(api.definitions["It"].document(Direction.REQUEST))


def test_siblings_of_a_reference_count_since_3_1(normalise: Callable[..., Any]) -> None:
    written = {"$ref": "#/components/schemas/Other", "description": "d", "minLength": 3}
    assert normalise(written, "3.0.3", Other={}) == {"$ref": "#/$defs/Other"}
    assert normalise(written, "3.1.0", Other={}) == {"$ref": "#/$defs/Other", "description": "d", "minLength": 3}


def test_a_schema_may_be_named_by_id_and_anchor(api_with: Callable[..., Api]) -> None:
    api = api_with(
        {"$ref": "https://example.com/defs#word"},
        "3.1.0",
        Defs={"$id": "https://example.com/defs", "$defs": {"Word": {"$anchor": "word", "type": "string"}}},
        Relative={"$id": "https://example.com/more/", "items": {"$ref": "../defs#/$defs/Word"}},
    )
    assert api.definitions["It"].types == ("string",)
    assert api.definitions["Relative"].items is not None
    assert api.definitions["Relative"].items.types == ("string",)


def test_a_dynamic_reference_lets_pass_what_any_of_its_anchors_allows(api_with: Callable[..., Api]) -> None:
    api = api_with(
        {
            "$id": "https://x/tree",
            "$dynamicAnchor": "node",
            "properties": {"kids": {"items": {"$dynamicRef": "#node"}}},
        },
        "3.1.0",
        Strict={"$id": "https://x/strict", "$dynamicAnchor": "node", "type": "object", "required": ["name"]},
    )
    check = jsonschema_rs.Draft202012Validator(api.definitions["It"].document(Direction.REQUEST))
    assert check.is_valid({"kids": [{"kids": []}, {"name": "x"}]})


def test_names_of_definitions_stand_in_a_uri_as_they_are(api_with: Callable[..., Api]) -> None:
    api = api_with(
        {"items": {"$ref": "#/definitions/List%C2%ABPet%C2%BB"}},
        "2.0",
        **{"List«Pet»": {"type": "array"}, "List Pet": {}},
    )
    assert list(api.definitions) == ["It", "List_Pet", "List_Pet_2"]
    jsonschema_rs.Draft202012Validator(api.definitions["It"].document(Direction.REQUEST))


def test_a_reference_to_any_place_gets_a_readable_name(api_with: Callable[..., Api]) -> None:
    api = api_with(
        {"$ref": "#/components/schemas/Other/properties/size"},
        "3.0.3",
        Other={"properties": {"size": {"type": "integer"}}},
    )
    assert api.definitions["It"].reference == "Other_size"


def test_a_recursive_schema_stays_finite(api_with: Callable[..., Api]) -> None:
    api = api_with({"type": "object", "properties": {"next": {"$ref": "#/components/schemas/It"}}})
    check = jsonschema_rs.Draft202012Validator(api.definitions["It"].document(Direction.REQUEST))
    assert check.is_valid({"next": {"next": {}}})
    assert not check.is_valid({"next": {"next": 1}})


def test_read_only_and_write_only_bind_by_direction(api_with: Callable[..., Api]) -> None:
    api = api_with(
        {
            "allOf": [{"$ref": "#/components/schemas/Base"}, {"required": ["id", "name", "secret"]}],
            "properties": {"secret": {"type": "string", "writeOnly": True}},
        },
        Base={"type": "object", "properties": {"id": {"$ref": "#/components/schemas/Id"}, "name": {}}},
        Id={"type": "integer", "readOnly": True},
    )
    request = jsonschema_rs.Draft202012Validator(api.definitions["It"].document(Direction.REQUEST))
    response = jsonschema_rs.Draft202012Validator(api.definitions["It"].document(Direction.RESPONSE))
    assert request.is_valid({"name": "x", "secret": "y"})
    assert not request.is_valid({"name": "x"})
    assert response.is_valid({"id": 1, "name": "x"})
    assert not response.is_valid({"id": 1, "name": "x", "secret": "y"})
    assert not response.is_valid({"name": "x"})


PETS: dict[str, Any] = {
    "Cat": {"type": "object", "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}},
    "Dog": {"type": "object", "properties": {"kind": {"type": "string"}, "lives": {"type": "string"}}},
}


def pets(**discriminator: Any) -> dict[str, Any]:
    branches = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
    return {"oneOf": branches, "discriminator": {"propertyName": "kind", **discriminator}}


@pytest.mark.parametrize(
    ("mapping", "value", "fits"),
    [
        ({}, {"kind": "Cat", "lives": 9}, True),
        ({}, {"kind": "Cat"}, True),  # by oneOf alone, both branches would fit
        ({}, {"kind": "Dog", "lives": 9}, False),
        ({"c": "#/components/schemas/Cat"}, {"kind": "c", "lives": 9}, True),
        ({"c": "Cat"}, {"kind": "c", "lives": "x"}, False),
        ({}, {"kind": "Bird", "lives": 9}, True),  # the mapping says nothing of birds, oneOf does
        ({}, {"lives": 9}, True),
        ({"x": "#/components/schemas/Gone"}, {"kind": "Cat", "lives": 9}, True),
    ],
)
def test_a_discriminator_chooses_the_branch_that_counts(
    api_with: Callable[..., Api], mapping: dict[str, str], value: Any, fits: bool
) -> None:
    api = api_with(pets(mapping=mapping), "3.0.3", **PETS)
    check = jsonschema_rs.Draft202012Validator(api.definitions["It"].document(Direction.REQUEST))
    assert check.is_valid(value) is fits
    assert api.definitions["It"].node["discriminator"]["propertyName"] == "kind"  # type: ignore[index]


def test_a_parent_that_lists_its_own_children_does_not_run_for_ever(api_with: Callable[..., Api]) -> None:
    child = {"allOf": [{"$ref": "#/components/schemas/It"}, {"properties": {"lives": {"type": "integer"}}}]}
    parent = {**pets(), "properties": {"kind": {"type": "string"}}, "required": ["kind"]}
    api = api_with(parent, "3.0.3", Cat=child, Dog={"allOf": [{"$ref": "#/components/schemas/It"}]})
    check = jsonschema_rs.Draft202012Validator(api.definitions["It"].document(Direction.REQUEST))
    assert check.is_valid({"kind": "Cat", "lives": 9})
    assert not check.is_valid({"kind": "Cat", "lives": "x"})
    assert not check.is_valid({"lives": 9})


def test_what_needs_no_change_is_not_copied(api_with: Callable[..., Api]) -> None:
    api = api_with({"type": "object", "properties": {"a": {"type": "string"}}}, "3.1.0")
    node = api.definitions["It"].node
    assert api.definitions.definition("It", Direction.REQUEST) is node
