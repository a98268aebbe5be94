"""Many schemas of one API compiled as one validator.

A validator carries compiled copies of all definitions that it reaches. In a large document every schema reaches almost
all of them: 904 validators for Stripe's answers take 31 s and 4.7 GB, one validator for all of them 0.03 s and 20 MB.
So the schemas become the properties of one object, and a value is checked as the one property that is its schema's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from portico.design.direction import Direction
from portico.design.model import Definitions, Schema

_WIDTH = 32  # properties of one object: jsonschema-rs looks for each of them


class Validators:
    """Compiles schemas of one API for one direction. Add them all, then check values.

    Args:
        definitions: the API's.
        direction: which way the values travel.
        options: for jsonschema-rs (`formats`, `pattern_options`, ...).
    """

    def __init__(self, definitions: Definitions, direction: Direction, **options: Any) -> None:
        self._definitions = definitions
        self._direction = direction
        self._options = {"validate_formats": True, **options}
        self._nodes: list[Any] = []
        self._known: dict[int, SchemaValidator] = {}
        self._compiled: jsonschema_rs.Draft202012Validator | None = None

    def add(self, schema: Schema) -> SchemaValidator:
        """Take one schema in. The same node is compiled once, however often it is added."""
        known = self._known.get(id(schema.node))
        if known is None:
            number = len(self._nodes)
            self._nodes.append(schema.node)  # kept, so that its id stays its own
            known = self._known[id(schema.node)] = SchemaValidator(self, number)
            self._compiled = None
        return known

    def compile(self) -> jsonschema_rs.Draft202012Validator:
        """Compile what was added. Later additions compile all again, at their first use."""
        if self._compiled is None:
            self._compiled = jsonschema_rs.Draft202012Validator(self._document(), **self._options)
        return self._compiled

    def _document(self) -> dict[str, Any]:
        groups: dict[str, Any] = {}
        for number, node in enumerate(self._nodes):
            group = groups.setdefault(str(number // _WIDTH**2), {"properties": {}})["properties"]
            inner = group.setdefault(str(number // _WIDTH % _WIDTH), {"properties": {}})["properties"]
            inner[str(number % _WIDTH)] = self._definitions.directed(node, self._direction)
        definitions = {name: self._definitions.definition(name, self._direction) for name in self._definitions}
        return {"properties": groups, "$defs": definitions}


class SchemaValidator:
    """Checks values against one schema."""

    __slots__ = ("_a", "_all", "_b", "_c")

    def __init__(self, validators: Validators, number: int) -> None:
        self._all = validators
        self._a = str(number // _WIDTH**2)
        self._b = str(number // _WIDTH % _WIDTH)
        self._c = str(number % _WIDTH)

    def is_valid(self, value: Any) -> bool:
        """Whether the value fits."""
        return bool(self._all.compile().is_valid({self._a: {self._b: {self._c: value}}}))

    def first(self, value: Any) -> Iterator[tuple[tuple[str | int, ...], str, jsonschema_rs.ValidationError]]:
        """The first thing that does not fit, as `errors` gives it. Its cost does not grow with the number of others."""
        try:
            self._all.compile().validate({self._a: {self._b: {self._c: value}}})
        except jsonschema_rs.ValidationError as error:
            yield tuple(error.instance_path[3:]), error.message, error

    def errors(self, value: Any) -> Iterator[tuple[tuple[str | int, ...], str, jsonschema_rs.ValidationError]]:
        """What does not fit: the way to the faulty part of the value, the message, and the library's own error."""
        for error in self._all.compile().iter_errors({self._a: {self._b: {self._c: value}}}):
            yield tuple(error.instance_path[3:]), error.message, error
