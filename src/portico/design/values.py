"""Rules about values in a document: examples and defaults fit their schemas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from portico.design.faults import Fault
from portico.design.keywords import subschemas
from portico.design.model import Api, Direction, Example, Location, Media, Parameter, Schema, escape
from portico.design.validators import SchemaValidator, Validators

_LIMIT = 200  # findings of one rule: whoever has more has one cause


@dataclass(frozen=True, slots=True)
class _Claim:
    """A value that must fit a schema."""

    rule: str
    at: Location
    value: Any
    validator: SchemaValidator


def check(api: Api) -> Iterator[Fault]:
    """Examples and defaults that do not fit."""
    claims = _Claims(api)
    counts: dict[str, int] = {}
    for claim in claims.found:
        if claim.validator.is_valid(claim.value):
            continue
        counts[claim.rule] = counts.get(claim.rule, 0) + 1
        if counts[claim.rule] > _LIMIT:
            continue
        way, message, _ = next(claim.validator.errors(claim.value))
        where = "".join(f"/{escape(str(token))}" for token in way)
        kind = "default" if claim.rule == "default-breaks-schema" else "example"
        at = f" at {where}" if where else ""
        yield Fault(claim.rule, claim.at, f"The {kind} does not fit its schema{at}: {_short(message)}.")


def _short(message: str) -> str:
    message = message.rstrip(".")
    return message if len(message) <= 160 else f"{message[:60]} … {message[-90:]}"


class _Claims:
    """Collects the values of a document. Each schema is compiled once, whatever it is claimed for."""

    def __init__(self, api: Api) -> None:
        self.found: list[_Claim] = []
        self._validators = {direction: Validators(api.definitions, direction) for direction in Direction}
        self._met: set[int] = set()
        self._old = api.dialect in ("2.0", "3.0")
        for name in api.definitions:
            self._schema(api.definitions[name], Direction.RESPONSE)
        for operation in api.operations:
            for parameter in operation.parameters:
                self._parameter(parameter, Direction.REQUEST)
            for media in operation.body.content.values() if operation.body is not None else ():
                self._media(media, Direction.REQUEST)
            for response in operation.responses.values():
                for header in response.headers.values():
                    self._parameter(header, Direction.RESPONSE)
                for media in response.content.values():
                    self._media(media, Direction.RESPONSE)

    def _parameter(self, parameter: Parameter, direction: Direction) -> None:
        if id(parameter) not in self._met:
            self._met.add(id(parameter))
            self._examples(parameter.examples, parameter.schema, parameter.at, direction)
            self._schema(parameter.schema, direction)

    def _media(self, media: Media, direction: Direction) -> None:
        schema = media.schema
        if schema is None or id(media) in self._met:
            return
        self._met.add(id(media))
        if media.media_type.endswith("json"):
            at = schema.location
            above = Location(at.file, at.pointer.rpartition("/")[0]) if at is not None else None
            self._examples(media.examples, schema, above, direction)
        self._schema(schema, direction)

    def _examples(
        self, examples: tuple[Example, ...], schema: Schema, at: Location | None, direction: Direction
    ) -> None:
        for example in examples:
            if at is not None:
                way = f"/examples/{escape(example.name)}" if example.name else "/example"
                self._claim(
                    "example-breaks-schema", Location(at.file, at.pointer + way), example.value, schema, direction
                )

    def _schema(self, schema: Schema, direction: Direction) -> None:
        """The defaults and examples inside a schema."""
        at = schema.location
        if at is None or id(schema.node) in self._met:
            return
        self._met.add(id(schema.node))
        waiting: list[tuple[Any, str]] = [(schema.node, at.pointer)]
        while waiting:
            node, pointer = waiting.pop()
            if not isinstance(node, dict):
                continue
            if "default" in node:
                place = Location(at.file, f"{pointer}/default")
                self._claim("default-breaks-schema", place, node["default"], schema.child(node), direction)
            for index, value in enumerate(node.get("examples", ())):
                place = Location(at.file, f"{pointer}/example" if self._old else f"{pointer}/examples/{index}")
                self._claim("example-breaks-schema", place, value, schema.child(node), direction)
            waiting.extend((sub, pointer + way) for way, sub in subschemas(node))

    def _claim(self, rule: str, at: Location, value: Any, schema: Schema, direction: Direction) -> None:
        validator = self._validators[direction].add(schema)
        self.found.append(_Claim(rule, at, value, validator))
