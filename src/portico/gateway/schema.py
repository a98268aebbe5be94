"""JSON Schema at run time: validators compiled once, and every fault of a value with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import jsonschema_rs
import msgspec

from portico.design.model import Direction, Schema
from portico.gateway.problems import Fault

FAULTS_REPORTED = 100  # of one value
MASKED = "value"


class Validator(Protocol):
    """What jsonschema-rs compiles a schema to."""

    def is_valid(self, instance: Any) -> bool:
        """Whether a value fits."""

    def iter_errors(self, instance: Any) -> Iterator[Any]:
        """Everything that does not fit."""


class Validators:
    """The validators of an API. Schemas that say the same share one."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[bytes, Direction, bool], Validator] = {}

    def compile(self, schema: Schema, direction: Direction, *, masked: bool = False) -> Validator:
        """A validator for values that travel in one direction.

        Args:
            schema: what the document says.
            direction: see `Schema.document`.
            masked: keep values out of the messages, since these go to a log.

        Raises:
            ValueError: the schema is not one.
        """
        key = (msgspec.json.encode(schema.node), direction, masked)
        if key not in self._compiled:
            self._compiled[key] = jsonschema_rs.Draft202012Validator(
                schema.document(direction),
                validate_formats=True,
                ignore_unknown_formats=True,
                mask=MASKED if masked else None,
                offline=True,
            )
        return self._compiled[key]


def is_trivial(schema: Schema) -> bool:
    """Whether every string fits, so that a text parameter needs no check."""
    node = schema.resolved.node
    return node is True or (
        isinstance(node, dict)
        and node.get("type", "string") == "string"
        and not node.keys() - {"type", "description", "title", "examples", "default", "deprecated"}
    )


def faults(validator: Validator, value: Any, location: str, prefix: str = "") -> list[Fault]:
    """Everything that is wrong with a value.

    Args:
        validator: a compiled schema.
        value: a JSON value.
        location: where in the request or the reply the value stands: "body", "query", ...
        prefix: the JSON pointer of the value itself.
    """
    found: list[Fault] = []
    try:
        for error in validator.iter_errors(value):
            found.append(
                Fault(
                    location=location,
                    pointer=prefix + pointer(error.instance_path),
                    detail=str(error.message),
                    schema_pointer=pointer(error.schema_path),
                )
            )
            if len(found) >= FAULTS_REPORTED:
                break
    except ValueError:  # jsonschema-rs cannot show a value that is more than 255 deep
        found.append(Fault(location, prefix, "This breaks its schema, and is nested too deeply to say where."))
    return found


def pointer(path: list[str | int]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in path)
