"""Request bodies: received once, within a size and a time; read as what they say they are; checked.

JSON is parsed by msgspec, forms by Starlette. Anything else stays bytes; where nobody asks for those, the handler may
read the stream itself (`connexion.request.stream()`), and the limits still hold.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from portico.design.handlers import file_fields
from portico.design.model import EMPTY, Body, Direction, Encoding, Media, Schema
from portico.design.names import argument_name
from portico.gateway import media
from portico.gateway.exchange import Exchange, again
from portico.gateway.parameters import DELIMITERS, typed
from portico.gateway.problems import BadRequest, BodyTooLarge, Fault, UnsupportedMediaType
from portico.gateway.schema import Validator, Validators, faults

CONTENT_TYPES_KEPT = 64  # different Content-Type headers whose meaning is remembered, for each operation
FORM_PARTS = 1_000  # fields, and files, of one form
UTF8 = (None, "utf-8", "utf8", "us-ascii", "ascii")

_BOM = b"\xef\xbb\xbf"

Read = Callable[[Exchange], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a body is taken, and how long that may last."""

    size: int = 10_000_000  # bytes
    pause: float = 20.0  # seconds between two parts
    total: float = 120.0  # seconds for all of it


@dataclass(frozen=True, slots=True)
class BodyArguments:
    """What of a body a handler takes, and under which names."""

    body: str | None = None  # the argument for the whole body
    fields: Mapping[str, str] | None = None  # Swagger 2.0: form fields are arguments of their own; field -> argument
    files: Mapping[str, str] = field(default_factory=dict)  # uploaded field -> argument
    everything: bool = False  # the handler has **kwargs
    reserved: frozenset[str] = frozenset()  # what nothing may be called that the document does not name


def whole_body(x: Exchange, limits: Limits) -> bytes | None:
    """The whole body of a request that has come in one piece; None where it must be received.

    Raises:
        UnsupportedMediaType: it is compressed; nothing here would undo that.
        BodyTooLarge: there is more than the limit.
    """
    if x.raw_body is not None:  # somebody needed it already, to check its signature
        return x.raw_body
    headers = x.headers
    if b"content-encoding" in headers:
        _refuse_encoded(headers[b"content-encoding"])
    announced = headers.get(b"content-length")
    if announced is not None and len(announced) > 6 and announced.isdigit() and int(announced[:30]) > limits.size:
        raise BodyTooLarge(limits.size)
    body = x.whole.body() if x.whole is not None else None
    if body is not None and len(body) > limits.size:
        raise BodyTooLarge(limits.size)
    x.raw_body = body
    return body


async def receive_body(x: Exchange, limits: Limits) -> bytes:
    """The whole body of a request.

    Args:
        x: the exchange.
        limits: how much, and how long.

    Raises:
        UnsupportedMediaType: it is compressed; nothing here would undo that.
        BodyTooLarge: there is more than the limit; no more than that is ever held.
        ClientDisconnect: the client went away.
    """
    part = whole_body(x, limits)
    if part is None:
        part = await _receive(x, limits)
        if len(part) > limits.size:
            raise BodyTooLarge(limits.size)
        x.reading, x.deadline, x.raw_body = False, 0.0, part
    return part


async def _receive(x: Exchange, limits: Limits) -> bytes:
    x.reading, x.deadline = True, x.started + limits.pause
    message = await x.receive()
    part: bytes = message.get("body", b"")
    if message.get("more_body"):
        part = await _receive_parts(x, limits, part)
    elif message["type"] == "http.disconnect":
        raise ClientDisconnect
    return part


def _refuse_encoded(encoding: bytes) -> None:
    if encoding.strip().lower() not in (b"", b"identity"):
        raise UnsupportedMediaType(f"{encoding.decode('latin-1')[:40]}-encoded content", ["identity"])


async def _receive_parts(x: Exchange, limits: Limits, first: bytes) -> bytes:
    received = bytearray(first)
    now = asyncio.get_running_loop().time
    more = True
    while more and len(received) <= limits.size:
        x.mark = now()
        x.deadline = min(x.mark + limits.pause, x.started + limits.total)
        message = await x.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        received += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(received)


def limited_stream(x: Exchange, limit: int) -> None:
    """Let the handler read the body itself, up to the limit."""
    receive, received = x.receive, 0
    x.whole = None
    if x.raw_body is not None:
        receive, x.raw_body = again(x.raw_body, receive), None

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise BodyTooLarge(limit)
        return message

    x.receive = counted


