"""Schemas become types: what is said of a value is kept, and nothing of it is dropped silently."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest
from tests.portico.sdkgen.plan.conftest import Plan

from portico.sdkgen.plan import (
    Alias,
    Anything,
    Binary,
    Enumeration,
    ListOf,
    Literals,
    MapOf,
    Named,
    Nullable,
    Record,
    Scalar,
    Sdk,
    TypeRef,
    Union,
)
from portico.sdkgen.untrusted import Untrusted


def answer(schema: str, components: str = "") -> str:
    """A document with one operation that answers a schema."""
    return f"""
paths:
  /a:
    get:
      operationId: look
      responses:
        "200":
          description: it
          content:
            application/json:
              schema:
{textwrap.indent(textwrap.dedent(schema).strip(), " " * 16)}
components:
  schemas:
    Other: {{ type: object, properties: {{ id: {{ type: string }} }} }}
{textwrap.indent(textwrap.dedent(components).strip(), " " * 4)}
"""


def result(sdk: Sdk) -> TypeRef:
    found = sdk.operations[0].result
    assert found is not None
    return found


def literals(*values: Any) -> tuple[Any, ...]:
    return tuple(Untrusted(value) if isinstance(value, str) else value for value in values)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("type: string", Scalar("string")),
        ("{type: string, format: date}", Scalar("date")),
        ("{type: string, format: date-time}", Scalar("datetime")),
        ("{type: string, format: uuid}", Scalar("uuid")),
        ("{type: string, format: byte}", Scalar("bytes")),
        ("{type: string, contentEncoding: base64}", Scalar("bytes")),
        ("{type: string, format: binary}", Binary()),
        ("{type: string, format: decimal}", Scalar("decimal", text=True)),
        ("{type: string, format: int64}", Scalar("int64", text=True)),
        ("{type: string, format: something-else}", Scalar("string")),
        ("{type: number, format: decimal}", Scalar("decimal")),
        ("{type: number, format: double}", Scalar("number")),
        ("type: integer", Scalar("integer")),
        ("{type: integer, format: int32}", Scalar("integer")),
        ("{type: integer, format: int64}", Scalar("int64")),
        ("{type: integer, maximum: 9223372036854775807}", Scalar("int64")),
        ("type: boolean", Scalar("boolean")),
        ("type: 'null'", Scalar("null")),
        ("type: [string, 'null']", Nullable(Scalar("string"))),
        ("{}", Anything()),
        ("true", Anything()),
        ("{type: array, items: {type: integer}}", ListOf(Scalar("integer"))),
        ("type: array", ListOf(Anything())),
        ("{type: array, prefixItems: [{type: integer}, {type: integer}], items: false}", ListOf(Scalar("integer"))),
        ("{type: object, additionalProperties: {type: integer}}", MapOf(Scalar("integer"))),
        ("type: object", MapOf(Anything())),
        ("{enum: [a, b]}", Literals("string", literals("a", "b"))),
        ("{enum: [a, b, null]}", Nullable(Literals("string", literals("a", "b")))),
        ("{enum: [1, 2], type: integer}", Literals("integer", (1, 2))),
        ("{enum: [1, a]}", Anything()),
        ("{const: a}", Literals("string", literals("a"))),
        ("{type: [integer, number]}", Scalar("number")),
        ("{anyOf: [{type: string}, {type: 'null'}]}", Nullable(Scalar("string"))),
        ("{oneOf: [{type: string}]}", Scalar("string")),
        ("{allOf: [{$ref: '#/components/schemas/Other'}], description: more}", Named("Other")),
        ("{anyOf: [{$ref: '#/components/schemas/Other'}, {type: 'null'}]}", Nullable(Named("Other"))),
    ],
)
def test_a_schema_is_a_type(plan: Plan, schema: str, expected: TypeRef) -> None:
    assert result(plan(answer(schema))) == expected


def test_a_named_scalar_is_looked_through_and_a_named_enumeration_is_declared(plan: Plan) -> None:
    sdk = plan(
        answer(
            """
            type: object
            properties: {id: {$ref: '#/components/schemas/Id'}, state: {$ref: '#/components/schemas/State'}}
            """,
            "Id: {type: string, pattern: '^x'}\nState: {type: string, enum: [lit, dark], x-enum-varnames: [Lit, Dark]}",
        )
    )
    record = sdk.declared()[result(sdk).key]  # type: ignore[union-attr]
    assert isinstance(record, Record)
    assert [field.type for field in record.fields] == [Scalar("string"), Named("State")]
    state = sdk.declared()["State"]
    assert isinstance(state, Enumeration)
    assert state.values == literals("lit", "dark")
    assert state.names == literals("Lit", "Dark")


def test_a_record_knows_what_is_required_read_only_and_constant(plan: Plan) -> None:
    sdk = plan(
        answer(
            """
            type: object
            required: [id, kind]
            properties:
              id: {type: string, readOnly: true, description: Its id.}
              secret: {type: string, writeOnly: true}
              kind: {const: bouquet}
              old: {type: string, deprecated: true}
            additionalProperties: false
            """
        )
    )
    record = sdk.types[0]
    assert isinstance(record, Record)
    fields = {field.key.raw: field for field in record.fields}
    assert fields["id"].required
    assert fields["id"].read_only
    assert fields["id"].description == Untrusted("Its id.")
    assert fields["secret"].write_only
    assert not fields["secret"].required
    assert fields["kind"].constant == Untrusted("bouquet")
    assert fields["old"].deprecated
    assert record.additional is None


def test_all_of_is_one_record_with_the_fields_of_all(plan: Plan) -> None:
    sdk = plan(
        answer(
            "{$ref: '#/components/schemas/Big'}",
            """
            Big:
              allOf:
                - $ref: '#/components/schemas/Other'
                - {type: object, required: [size], properties: {size: {type: integer}}}
            """,
        )
    )
    record = sdk.declared()["Big"]
    assert isinstance(record, Record)
    assert [(field.key.raw, field.required) for field in record.fields] == [("id", False), ("size", True)]


def test_a_recursive_schema_ends(plan: Plan) -> None:
    sdk = plan(
        answer(
            "{$ref: '#/components/schemas/Node'}",
            "Node: {type: object, properties: {children: {type: array, items: {$ref: '#/components/schemas/Node'}}}}",
        )
    )
    record = sdk.declared()["Node"]
    assert isinstance(record, Record)
    assert record.fields[0].type == ListOf(Named("Node"))


def test_an_array_of_itself_has_a_name(plan: Plan) -> None:
    sdk = plan(
        answer(
            "{$ref: '#/components/schemas/Nest'}",
            "Nest: {type: array, items: {$ref: '#/components/schemas/Nest'}}",
        )
    )
    assert sdk.declared()["Nest"] == Alias("Nest", Untrusted("Nest"), ListOf(Named("Nest")), Untrusted(""))


CATS = """
Cat: {type: object, required: [kind], properties: {kind: {type: string}, lives: {type: integer}}}
Dog: {type: object, required: [kind], properties: {kind: {type: string}, tricks: {type: integer}}}
"""


def test_a_discriminator_maps_its_values_to_members(plan: Plan) -> None:
    sdk = plan(
        answer(
            """
            oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
            discriminator: {propertyName: kind, mapping: {meow: '#/components/schemas/Cat'}}
            """,
            CATS,
        )
    )
    found = sdk.declared()[result(sdk).key]  # type: ignore[union-attr]
    assert isinstance(found, Union)
    assert found.members == (Named("Cat"), Named("Dog"))
    assert found.discriminator == Untrusted("kind")
    assert dict(found.mapping) == {Untrusted("meow"): Named("Cat"), Untrusted("Dog"): Named("Dog")}


def test_a_parent_with_a_discriminator_is_any_of_those_that_extend_it(plan: Plan) -> None:
    sdk = plan(
        answer(
            "{$ref: '#/components/schemas/Pet'}",
            """
            Pet: {type: object, properties: {kind: {type: string}}, discriminator: {propertyName: kind}}
            Cat: {allOf: [{$ref: '#/components/schemas/Pet'}, {type: object, properties: {lives: {type: integer}}}]}
            Lion: {allOf: [{$ref: '#/components/schemas/Cat'}, {type: object, properties: {mane: {type: boolean}}}]}
            """,
        )
    )
    found = sdk.declared()["Pet"]
    assert isinstance(found, Union)
    assert {value.raw: member for value, member in found.mapping} == {"Cat": Named("Cat"), "Lion": Named("Lion")}
    lion = sdk.declared()["Lion"]
    assert isinstance(lion, Record)
    assert {field.key.raw for field in lion.fields} == {"kind", "lives", "mane"}


def test_a_choice_beside_properties_keeps_these_in_every_member(plan: Plan) -> None:
    sdk = plan(
        answer(
            """
            type: object
            properties: {shared: {type: string}}
            oneOf:
              - {properties: {a: {type: string}}}
              - {properties: {b: {type: string}}}
            """
        )
    )
    names = [{field.key.raw for field in one.fields} for one in sdk.types if isinstance(one, Record)]
    assert names == [{"shared", "a"}, {"shared", "b"}]


def test_a_choice_of_what_is_required_only_is_one_record(plan: Plan) -> None:
    sdk = plan(
        answer(
            """
            type: object
            properties: {a: {type: string}, b: {type: string}}
            anyOf: [{required: [a]}, {required: [b]}]
            """
        )
    )
    assert [type(one) for one in sdk.types] == [Record]


def test_conditions_that_no_type_can_say_are_told(plan: Plan) -> None:
    sdk = plan(
        answer(
            "{$ref: '#/components/schemas/Odd'}",
            "Odd: {type: object, properties: {a: {}}, if: {required: [a]}, then: {required: [b]}}",
        )
    )
    assert [(one.place, "condition" in one.text) for one in sdk.omissions] == [(Untrusted("Odd"), True)]


def test_a_schema_that_nothing_fits_is_any_value_and_told(plan: Plan) -> None:
    sdk = plan(answer("{allOf: [{type: string}, {type: integer}]}"))
    assert result(sdk) == Anything()
    assert len(sdk.omissions) == 1


def test_choices_that_multiply_end(plan: Plan) -> None:
    branches = ", ".join(f"{{properties: {{p{number}: {{type: string}}}}}}" for number in range(40))
    parts = ", ".join(f"{{anyOf: [{branches}]}}" for _ in range(12))
    sdk = plan(answer(f"{{type: object, allOf: [{parts}]}}"))
    assert sdk.operations[0].result is not None
    assert [one.text for one in sdk.omissions if "first of its choices" in one.text]
