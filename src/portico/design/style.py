"""Writing parameters into a request: OpenAPI's styles in the direction of the client (OpenAPI 3.2, Style Values)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import quote

import msgspec

from portico.design.model import Json, Parameter

Value: TypeAlias = Json | Mapping[str, "Value"] | Sequence["Value"]
Encode: TypeAlias = Callable[[str], str]

_DELIMITERS = {"spaceDelimited": "%20", "pipeDelimited": "%7C", "tabDelimited": "%09"}
_RESERVED = ":/?@!$'()*,;"  # what `allowReserved` leaves as it is, without what would end a value: # & + = [ ]


def text(value: Value) -> str:
    """One value as text: `true`, `1.5`, `null`; an object or array inside another is JSON."""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def path_segment(parameter: Parameter, value: Value) -> str:
    """What replaces `{name}` in a path template."""
    if parameter.media_type is not None:
        return quote(text(value), safe="")
    if parameter.style == "matrix":
        return _matrix(parameter, value)
    dot = parameter.style == "label"
    joiner = "." if dot and parameter.explode else ","
    return ("." if dot else "") + joiner.join(_parts(parameter, value, _encode))


def query_pairs(parameter: Parameter, value: Value) -> list[str]:
    """The `name=value` pairs of a query parameter (or a cookie), percent-encoded."""

    def encode(part: str) -> str:
        return quote(part, safe=_RESERVED if parameter.allow_reserved else "")

    name = _encode(parameter.name)
    if parameter.media_type is not None:
        return [f"{name}={encode(text(value))}"]
    if parameter.style == "deepObject" and isinstance(value, Mapping):
        return _deep(parameter.name, value)
    if parameter.explode and isinstance(value, Mapping):
        return [f"{_encode(key)}={encode(text(part))}" for key, part in value.items()]
    if parameter.explode and _is_array(value):
        return [f"{name}={part}" for part in _parts(parameter, value, encode)]
    return [f"{name}={_DELIMITERS.get(parameter.style, ',').join(_parts(parameter, value, encode))}"]


def header_value(parameter: Parameter, value: Value) -> str:
    """A header's value; always in the style `simple`."""
    return text(value) if parameter.media_type is not None else ",".join(_parts(parameter, value, str))


def _matrix(parameter: Parameter, value: Value) -> str:
    name = _encode(parameter.name)
    parts = _parts(parameter, value, _encode)
    if parameter.explode and isinstance(value, Mapping):
        return "".join(f";{part}" for part in parts)
    if parameter.explode and _is_array(value):
        return "".join(f";{name}={part}" for part in parts)
    joined = ",".join(parts)
    return f";{name}={joined}" if joined else f";{name}"


def _parts(parameter: Parameter, value: Value, encode: Encode) -> list[str]:
    if isinstance(value, Mapping):
        if parameter.explode:
            return [f"{encode(key)}={encode(text(part))}" for key, part in value.items()]
        return [encode(text(part)) for pair in value.items() for part in pair]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [encode(text(part)) for part in value]
    return [encode(text(value))]


def _deep(name: str, value: Mapping[str, Value]) -> list[str]:
    pairs: list[str] = []
    for key, part in value.items():
        inner = f"{name}[{key}]"
        if isinstance(part, Mapping):
            pairs.extend(_deep(inner, part))
        elif isinstance(part, Sequence) and not isinstance(part, str):
            pairs.extend(f"{_encode(inner)}={_encode(text(one))}" for one in part)
        else:
            pairs.append(f"{_encode(inner)}={_encode(text(part))}")
    return pairs


def _is_array(value: Value) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _encode(part: str) -> str:
    return quote(part, safe="")
