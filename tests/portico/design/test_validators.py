"""Many schemas compiled as one validator: each value meets its own schema only."""

from __future__ import annotations

from typing import Any

import pytest

from portico import design
from portico.design import Api, Direction, Schema
from portico.design.validators import Validators


@pytest.fixture
def api() -> Api:
    schemas: dict[str, Any] = {f"S{n}": {"type": "object", "required": [f"p{n}"]} for n in range(40 * 32)}
    schemas["Node"] = {
        "properties": {"id": {"readOnly": True}, "next": {"$ref": "#/components/schemas/Node"}},
        "required": ["id"],
    }
    return design.read({"openapi": "3.1.0", "paths": {}, "components": {"schemas": schemas}})


def test_each_value_is_checked_against_its_own_schema(api: Api) -> None:
    validators = Validators(api.definitions, Direction.REQUEST)
    added = {n: validators.add(api.definitions[f"S{n}"]) for n in range(40 * 32)}
    for n in (0, 1, 31, 32, 1_023, 1_024, 1_279):
        assert added[n].is_valid({f"p{n}": 1})
        assert not added[n].is_valid({f"p{n + 1}": 1})
        ((way, message, _),) = added[n].errors({})
        assert (way, message) == ((), f'"p{n}" is a required property')


def test_the_way_to_a_fault_begins_at_the_value(api: Api) -> None:
    validator = Validators(api.definitions, Direction.RESPONSE).add(api.definitions["Node"])
    assert [way for way, _, _ in validator.errors({"id": 1, "next": {"next": {"id": 2}}})] == [("next",)]


def test_the_direction_counts(api: Api) -> None:
    node = api.definitions["Node"]
    assert Validators(api.definitions, Direction.REQUEST).add(node).is_valid({})
    assert not Validators(api.definitions, Direction.RESPONSE).add(node).is_valid({})


def test_a_schema_that_is_added_late_is_compiled_late(api: Api) -> None:
    validators = Validators(api.definitions, Direction.REQUEST)
    first = validators.add(api.definitions["S1"])
    assert first.is_valid({"p1": 1})
    second = validators.add(Schema({"type": "string"}, api.definitions))
    assert second.is_valid("x")
    assert not second.is_valid(1)
    assert not first.is_valid({})
    assert validators.add(api.definitions["S1"]) is first
