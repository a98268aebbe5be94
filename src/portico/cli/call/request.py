"""From options to a request: what was given is checked with the gateway's own validators before anything is sent."""

from __future__ import annotations

import mimetypes
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import msgspec

from portico.cli.call.options import Option, form_of
from portico.design.model import Api, Body, Direction, Json, Operation
from portico.design.request import File, Request, build_request
from portico.errors import PorticoError
from portico.gateway.problems import Fault
from portico.gateway.schema import Validators, faults

Given: TypeAlias = Mapping[Option, Sequence[str]]
"""The options that were used, each with its values."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
_UNSAFE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # RFC 9110 section 5.5


class BadOption(PorticoError):
    """An option cannot be read."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The values of a request, and every fault that was found in them."""

    arguments: Mapping[str, Json]  # by location and name: "query.page"
    body: bytes | dict[str, Json | list[File]] | None
    content_type: str | None
    headers: Mapping[str, str]
    faults: tuple[Fault, ...]

    def request(self, api: Api, operation: Operation) -> Request:
        """The request.

        Raises:
            UnfitArguments: it cannot be written down.
        """
        made = build_request(api, operation, self.arguments, self.body, content_type=self.content_type)
        mine = {name.lower() for name in self.headers}
        usual = {"Accept": _accepted(operation)} | dict(made.headers)
        kept = {name: value for name, value in usual.items() if name.lower() not in mine}
        return replace(made, headers=kept | dict(self.headers))


def draft(
    operation: Operation, options: Sequence[Option], given: Given, body: str | None, headers: Sequence[str]
) -> Draft:
    """Read and check what was given.

    Args:
        operation: what is called.
        options: all that it has.
        given: those that were used.
        body: JSON, `@FILE`, or `-` for the standard input; None: the form's fields, or nothing.
        headers: additional headers, each `Name: value`; they win over the document's.

    Raises:
        BadOption: a file cannot be read, or a header is none.
    """
    validators = Validators()
    found = _missing(options, given, whole_body=body is not None)
    values: dict[Option, Json] = {}
    for option, texts in given.items():
        if not option.is_file:
            values[option] = option.value(texts)
            validator = validators.compile(option.schema, Direction.REQUEST)
            found += faults(validator, values[option], option.location, f"/{_token(option.name)}")
    extra = dict(header_of(header) for header in headers)
    content = body_of(body) if body is not None else _form(operation, values, given)
    content_type = _content_type(operation.body, extra) if isinstance(content, bytes) else None
    found += _body_faults(operation.body, content, content_type, validators)
    arguments = {f"{option.location}.{option.name}": value for option, value in values.items() if option.parameter}
    return Draft(arguments, content, content_type, extra, tuple(found))


def _missing(options: Sequence[Option], given: Given, *, whole_body: bool) -> list[Fault]:
    form_used = any(option.location == "form" for option in given)
    return [
        Fault(option.location, f"/{_token(option.name)}", f"This is required: {option.flags[0]}")
        for option in options
        if option.required and option not in given and (option.parameter or (form_used and not whole_body))
    ]


def _accepted(operation: Operation) -> str:
    """The types that the document promises for success, then anything."""
    names = dict.fromkeys(
        name for status, reply in operation.responses.items() if status[0] == "2" for name in reply.content
    )
    return ", ".join([*names, "*/*;q=0.1"]) if names else "*/*"


def header_of(text: str) -> tuple[str, str]:
    """The header that an option gives.

    Raises:
        BadOption: it is none.
    """
    name, colon, value = text.partition(":")
    if not colon or not _TOKEN.fullmatch(name) or _UNSAFE.search(value):
        raise BadOption(f"{text!r} is no header. Write --header 'Name: value'.")
    return name, value.strip()


def _form(operation: Operation, values: Mapping[Option, Json], given: Given) -> dict[str, Json | list[File]] | None:
    """The body that the fields of a form make."""
    if form_of(operation) is None:
        return None
    fields: dict[str, Json | list[File]] = {
        option.name: value for option, value in values.items() if option.location == "form"
    }
    for option, texts in given.items():
        if option.is_file:
            fields[option.name] = [_file(text) for text in texts]
    return fields or None


def _content_type(body: Body | None, headers: Mapping[str, str]) -> str:
    """The type of a body of bytes: the header's, else JSON where the document takes it, else the first it names."""
    for name, value in headers.items():
        if name.lower() == "content-type":
            return value.partition(";")[0].strip().lower()
    names = [name for name in (body.content if body is not None else ()) if "*" not in name]
    return next((name for name in names if "json" in name), names[0] if names else "application/json")


def _body_faults(body: Body | None, content: object, content_type: str | None, validators: Validators) -> list[Fault]:
    if content is None and body is not None and body.required:
        return [Fault("body", "", "A body is required: --body JSON, --body @FILE, or --body - for standard input")]
    if not isinstance(content, bytes) or content_type is None or "json" not in content_type:
        return []
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError) as error:
        return [Fault("body", "", f"This is not JSON: {error}")]
    media = body.content.get(content_type) if body is not None else None
    if media is None or media.schema is None:
        return []
    return faults(validators.compile(media.schema, Direction.REQUEST), value, "body")


def body_of(text: str) -> bytes:
    """The body that an option gives: the text itself, a file with `@FILE`, standard input with `-`.

    Raises:
        BadOption: the file cannot be read.
    """
    if text in ("-", "@-"):
        return sys.stdin.buffer.read()
    return _read(text[1:]) if text.startswith("@") else text.encode()


def _file(text: str) -> File:
    if not text.startswith("@"):
        raise BadOption(f"{text!r} names no file. Write @FILE.")
    path = Path(text[1:])
    return path.name, _read(text[1:]), mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _read(name: str) -> bytes:
    try:
        return Path(name).expanduser().read_bytes()
    except OSError as error:
        raise BadOption(f"{name} cannot be read: {error.strerror}.") from None


def _token(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