class BodyReader:
    """Reads the body of one operation."""

    def __init__(
        self, body: Body, validators: Validators, arguments: BodyArguments, *, limits: Limits, strict: bool
    ) -> None:
        """Compile.

        Args:
            body: what the document says.
            validators: the API's.
            arguments: what of it the handler takes.
            limits: how much, and how long.
            strict: refuse form fields that the document does not name.
        """
        self.body = body
        self.limits = limits
        self.arguments = arguments
        self.argument = arguments.body
        self._entries = {name: self._entry(entry, validators, strict) for name, entry in body.content.items()}
        self._known: dict[bytes | None, Read] = {}

    def _entry(self, entry: Media, validators: Validators, strict: bool) -> Callable[[str, str | None], Read]:
        compiled = validators.compile(entry.schema, Direction.REQUEST) if entry.schema is not None else None

        def make(media_type: str, charset: str | None) -> Read:
            is_text = media.is_json(media_type) or media_type in media.FORMS
            if is_text and charset is not None and charset not in media.CHARSETS:
                return self._refuse(f"{media_type} in {charset}")
            if media.is_json(media_type):
                return self._json(entry.schema, compiled, charset)
            if media_type in media.FORMS:
                return FormReader(self, entry, compiled, strict=strict).read
            return self._bytes(entry.schema) if self.argument is not None else self._stream

        return make

    def read(self, x: Exchange) -> Awaitable[None] | None:
        """The step: receive, read, check, and hand the body to the handler."""
        header = x.headers.get(b"content-type")
        read = self._known.get(header)
        if read is None:
            read = self._choose(header)
            if len(self._known) < CONTENT_TYPES_KEPT:
                self._known[header] = read
        return read(x)

    def _choose(self, header: bytes | None) -> Read:
        if header is None:
            media_type, charset = next(iter(self._entries), "application/octet-stream"), None
            if "*" in media_type:
                media_type = "application/octet-stream"
        else:
            media_type, charset = media.split(header.decode("latin-1"))
        entry = media.best_entry(media_type, self._entries)
        if entry is None and not self._entries:
            return self._bytes(None)
        if entry is None:
            return self._refuse(media_type)
        return self._entries[entry](media_type, charset)

    def _refuse(self, media_type: str) -> Read:
        async def refuse(x: Exchange) -> None:
            raise UnsupportedMediaType(media_type[:100], self._entries)

        return refuse

    def give(self, x: Exchange, value: Any) -> None:
        """Hand the body to the handler."""
        x.body = value
        if self.argument is not None:
            x.arguments[self.argument] = value

    def missing(self, schema: Schema | None) -> Any:
        """What no body at all means: the default, None where null is allowed, else nothing in it.

        Raises:
            BadRequest: a body is required.
        """
        default = schema.get("default") if schema is not None else None
        if default is not None:
            return copy.deepcopy(default)
        if self.body.required:
            raise BadRequest([Fault("body", "", "RequestBody is required")])
        return None if schema is not None and schema.nullable else {}

    def _json(self, schema: Schema | None, validator: Validator | None, charset: str | None) -> Read:
        decode, limits = msgspec.json.decode, self.limits

        def read(x: Exchange) -> Awaitable[None] | None:
            raw = whole_body(x, limits)
            if raw is None:
                return later(x)
            take(x, raw)
            return None

        async def later(x: Exchange) -> None:
            take(x, await receive_body(x, limits))

        def take(x: Exchange, raw: bytes) -> None:
            if not raw:
                self.give(x, self.missing(schema))
                return
            try:
                value = decode(raw if charset in UTF8 and raw[:3] != _BOM else _as_utf8(raw, charset))
            except RecursionError:
                raise BadRequest([Fault("body", "", "This JSON is nested too deeply.")]) from None
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise BadRequest([Fault("body", "", f"This is not JSON: {error}")]) from None
            if validator is not None and not validator.is_valid(value):
                raise BadRequest(faults(validator, value, "body"))
            self.give(x, value)

        return read

    def _bytes(self, schema: Schema | None) -> Read:
        async def read(x: Exchange) -> None:
            self.give(x, await receive_body(x, self.limits) or self.missing(schema))

        return read

    async def _stream(self, x: Exchange) -> None:
        if self.body.required and x.headers.get(b"content-length") == b"0":
            raise BadRequest([Fault("body", "", "RequestBody is required")])
        limited_stream(x, self.limits.size)


def _as_utf8(raw: bytes, charset: str | None) -> bytes:
    try:
        return raw.decode(charset or "utf-8-sig").removeprefix("\ufeff").encode()
    except (LookupError, UnicodeError):
        raise BadRequest([Fault("body", "", f"The body is not {charset or 'utf-8'} text.")]) from None


