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


def scalar(value: Value) -> str:
    """One value as text: `true`, `1.5`, `null`; an object or array inside another is JSON."""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def path_text(parameter: Parameter, value: Value) -> str:
    """What stands in the path in place of `{name}`."""
    if parameter.media_type is not None:
        return quote(scalar(value), safe="")
    if parameter.style == "matrix":
        return _matrix(parameter, value)
    dot = parameter.style == "label"
    joiner = "." if dot and parameter.explode else ","
    segment = ("." if dot else "") + joiner.join(_parts(parameter, value, _encode))
    return segment.replace(".", "%2E") if segment in (".", "..") else segment  # else clients go up a folder


def query_pairs(parameter: Parameter, value: Value) -> list[str]:
    """What stands in the query string, without the `&` between them."""

    def encode(part: str) -> str:
        return quote(part, safe=_RESERVED if parameter.allow_reserved else "")

    name = _encode(parameter.name)
    if parameter.media_type is not None:
        return [f"{name}={encode(scalar(value))}"]
    if parameter.style == "deepObject" and isinstance(value, Mapping):
        return _deep(parameter.name, value)
    if parameter.explode and isinstance(value, Mapping):
        return [f"{_encode(key)}={encode(scalar(part))}" for key, part in value.items()]
    if parameter.explode and _is_array(value):
        return [f"{name}={part}" for part in _parts(parameter, value, encode)]
    return [f"{name}={_DELIMITERS.get(parameter.style, ',').join(_parts(parameter, value, encode))}"]


def header_text(parameter: Parameter, value: Value) -> str:
    """A header's value; always in the style `simple`."""
    return scalar(value) if parameter.media_type is not None else ",".join(_parts(parameter, value, str))


def cookie_pairs(parameter: Parameter, value: Value) -> list[str]:
    """What stands in the Cookie header, without the `; ` between them."""
    if parameter.style == "cookie":  # OpenAPI 3.2: as `form`, but nothing is percent-encoded
        return [f"{parameter.name}={header_text(parameter, value)}"]
    return query_pairs(parameter, value)


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
            return [f"{encode(key)}={encode(scalar(part))}" for key, part in value.items()]
        return [encode(scalar(part)) for pair in value.items() for part in pair]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [encode(scalar(part)) for part in value]
    return [encode(scalar(value))]


def _deep(name: str, value: Mapping[str, Value]) -> list[str]:
    pairs: list[str] = []
    for key, part in value.items():
        inner = f"{name}[{key}]"
        if isinstance(part, Mapping):
            pairs.extend(_deep(inner, part))
        elif isinstance(part, Sequence) and not isinstance(part, str):
            pairs.extend(f"{_encode(inner)}={_encode(scalar(one))}" for one in part)
        else:
            pairs.append(f"{_encode(inner)}={_encode(scalar(part))}")
    return pairs


def _is_array(value: Value) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _encode(part: str) -> str:
    return quote(part, safe="")
