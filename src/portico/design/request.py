"""From an operation and its arguments to an HTTP request: what `portico call` sends, and `portico.testing`.

Nothing is validated here, so that a test can send what the document forbids; only what cannot be written down as a
request is refused.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlencode

import msgspec

from portico.design.model import Api, Body, Media, Operation, Parameter
from portico.design.names import argument_name
from portico.design.style import Value, cookie_pairs, header_text, path_text, query_pairs, scalar
from portico.errors import PorticoError

File: TypeAlias = tuple[str, bytes] | tuple[str, bytes, str]
"""A file for a multipart body: its name, its content, and its media type."""

_BAD_IN_HEADER = re.compile(r"[^\t\x20-\x7e\x80-\xff]")  # RFC 9110, section 5.5


class UnfitArguments(PorticoError):
    """The arguments cannot be made a request of this operation."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request that is not sent yet."""

    method: str  # upper case
    url: str  # from the base path on, with the query: "/concierge/v1/products?page=2"
    headers: Mapping[str, str]
    content: bytes | None


def build_request(
    api: Api,
    operation: Operation,
    arguments: Mapping[str, Value],
    body: object = None,
    *,
    content_type: str | None = None,
) -> Request:
    """A request for an operation.

    Args:
        api: the design that holds the operation.
        operation: what to call.
        arguments: parameters by their name in the document (`productId`) or in handlers (`product_id`); where a name
            stands in two places, by both: `path.id`, `query.id`.
        body: bytes are sent as they are; anything else is encoded as the document says. A multipart body is a mapping
            whose files are bytes or `File` tuples. None sends no body.
        content_type: one of the body's media types, where there are several; else JSON, or the first.

    Raises:
        UnfitArguments: a name is not a parameter, or a path parameter is missing, or a value fits in no header.
    """
    given = _assigned(operation, arguments)
    headers = _headers(given)
    content = None
    if body is not None:
        media_type, content = _content(operation.body, body, content_type)
        headers.setdefault("Content-Type", media_type)
    query = "&".join(pair for parameter, value in given for pair in _query(parameter, value))
    url = api.base_path + _path(operation, given)
    return Request(operation.method.upper(), f"{url}?{query}" if query else url, headers, content)


_Given: TypeAlias = list[tuple[Parameter, Value]]


def _assigned(operation: Operation, arguments: Mapping[str, Value]) -> _Given:
    return [(_parameter(operation, name), value) for name, value in arguments.items()]


def _parameter(operation: Operation, name: str) -> Parameter:
    place, _, rest = name.partition(".")
    exact = [parameter for parameter in operation.parameters if parameter.name == name]
    matching = (
        exact
        or [p for p in operation.parameters if (p.location, p.name) == (place, rest)]
        or [p for p in operation.parameters if argument_name(p.name, pythonic=True) == name]
    )
    if len(matching) == 1:
        return matching[0]
    if matching:
        places = " or ".join(f"{parameter.location}.{parameter.name}" for parameter in matching)
        raise UnfitArguments(f"{operation.id} has {name!r} in several places. Say which: {places}.")
    known = ", ".join(parameter.name for parameter in operation.parameters) or "none"
    raise UnfitArguments(f"{operation.id} has no parameter {name!r}. It has: {known}.")


def _path(operation: Operation, given: _Given) -> str:
    values = {parameter.name: path_text(parameter, value) for parameter, value in given if parameter.location == "path"}

    def fill(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise UnfitArguments(f"{operation.id} needs {found[1]!r}, a part of its path {operation.path}.")
        return values[found[1]]

    return re.sub(r"\{([^{}]+)\}", fill, operation.path)


def _query(parameter: Parameter, value: Value) -> list[str]:
    if parameter.location == "query":
        return query_pairs(parameter, value)
    if parameter.location != "querystring":
        return []
    if parameter.media_type == "application/x-www-form-urlencoded" and isinstance(value, Mapping):
        return [urlencode({name: _form_field(part) for name, part in value.items()}, doseq=True)]
    return [scalar(value)]


def _headers(given: _Given) -> dict[str, str]:
    headers = {
        parameter.name: _printable(parameter.name, header_text(parameter, value))
        for parameter, value in given
        if parameter.location == "header"
    }
    cookies = [
        pair for parameter, value in given if parameter.location == "cookie" for pair in cookie_pairs(parameter, value)
    ]
    if cookies:
        headers["Cookie"] = _printable("Cookie", "; ".join(cookies))
    return headers


def _printable(name: str, value: str) -> str:
    if _BAD_IN_HEADER.search(value):
        raise UnfitArguments(f"The value of {name!r} has characters that a header cannot hold.")
    return value


def _content(body: Body | None, value: object, wanted: str | None) -> tuple[str, bytes]:
    media = _media(body, wanted)
    media_type = wanted or media.media_type
    if isinstance(value, bytes | bytearray):
        return ("application/octet-stream" if "*" in media_type else media_type), bytes(value)
    if media_type == "multipart/form-data" and isinstance(value, Mapping):
        return _multipart(value)
    if media_type == "application/x-www-form-urlencoded" and isinstance(value, Mapping):
        fields = {name: _form_field(part) for name, part in value.items()}
        return media_type, urlencode(fields, doseq=True).encode("ascii")
    if isinstance(value, str) and not _is_json(media_type) and "*" not in media_type:
        return media_type, value.encode()
    return ("application/json" if "*" in media_type else media_type), msgspec.json.encode(value)


def _media(body: Body | None, wanted: str | None) -> Media:
    offered = list(body.content.values()) if body is not None else []
    if wanted is not None:
        offered = [media for media in offered if media.media_type == wanted] or [Media(wanted)]
    return next((media for media in offered if _is_json(media.media_type)), offered[0] if offered else Media("*/*"))


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or media_type.endswith("+json")


def _form_field(value: Any) -> Any:
    return [scalar(part) for part in value] if isinstance(value, list | tuple) else scalar(value)


def _multipart(fields: Mapping[str, Any]) -> tuple[str, bytes]:
    boundary = secrets.token_hex(16)
    parts = [
        part
        for name, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
        for part in _part(boundary, name, one)
    ]
    return f"multipart/form-data; boundary={boundary}", b"".join([*parts, f"--{boundary}--\r\n".encode()])


def _part(boundary: str, name: str, value: Any) -> Sequence[bytes]:
    disposition = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"'
    if isinstance(value, bytes | bytearray):
        value = (name, bytes(value))
    if isinstance(value, tuple):
        filename, content, *rest = value
        media_type = rest[0] if rest else "application/octet-stream"
        disposition += f'; filename="{_quoted(filename)}"\r\nContent-Type: {media_type}'
    elif isinstance(value, Mapping):
        disposition += "\r\nContent-Type: application/json"
        content = scalar(value).encode()
    else:
        content = scalar(value).encode()
    return disposition.encode(), b"\r\n\r\n", content, b"\r\n"


def _quoted(name: str) -> str:
    """As browsers do it (HTML, multipart/form-data encoding algorithm)."""
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
