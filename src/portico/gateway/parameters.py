"""Path, query, header and cookie parameters: from text to checked values.

Each parameter is compiled once into a reader. Styles are OpenAPI's (3.2, Style Values); what repeated and
separated values mean is Connexion's reading: with `explode`, the values are joined before they are split.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from portico.design.model import Direction, Parameter, Schema
from portico.gateway.problems import Fault
from portico.gateway.schema import Validators, faults, is_trivial

MISSING: Any = object()
DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
ITEMS = 10_000  # of one array; a longer one is cut from nothing: it is refused

_INTEGER = re.compile(r"[+-]?[0-9]{1,4000}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_NULLS = ("null", "None")  # Connexion's


class Reader:
    """Reads one parameter."""

    __slots__ = ("argument", "check", "decode", "default", "location", "name", "required", "validator")

    def __init__(self, parameter: Parameter, argument: str, validators: Validators) -> None:
        self.name = parameter.name
        self.location = parameter.location
        self.argument = argument
        self.required = parameter.required
        self.default = default_of(parameter.schema)
        self.decode = decoder(parameter)
        self.check = not is_trivial(parameter.schema)
        self.validator = validators.compile(parameter.schema, Direction.REQUEST)

    def read(self, values: Sequence[str] | None, found: list[Fault]) -> Any:
        """The parameter's value, MISSING where it was not sent; what is wrong goes to `found`.

        Args:
            values: the texts that the request has for it, None or none where it has none.
            found: faults so far.
        """
        if not values:
            return self.absent(found)
        return self.checked(self.decode(values), found)

    def absent(self, found: list[Fault]) -> Any:
        """MISSING, and a fault where the parameter is required."""
        if self.required:
            detail = f"Missing {self.location} parameter '{self.name}'"
            found.append(Fault(self.location, f"/{_token(self.name)}", detail))
        return MISSING

    def checked(self, value: Any, found: list[Fault]) -> Any:
        """A decoded value after the schema has been asked."""
        if self.check and not self.validator.is_valid(value):
            found.extend(faults(self.validator, value, self.location, f"/{_token(self.name)}"))
        return value

    def fallback(self) -> Any:
        """The default, a new one where it could be changed; MISSING where there is none."""
        return copy.deepcopy(self.default) if isinstance(self.default, dict | list) else self.default


def _token(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def default_of(schema: Schema) -> Any:
    """What a missing parameter is: its default; for an object, what the defaults of its properties make."""
    declared = schema.get("default", MISSING)
    if declared is not MISSING or schema.types != ("object",):
        return declared
    return _object_default(schema, 0)


def _object_default(schema: Schema, depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, child in schema.properties.items():
        declared = child.get("default", MISSING)
        if declared is not MISSING:
            made[name] = declared
        elif child.types == ("object",) and depth < 8 and child.properties:
            made[name] = _object_default(child, depth + 1)
    return made


def decoder(parameter: Parameter) -> Callable[[Sequence[str]], Any]:
    """How a parameter's texts become a value. What cannot be converted stays text: the schema then says so."""
    if parameter.media_type is not None:
        return _json_text if "json" in parameter.media_type else _last_text
    schema = parameter.schema
    types = kinds(schema)
    if "array" in types:
        return _array_decoder(parameter, schema)
    if "object" in types:
        return _object_decoder(parameter, schema)
    convert = converter(schema)
    prefix = _prefix(parameter)
    if convert is _text and not prefix:
        return _last_text
    return lambda values: convert(values[-1].removeprefix(prefix))


def _last_text(values: Sequence[str]) -> str:
    return values[-1]


def _json_text(values: Sequence[str]) -> Any:
    try:
        return msgspec.json.decode(values[-1])
    except (msgspec.DecodeError, RecursionError):
        return values[-1]


def _prefix(parameter: Parameter) -> str:
    return {"label": ".", "matrix": f";{parameter.name}="}.get(parameter.style, "")


def _array_decoder(parameter: Parameter, schema: Schema) -> Callable[[Sequence[str]], Any]:
    item = converter(schema.items) if schema.items is not None else _text
    delimiter = DELIMITERS.get(parameter.style, ",")
    prefix = _prefix(parameter)
    if parameter.location == "path" and parameter.explode and prefix:
        delimiter = prefix
    joins = parameter.duplicates == "join"
    is_header = parameter.location == "header"
    nullable = schema.nullable

    def decode(values: Sequence[str]) -> Any:
        text = delimiter.join(values) if joins else values[-1]
        if nullable and text.strip() in _NULLS:
            return None
        parts = text.removeprefix(prefix).split(delimiter, ITEMS)
        return [item(part.strip() if is_header else part) for part in parts]

    return decode


