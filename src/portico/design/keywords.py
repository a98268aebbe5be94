"""The keywords of JSON Schema 2020-12: what kind of value each takes, and which version of OpenAPI knows it."""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from portico.design.model import escape


class Kind(enum.Enum):
    """What a keyword takes."""

    SCHEMA = enum.auto()
    SCHEMAS = enum.auto()  # a list of schemas, at least one
    MAP = enum.auto()  # of schemas
    NUMBER = enum.auto()
    POSITIVE = enum.auto()
    COUNT = enum.auto()
    BOOLEAN = enum.auto()
    TEXT = enum.auto()
    NAMES = enum.auto()  # a list of different strings
    NAME_LISTS = enum.auto()
    LIST = enum.auto()
    PATTERN = enum.auto()
    TYPE = enum.auto()
    ANY = enum.auto()


TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")

KEYWORDS: dict[str, Kind] = {
    "type": Kind.TYPE,
    "enum": Kind.LIST,
    "const": Kind.ANY,
    "default": Kind.ANY,
    "title": Kind.TEXT,
    "description": Kind.TEXT,
    "format": Kind.TEXT,
    "multipleOf": Kind.POSITIVE,
    "maximum": Kind.NUMBER,
    "minimum": Kind.NUMBER,
    "exclusiveMaximum": Kind.NUMBER,
    "exclusiveMinimum": Kind.NUMBER,
    "maxLength": Kind.COUNT,
    "minLength": Kind.COUNT,
    "maxItems": Kind.COUNT,
    "minItems": Kind.COUNT,
    "maxProperties": Kind.COUNT,
    "minProperties": Kind.COUNT,
    "maxContains": Kind.COUNT,
    "minContains": Kind.COUNT,
    "uniqueItems": Kind.BOOLEAN,
    "readOnly": Kind.BOOLEAN,
    "writeOnly": Kind.BOOLEAN,
    "deprecated": Kind.BOOLEAN,
    "required": Kind.NAMES,
    "dependentRequired": Kind.NAME_LISTS,
    "pattern": Kind.PATTERN,
    "examples": Kind.LIST,
    "items": Kind.SCHEMA,
    "additionalProperties": Kind.SCHEMA,
    "propertyNames": Kind.SCHEMA,
    "contains": Kind.SCHEMA,
    "not": Kind.SCHEMA,
    "if": Kind.SCHEMA,
    "then": Kind.SCHEMA,
    "else": Kind.SCHEMA,
    "unevaluatedItems": Kind.SCHEMA,
    "unevaluatedProperties": Kind.SCHEMA,
    "contentSchema": Kind.SCHEMA,
    "contentEncoding": Kind.TEXT,
    "contentMediaType": Kind.TEXT,
    "allOf": Kind.SCHEMAS,
    "anyOf": Kind.SCHEMAS,
    "oneOf": Kind.SCHEMAS,
    "prefixItems": Kind.SCHEMAS,
    "properties": Kind.MAP,
    "patternProperties": Kind.MAP,
    "dependentSchemas": Kind.MAP,
}

SINCE_31 = frozenset(
    [
        "const",
        "if",
        "then",
        "else",
        "contains",
        "minContains",
        "maxContains",
        "propertyNames",
        "dependentRequired",
        "dependentSchemas",
        "prefixItems",
        "unevaluatedItems",
        "unevaluatedProperties",
        "contentSchema",
        "contentEncoding",
        "contentMediaType",
        "examples",
    ]
)
"""What Swagger 2.0 and OpenAPI 3.0 do not know, and Connexion does not check there either: it binds nothing."""

IDENTIFYING = frozenset(
    ["$id", "$schema", "$anchor", "$dynamicAnchor", "$vocabulary", "$comment", "$defs", "definitions", "id"]
)
"""They say what a schema is called, or hold others for references: resolved while reading, not part of the result."""


def subschemas(node: Any) -> Iterator[tuple[str, Any]]:
    """The schemas directly inside a schema, each with its JSON pointer from there."""
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        kind = KEYWORDS.get(key)
        if kind is Kind.SCHEMA:
            yield f"/{key}", value
        elif kind is Kind.SCHEMAS:
            for index, item in enumerate(value):
                yield f"/{key}/{index}", item
        elif kind is Kind.MAP:
            for name, item in value.items():
                yield f"/{key}/{escape(name)}", item


def problem(kind: Kind, value: Any) -> str | None:
    """What is wrong with a keyword's value, if it is not one that holds schemas."""
    check = _CHECKS.get(kind)
    return check(value) if check is not None else None


def _number(value: Any) -> str | None:
    return None if type(value) in (int, float) else "it is not a number"


def _positive(value: Any) -> str | None:
    return _number(value) or (None if value > 0 else "it is not above zero")


def _count(value: Any) -> str | None:
    if type(value) not in (int, float) or value != int(value):
        return "it is not a whole number"
    return None if value >= 0 else "it is below zero"


def _boolean(value: Any) -> str | None:
    return None if type(value) is bool else "it is neither true nor false"


def _text(value: Any) -> str | None:
    return None if type(value) is str else "it is not a text"


def _list(value: Any) -> str | None:
    return None if type(value) is list else "it is not a list"


def _names(value: Any) -> str | None:
    return None if type(value) is list and all(type(name) is str for name in value) else "it is not a list of names"


def _name_lists(value: Any) -> str | None:
    fine = type(value) is dict and all(_names(names) is None for names in value.values())
    return None if fine else "it does not map names to lists of names"


def _type(value: Any) -> str | None:
    for name in value if type(value) is list else [value]:
        if name not in TYPES:
            return f"{name!r} is not a type of JSON"
    return "it names no type" if value == [] else None


@functools.lru_cache(maxsize=20_000)
def _compiles(pattern: str) -> bool:
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except ValueError:
        return False
    return True


def _pattern(value: Any) -> str | None:
    if type(value) is not str:
        return "it is not a text"
    return None if _compiles(value) else "it cannot be compiled"


_CHECKS = {
    Kind.NUMBER: _number,
    Kind.POSITIVE: _positive,
    Kind.COUNT: _count,
    Kind.BOOLEAN: _boolean,
    Kind.TEXT: _text,
    Kind.LIST: _list,
    Kind.NAMES: _names,
    Kind.NAME_LISTS: _name_lists,
    Kind.TYPE: _type,
    Kind.PATTERN: _pattern,
}
