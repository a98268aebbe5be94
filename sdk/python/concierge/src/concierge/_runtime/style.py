"""Writing parameters into a request: OpenAPI's styles (OpenAPI 3.2, Style Values), compiled once for each parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

from . import jsontext
from .errors import BadArgument

Encode: TypeAlias = Callable[[str], str]

_DELIMITERS = {"spaceDelimited": "%20", "pipeDelimited": "%7C", "tabDelimited": "%09"}
_RESERVED = ":/?@!$'()*,;"  # what `allowReserved` leaves as it is, without what would end a value: # & + = [ ]


def encode(text: str) -> str:
    """Percent-encode all but the unreserved characters (RFC 3986 section 2.3)."""
    return quote(text, safe="")


def _encode_reserved(text: str) -> str:
    return quote(text, safe=_RESERVED)


def scalar(value: Any) -> str:
    """One value as text: `true`, `1.5`, `null`; an object or array inside another is JSON.

    Args:
        value: as codecs write it.
    """
    return jsontext.unmarked(value) if isinstance(value, str) else jsontext.write(value).decode()


def path_text(name: str, style: str, explode: bool, json: bool) -> Callable[[Any], str]:
    """Writes what stands in the path in place of `{name}`."""
    if json:
        return lambda value: encode(scalar(value))
    if style == "matrix":
        return lambda value: _matrix(encode(name), explode, value)
    dot = "." if style == "label" else ""
    joiner = "." if dot and explode else ","

    def write(value: Any) -> str:
        if type(value) is str:
            return dot + quote(jsontext.unmarked(value), safe="")
        return dot + joiner.join(_parts(explode, value, encode))

    return write


def query_pairs(name: str, style: str, explode: bool, json: bool, reserved: bool) -> Callable[[Any], list[str]]:
    """Writes what stands in the query string, without the `&` between the pairs."""
    encoded, out = encode(name), _encode_reserved if reserved else encode
    delimiter = _DELIMITERS.get(style, ",")

    def write(value: Any) -> list[str]:
        if type(value) is str:
            return [f"{encoded}={out(jsontext.unmarked(value))}"]
        if style == "deepObject" and isinstance(value, Mapping):
            return _deep(name, value)
        if explode and isinstance(value, Mapping):
            return [f"{encode(key)}={out(scalar(part))}" for key, part in value.items()]
        if explode and isinstance(value, list):
            return [f"{encoded}={part}" for part in _parts(explode, value, out)]
        return [f"{encoded}={delimiter.join(_parts(explode, value, out))}"]

    return (lambda value: [f"{encoded}={out(scalar(value))}"]) if json else write


def header_text(explode: bool, json: bool) -> Callable[[Any], str]:
    """Writes a header's value; always in the style `simple`."""
    return scalar if json else lambda value: ",".join(_parts(explode, value, str))


def cookie_pairs(name: str, style: str, explode: bool, json: bool) -> Callable[[Any], list[str]]:
    """Writes what stands in the Cookie header, without the `; ` between the pairs."""
    if style == "cookie":  # OpenAPI 3.2: as `form`, but nothing is percent-encoded
        text = header_text(explode, json)
        return lambda value: [_one_cookie(f"{name}={text(value)}")]
    return query_pairs(name, style, explode, json, reserved=False)


def _one_cookie(pair: str) -> str:
    if ";" in pair:
        raise BadArgument("a semicolon would begin another cookie")
    return pair


def _matrix(name: str, explode: bool, value: Any) -> str:
    parts = _parts(explode, value, encode)
    if explode and isinstance(value, Mapping):
        return "".join(f";{part}" for part in parts)
    if explode and isinstance(value, list):
        return "".join(f";{name}={part}" for part in parts)
    joined = ",".join(parts)
    return f";{name}={joined}" if joined else f";{name}"


def _parts(explode: bool, value: Any, out: Encode) -> list[str]:
    if isinstance(value, Mapping):
        if explode:
            return [f"{out(key)}={out(scalar(part))}" for key, part in value.items()]
        return [out(scalar(part)) for pair in value.items() for part in pair]
    if isinstance(value, list):
        return [out(scalar(part)) for part in value]
    return [out(scalar(value))]


def _deep(name: str, value: Mapping[str, Any]) -> list[str]:
    pairs: list[str] = []
    for key, part in value.items():
        inner = f"{name}[{key}]"
        if isinstance(part, Mapping):
            pairs.extend(_deep(inner, part))
        elif isinstance(part, list):
            pairs.extend(f"{encode(inner)}={encode(scalar(one))}" for one in part)
        else:
            pairs.append(f"{encode(inner)}={encode(scalar(part))}")
    return pairs