def _object_decoder(parameter: Parameter, schema: Schema) -> Callable[[Sequence[str]], Any]:
    delimiter = DELIMITERS.get(parameter.style, ",")
    prefix = _prefix(parameter)
    explode, nullable = parameter.explode, schema.nullable
    if explode and prefix:  # `.x=1.y=2` and `;x=1;y=2`
        prefix = delimiter = prefix[0]
    # The properties of a deepObject have names of their own: this text is none of them. Nothing is an empty object.
    is_deep = parameter.style == "deepObject"
    nothing: Any = {} if schema.properties else ""

    def decode(values: Sequence[str]) -> Any:
        text = values[-1].removeprefix(prefix)
        if nullable and text.strip() in _NULLS:
            return None
        if is_deep:
            return text or copy.copy(nothing)
        parts = text.split(delimiter, ITEMS)
        if explode:
            pairs = [part.partition("=")[::2] for part in parts]
        else:
            pairs = list(zip(parts[::2], parts[1::2], strict=False))
        return typed(dict(pairs), schema)

    return decode


def kinds(schema: Schema, depth: int = 0) -> frozenset[str]:
    """The JSON types that a value may have, as far as the schema tells, through references and compositions."""
    if schema.types:
        return frozenset(schema.types)
    found: set[str] = set()
    for keyword in ("oneOf", "anyOf", "allOf"):
        for node in schema.get(keyword, ()) if depth < 8 else ():
            found |= kinds(schema.resolved.child(node), depth + 1)
    names = {bool: "boolean", int: "integer", float: "number", str: "string"}
    found |= {names[type(value)] for value in schema.get("enum", ()) if type(value) in names}
    if not found and schema.get("properties"):
        found.add("object")
    return frozenset(found)


def converter(schema: Schema) -> Callable[[str], Any]:
    """From one text to one value. A text that is none of the schema's types stays as it is."""
    types = kinds(schema)
    tries = [convert for name, convert in _CONVERTERS.items() if name in types]
    nullable = schema.nullable
    if not tries and not nullable:
        return _text
    if len(tries) == 1 and not nullable:
        return tries[0]

    def convert(text: str) -> Any:
        if nullable and text.strip() in _NULLS:
            return None
        for attempt in tries:
            value = attempt(text)
            if value is not text:
                return value
        return text

    return convert


def _text(text: str) -> Any:
    return text


def _integer(text: str) -> Any:
    return int(text) if _INTEGER.fullmatch(text) else text


def _number(text: str) -> Any:
    if not _NUMBER.fullmatch(text):
        return text
    value = float(text)
    return text if value in (float("inf"), float("-inf")) else value


def _boolean(text: str) -> Any:
    return {"true": True, "false": False}.get(text.lower(), text)


_CONVERTERS: dict[str, Callable[[str], Any]] = {"integer": _integer, "number": _number, "boolean": _boolean}


def typed(value: Any, schema: Schema, depth: int = 0) -> Any:
    """The leaves of a nested value converted as the schema says."""
    if isinstance(value, str):
        return converter(schema)(value)
    if isinstance(value, list):
        items = schema.items
        return value if items is None else [typed(part, items, depth + 1) for part in value]
    if isinstance(value, dict) and depth < 16:
        properties = schema.properties
        return {
            name: typed(part, properties[name], depth + 1) if name in properties else part
            for name, part in value.items()
        }
    return value


def deep_object(name: str, query: Mapping[str, list[str]], schema: Schema) -> Any:
    """A `deepObject` parameter: `filter[name]=x&filter[address][city]=y` (OpenAPI 3.2, Style Values)."""
    made: dict[str, Any] = {}
    for key, values in query.items():
        if not key.startswith(f"{name}["):
            continue
        path = _BRACKETS.findall(key[len(name) :])[:16]
        node = made
        for token in path[:-1]:
            child = node.setdefault(token, {})
            node = child if isinstance(child, dict) else {}
        if path:
            leaf = schema.properties.get(path[-1]) if len(path) == 1 else None
            is_array = leaf is not None and leaf.types == ("array",)
            node[path[-1]] = list(values) if is_array else values[0]
    return typed(made, schema) if made else MISSING


def exploded_object(query: Mapping[str, list[str]], schema: Schema) -> Any:
    """A `form` parameter with `explode`: each property is a query parameter of its own."""
    properties = schema.properties
    made = {
        name: typed(query[name] if child.types == ("array",) else query[name][-1], child)
        for name, child in properties.items()
        if name in query
    }
    return made or MISSING
