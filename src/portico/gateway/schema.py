"""JSON Schema at run time: validators compiled once, and every fault of a value with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import jsonschema_rs
import msgspec

from portico.design.model import Direction, Schema
from portico.design.validators import SchemaValidator
from portico.design.validators import Validators as Joint
from portico.gateway.problems import Fault

FAULTS_REPORTED = 100  # of one value
PARTS_EXAMINED = 2_000  # items and members of a value whose faults are all looked for
OWN_DEFINITIONS = 40  # a schema that reaches more named schemas shares a validator with its like
JOINT_DEPTH = 3  # objects around a value that is checked by a shared validator
MASKED = "value"


class Validator(Protocol):
    """What jsonschema-rs compiles a schema to."""

    def is_valid(self, instance: Any) -> bool:
        """Whether a value fits."""

    def iter_errors(self, instance: Any) -> Iterator[Any]:
        """Everything that does not fit."""

    def validate(self, instance: Any) -> None:
        """Raise jsonschema-rs's error for the first thing that does not fit."""


class Validators:
    """The validators of an API. Schemas that say the same share one.

    A validator holds compiled copies of all definitions that it reaches. Where those are few it is the fastest; schemas
    that reach many share one validator instead (see `portico.design.validators`), which keeps a large document small.
    """

    def __init__(self) -> None:
        self._compiled: dict[tuple[bytes, Direction, bool], Validator] = {}
        self._joint: dict[tuple[Direction, bool], Joint] = {}

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
            document = schema.document(direction)
            options: dict[str, Any] = {"validate_formats": True, "mask": MASKED if masked else None, "offline": True}
            if len(document.get("$defs", ())) <= OWN_DEFINITIONS:
                self._compiled[key] = jsonschema_rs.Draft202012Validator(document, **options)
            else:
                joint = self._joint.get((direction, masked))
                if joint is None:
                    joint = self._joint[direction, masked] = Joint(schema.definitions, direction, **options)
                self._compiled[key] = JointValidator(joint.add(schema))
        return self._compiled[key]

    def finish(self) -> None:
        """Compile what is compiled together: call it when every schema has been named.

        Raises:
            ValueError: a schema is not one.
        """
        for joint in self._joint.values():
            joint.compile()


class JointValidator:
    """One schema of those that share a validator."""

    def __init__(self, one: SchemaValidator) -> None:
        self._one = one
        self.is_valid = one.is_valid

    def iter_errors(self, value: Any) -> Iterator[jsonschema_rs.ValidationError]:
        """Everything that does not fit."""
        for _, _, error in self._one.errors(value):
            yield _from_inside(error)

    def validate(self, value: Any) -> None:
        """Raise the first thing that does not fit."""
        for _, _, error in self._one.first(value):
            raise _from_inside(error)


def _from_inside(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """An error of a shared validator as a validator of the one schema would tell it."""
    return jsonschema_rs.ValidationError(
        error.message,
        error.verbose_message,
        error.schema_path[2 * JOINT_DEPTH :],
        error.instance_path[JOINT_DEPTH:],
        error.evaluation_path[2 * JOINT_DEPTH :],
        error.kind,
        error.instance,
    )


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
        for error in _errors(validator, value):
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


def _errors(validator: Validator, value: Any) -> Iterable[Any]:
    """What is wrong with a value; of a large one the first thing only.

    jsonschema-rs makes all its errors before it gives the first: an array of a million wrong items would hold the
    server up for a minute, and take gigabytes.
    """
    if _is_small(value):
        return validator.iter_errors(value)
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return [error]
    return []


def _is_small(value: Any) -> bool:
    """Whether a value has few parts, so that all its faults can be looked for."""
    waiting, parts = [value], 0
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict | list):
            parts += len(part)
            if parts > PARTS_EXAMINED:
                return False
            waiting.extend(part.values() if isinstance(part, dict) else part)
    return True


def pointer(path: list[str | int]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in path)