class FormReader:
    """Reads `application/x-www-form-urlencoded` and `multipart/form-data` bodies."""

    def __init__(self, reader: BodyReader, entry: Media, validator: Validator | None, *, strict: bool) -> None:
        self.reader = reader
        self.schema = entry.schema
        self.encoding: Mapping[str, Encoding] = entry.encoding or EMPTY
        self.validator = validator
        self.strict = strict
        self.properties = entry.schema.properties if entry.schema is not None else {}
        self.fields = {name: self._field(name, schema) for name, schema in self.properties.items()}
        self.uploads = file_fields(entry)
        self.defaults = self._defaults()

    def _defaults(self) -> dict[str, Any]:
        """What absent fields are: the form's default; in Swagger 2.0 each field has its own."""
        if self.reader.arguments.fields is None:
            declared = self.schema.get("default") if self.schema is not None else None
            return declared if isinstance(declared, dict) else {}
        return {
            name: field.get("default") for name, field in self.properties.items() if field.get("default") is not None
        }

    async def read(self, x: Exchange) -> None:
        """Receive, parse, check."""
        raw = await receive_body(x, self.reader.limits)
        if not raw and self.reader.body.required:
            raise BadRequest([Fault("body", "", "RequestBody is required")])
        try:
            form = await Request(x.scope, _once(raw)).form(max_files=FORM_PARTS, max_fields=FORM_PARTS)
        except (MultiPartException, ValueError) as error:
            raise BadRequest([Fault("body", "", f"This form cannot be read: {error}")]) from None
        except Exception as error:
            if getattr(error, "status_code", None) == 400:  # Starlette wraps it so where an application is in the scope
                raise BadRequest([Fault("body", "", f"This form cannot be read: {error}")]) from None
            raise
        texts: dict[str, list[str]] = {}
        files: dict[str, list[UploadFile]] = {}
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                files.setdefault(name, []).append(value)
            else:
                texts.setdefault(name, []).append(value)
        x.raw_body = raw
        x.files = files
        fields = self._decode(texts)
        self._check(fields, files)
        self._give(x, {**copy.deepcopy(self.defaults), **fields} if self.defaults else fields, files)

    def _give(self, x: Exchange, fields: dict[str, Any], files: Mapping[str, list[UploadFile]]) -> None:
        arguments = self.reader.arguments
        if arguments.fields is None:
            self.reader.give(x, fields)
        else:
            x.body = fields
            for name, value in fields.items():
                if (argument := self._argument(name, arguments.fields)) is not None:
                    x.arguments[argument] = value
        for name, uploads in files.items():
            if (argument := self._argument(name, arguments.files)) is not None:
                x.arguments[argument] = uploads if self._is_array(name) else uploads[0]

    def _argument(self, name: str, named: Mapping[str, str]) -> str | None:
        """What the handler calls a field. One that the document does not name must not pass for something else."""
        if name in named or not self.reader.arguments.everything:
            return named.get(name)
        argument = argument_name(name, pythonic=False)
        return argument if argument and argument not in self.reader.arguments.reserved else None

    def _is_array(self, name: str) -> bool:
        schema = self.properties.get(name)
        return schema is not None and "array" in schema.types

    def _decode(self, texts: Mapping[str, list[str]]) -> dict[str, Any]:
        return {
            name: self.fields[name](values) if name in self.fields else self._unnamed(values)
            for name, values in texts.items()
        }

    def _unnamed(self, values: list[str]) -> Any:
        """A field that the document does not name, as Connexion reads it in either version."""
        return ",".join(values) if self.reader.arguments.fields is None else values

    def _field(self, name: str, schema: Schema) -> Callable[[list[str]], Any]:
        way = self.encoding.get(name, Encoding())
        if way.content_type is not None and media.is_json(way.content_type):
            return lambda values: _json_or_text(values[-1])
        delimiter = DELIMITERS.get(way.style or "form", ",")
        if "array" not in schema.types:
            # Connexion joins several values of one field, save in Swagger 2.0 or without `explode`
            if self.reader.arguments.fields is not None or way.explode is False or way.style not in (None, "form"):
                return lambda values: typed(values[-1], schema)
            return lambda values: typed(delimiter.join(values), schema)
        if way.explode is False:
            return lambda values: typed(values[-1].split(delimiter), schema)
        return lambda values: typed(delimiter.join(values).split(delimiter), schema)

    def _check(self, fields: Mapping[str, Any], files: Mapping[str, list[UploadFile]]) -> None:
        found: list[Fault] = []
        if self.strict:
            extra = [name for name in (*fields, *files) if name not in self.properties]
            found += [Fault("body", f"/{name}", f"Extra formData parameter {name!r} not in spec") for name in extra]
        if self.validator is not None:
            stand_ins = {name: self._stand_in(name, uploads) for name, uploads in files.items()}
            value = {**fields, **stand_ins}
            if not self.validator.is_valid(value):
                found += faults(self.validator, value, "body")
        if found:
            raise BadRequest(found)

    def _stand_in(self, name: str, uploads: list[UploadFile]) -> Any:
        """What a file is to the schema: a string, or a list of them. A list, too, where the document has no file."""
        is_one = (
            len(uploads) == 1 and not self._is_array(name) and (name in self.uploads or name not in self.properties)
        )
        return "" if is_one else [""] * len(uploads)


def _json_or_text(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text


def _once(raw: bytes) -> Callable[[], Awaitable[Message]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": raw, "more_body": False}

    return receive
