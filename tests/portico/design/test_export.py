"""An API exported and read again is the same API."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import openapi_spec_validator as osv
import pytest

from portico import design
from portico.design import Api, Direction

from .test_reader import OPENAPI, SWAGGER

Read = Callable[..., Api]

RICH = """
openapi: 3.1.0
info: {title: Rich, version: "2", summary: In short}
servers: [{url: /rich}]
tags: [{name: things, description: All of them}]
paths:
  /things/{id}:
    post:
      operationId: makeThing
      tags: [things]
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer, exclusiveMinimum: 0}}
        - {name: sort, in: query, explode: false, schema: {type: array, items: {type: string}}, example: [a]}
        - {name: where, in: query, content: {application/json: {schema: {type: object}}}}
      requestBody:
        required: true
        x-body-name: thing
        content:
          application/json: {schema: {$ref: "#/components/schemas/Thing"}, examples: {one: {value: {id: 1}}}}
          multipart/form-data:
            schema: {type: object, properties: {photo: {type: string, contentMediaType: application/octet-stream}}}
            encoding: {photo: {contentType: image/png, headers: {X-It: {schema: {type: integer}}}}}
      responses:
        "200":
          description: ok
          headers: {X-Rate: {schema: {type: integer}}}
          content: {application/json: {schema: true}}
      security: [{key: []}, {}]
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  schemas:
    Thing:
      type: object
      required: [id]
      properties:
        id: {type: [integer, "null"], examples: [1, 2]}
        any: {type: [integer, string]}
        kind: {const: thing}
        pair: {type: array, prefixItems: [{type: string}, {type: integer}], items: false}
        one: {$ref: "#/components/schemas/Choice", description: Which}
        none: {type: "null"}
        price: {type: number, minimum: 1, exclusiveMaximum: 9}
        tags: {patternProperties: {"^x": {type: string}}, additionalProperties: false}
    Choice:
      oneOf: [{$ref: "#/components/schemas/Thing"}, {type: object, required: [size]}]
      discriminator: {propertyName: kind, mapping: {thing: "#/components/schemas/Thing"}}
"""


def validate(document: dict[str, Any], version: str) -> None:
    kind = osv.OpenAPIV30SpecValidator if version == "3.0" else osv.OpenAPIV31SpecValidator
    assert [error.message for error in kind(json.loads(json.dumps(document))).iter_errors()] == []


@pytest.mark.parametrize("version", ["3.0", "3.1"])
@pytest.mark.parametrize("text", [SWAGGER, RICH], ids=["2.0", "3.1"])
def test_the_export_is_valid_and_describes_the_same_operations(read: Read, text: str, version: Any) -> None:
    api = read(text)
    document = design.export(api, version)
    validate(document, version)
    again = design.read(document, name=api.name)
    assert again.dialect == version
    assert (again.base_path, again.title, again.version, again.tags) == (
        api.base_path,
        api.title,
        api.version,
        api.tags,
    )
    assert again.security_schemes == api.security_schemes
    assert [_outline(one) for one in again.operations] == [_outline(one) for one in api.operations]


def _outline(operation: design.Operation) -> Any:
    """An operation without its schemas, which OpenAPI 3.0 writes in other words."""
    extensions = {key: value for key, value in operation.extensions.items() if "controller" not in key}
    parameters = [replace(one, schema=None, examples=()) for one in operation.parameters]  # type: ignore[arg-type]
    body = operation.body and (operation.body.name, operation.body.required, list(operation.body.content))
    responses = {
        status: (one.description, list(one.headers), list(one.content)) for status, one in operation.responses.items()
    }
    return replace(
        operation, parameters=(), body=None, responses={}, extensions=extensions
    ), parameters, body, responses  # fmt: skip


def test_nothing_is_lost_between_2_0_and_3_1(read: Read) -> None:
    api = read(SWAGGER)
    again = design.read(design.export(api, "3.1"), name=api.name)
    assert {name: again.definitions[name].node for name in again.definitions} == {
        name: api.definitions[name].node for name in api.definitions
    }
    for one, other in zip(api.operations, again.operations, strict=True):
        assert [parameter.schema for parameter in one.parameters] == [
            parameter.schema for parameter in other.parameters
        ]


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ({"id": None}, True),
        ({"id": 1, "any": "x", "kind": "thing", "pair": ["a", 1], "price": 1, "none": None}, True),
        ({}, False),
        ({"id": "x"}, False),
        ({"id": 1, "any": []}, False),
        ({"id": 1, "kind": "other"}, False),
        ({"id": 1, "price": 9}, False),
        ({"id": 1, "pair": ["a", 1, 2]}, False),
        ({"id": 1, "none": 0}, False),
        ({"id": 1, "one": {"kind": "thing"}}, False),
    ],
)
def test_a_schema_says_the_same_in_3_0(read: Read, value: Any, fits: bool) -> None:
    import jsonschema_rs

    api = read(RICH)
    again = design.read(design.export(api, "3.0"))
    for one in (api, again):
        check = jsonschema_rs.Draft202012Validator(one.definitions["Thing"].document(Direction.REQUEST))
        assert check.is_valid(value) is fits, one.dialect


def test_a_document_of_the_wanted_version_is_given_as_it_was_written(read: Read) -> None:
    assert design.export(read(RICH), "3.1") == dict(read(RICH).document)


def test_what_only_3_2_says_is_left_out(read: Read) -> None:
    document = design.export(read(OPENAPI), "3.1")
    assert list(document["paths"]["/a/{id}"]) == ["get", "trace"]


def test_the_published_document_says_where_it_is_served_and_hides_what_is_internal(read: Read) -> None:
    modern = design.published(read(OPENAPI.replace("x-team", "x-amazon-apigateway-integration")), "/here")
    assert modern["servers"] == [{"url": "/here"}]
    assert "servers" not in modern["paths"]["/a/{id}"]
    assert "controller" not in json.dumps(modern)
    assert "amazon" not in json.dumps(modern)
    signed = design.published(read(OPENAPI.replace("x-team", "x-amazon-apigateway-authtype")), "/here")
    assert "x-amazon-apigateway-authtype" in json.dumps(signed)  # callers must know how to sign
    old = design.published(read(SWAGGER), "")
    assert (old["basePath"], "host" in old, "schemes" in old) == ("/", False, False)
    assert "controller" not in json.dumps(old)
