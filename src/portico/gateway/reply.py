"""Answers: whatever a handler may return becomes a status, headers and a body, checked against the document.

The forms are Connexion's: a body; a body and a status; a body and headers; all three; a response of Starlette or of
Connexion; `NoContent`; a generator or a file, which are streamed.
"""

from __future__ import annotations

import io
import logging
import os
import pathlib
from collections.abc import AsyncIterator, Iterator, Mapping
from enum import Enum
from typing import Any

import msgspec
from connexion.datastructures import NoContent
from connexion.exceptions import NonConformingResponseHeaders
from connexion.lifecycle import ConnexionResponse
from starlette.concurrency import iterate_in_threadpool
from starlette.responses import FileResponse, Response, StreamingResponse

from portico.config import Mode
from portico.design.model import Direction, Operation
from portico.design.model import Response as Described
from portico.gateway import encode, media
from portico.gateway.exchange import Exchange
from portico.gateway.problems import Fault, NotAcceptable, ReplyDoesNotConform
from portico.gateway.schema import Validator, Validators, faults

logger = logging.getLogger(__name__)

JSON = "application/json"
CHUNK = 65_536  # bytes of a file that are sent at once
ACCEPTS_KEPT = 64  # different Accept headers whose meaning is remembered, for each operation
BODILESS = (204, 304)

HeaderList = list[tuple[bytes, bytes]]


class Reply:
    """What is sent: everything at once."""

    __slots__ = ("body", "content_type", "headers", "status")

    def __init__(self, status: int, content_type: str | None, body: bytes, headers: HeaderList) -> None:
        self.status = status
        self.content_type = content_type
        self.body = body
        self.headers = headers  # beside content-type and content-length


class _Status:
    """What the document says of one status code."""

    def __init__(self, described: Described | None, validators: Validators) -> None:
        self.validators: dict[str, Validator] = {}
        self.types: tuple[str, ...] = ()
        self.required_headers: frozenset[str] = frozenset()
        if described is not None:
            self.types = tuple(described.content)
            self.required_headers = frozenset(n.lower() for n, header in described.headers.items() if header.required)
            for name, entry in described.content.items():
                if entry.schema is not None:
                    self.validators[name] = validators.compile(entry.schema, Direction.RESPONSE, masked=True)

    def validator(self, content_type: str) -> Validator | None:
        """The validator for a media type."""
        if content_type in self.validators:
            return self.validators[content_type]
        entry = media.best_entry(content_type, self.validators)
        return self.validators[entry] if entry is not None else None


class Replies:
    """The step `reply` of one operation: makes the answer of what the handler returned, and checks it."""

    def __init__(self, operation: Operation, validators: Validators, *, mode: Mode, jsonifier: Any | None) -> None:
        """Compile.

        Args:
            operation: what the document says.
            validators: the API's.
            mode: what to do about an answer that the document forbids.
            jsonifier: Connexion's way to another encoder; None for ours.
        """
        self._mode = mode
        self._described = operation.responses
        self._validators = validators
        self._statuses: dict[int, _Status] = {}
        for status in operation.responses:
            if status.isdigit():
                self._status(int(status))
        self._encode = encode.json if jsonifier is None else lambda value: _bytes(jsonifier.dumps(value))
        self.produced = _success_types(operation)
        self._everything = list(dict.fromkeys(name for r in operation.responses.values() for name in r.content))
        self._accepts: dict[bytes, bool] = {}
        ok = self._status(200)
        self._plain = (
            jsonifier is None and len(ok.types) == 1 and media.is_json(ok.types[0]) and not ok.required_headers
        )
        self._plain_type = ok.types[0] if self._plain else JSON
        self._plain_validator = ok.validator(self._plain_type) if self._plain and mode != "off" else None

    def _status(self, status: int) -> _Status:
        found = self._statuses.get(status)
        if found is None:
            responses = self._described
            described = responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default")
            found = self._statuses[status] = _Status(described, self._validators)
        return found

    def negotiate(self, x: Exchange) -> None:
        """The step before the handler: refuse a client that takes nothing of what the operation produces.

        Raises:
            NotAcceptable: see RFC 9110 section 12.5.1.
        """
        accept = x.headers.get(b"accept")
        if accept is None or accept == b"*/*" or not self.produced:
            return
        fits = self._accepts.get(accept)
        if fits is None:
            fits = media.accepted(accept.decode("latin-1"), self.produced) is not None
            if len(self._accepts) < ACCEPTS_KEPT:
                self._accepts[accept] = fits
        if not fits:
            raise NotAcceptable(self.produced)

    def of(self, x: Exchange) -> Reply | Response:
        """The answer for `x.result`.

        Raises:
            ReplyDoesNotConform: the document forbids it, and the mode is "enforce".
        """
        result = x.result
        if self._plain and (result.__class__ is dict or result.__class__ is list):
            return self._plain_reply(x, result)
        if isinstance(result, Response):
            return self._of_response(x, result)
        if isinstance(result, ConnexionResponse):
            return self._of_connexion(x, result)
        return self._of_value(x, *_unpack(result))

    def _plain_reply(self, x: Exchange, value: Any) -> Reply:
        """The most frequent answer by far: 200 with one JSON value."""
        body = self._encode(value)
        validator = self._plain_validator
        if validator is not None:
            try:
                fits = validator.is_valid(value)
            except (ValueError, TypeError):  # a date or another value that is JSON only once it is written
                fits = validator.is_valid(msgspec.json.decode(body))
            if not fits:
                self._complain(x, 200, self._faults(validator, body))
        return Reply(200, self._plain_type, body, [])

    @staticmethod
    def _faults(validator: Validator, body: bytes) -> list[Fault]:
        return faults(validator, msgspec.json.decode(body), "body")

    def _of_value(self, x: Exchange, data: Any, status: int | None, headers: Mapping[str, Any]) -> Reply | Response:
        if isinstance(data, Response):
            data.status_code = status or data.status_code
            data.headers.update({name: str(value) for name, value in headers.items()})
            return self._of_response(x, data)
        if data is NoContent:
            data = None
        status = status or (204 if data is None else 200)
        described = self._status(status)
        given, more = split_headers(headers)
        content_type = given or self._infer(x, data, described)
        if given is not None and self._everything:
            self._check_type(x, status, described, given)
        stream = _stream(data, status, content_type, more)
        if stream is not None:
            return stream
        body = self._serialise(data, content_type)
        reply = Reply(status, content_type, body, more)
        self._check(x, reply, described)
        return reply

    def _infer(self, x: Exchange, data: Any, described: _Status) -> str | None:
        """The content type of an answer whose handler did not say."""
        types = described.types or tuple(self._everything)
        if not types:
            return None if data is None else JSON
        if len(types) == 1:
            return _concrete(types[0], data)
        if data is None:
            return None
        fitting = [name for name in types if _suits(name, data)]
        if len(fitting) > 1:
            accept = x.header(b"accept")
            chosen = media.accepted(accept, fitting) if accept else None
            return _concrete(chosen or next((n for n in fitting if media.is_json(n)), fitting[0]), data)
        if not fitting:
            raise NonConformingResponseHeaders(
                "Multiple response content types are defined in the operation spec, but the handler response did not "
                "specify which one to return."
            )
        return _concrete(fitting[0], data)

    def _serialise(self, data: Any, content_type: str | None) -> bytes:
        if data is None and (content_type is None or not media.is_json(media.split(content_type)[0])):
            return b""
        if isinstance(data, bytes | bytearray | memoryview):
            return bytes(data)
        is_json = content_type is not None and media.is_json(media.split(content_type)[0])
        if isinstance(data, str) and not is_json:
            return data.encode()
        return b"" if data is None else self._encode(data)

    def _of_connexion(self, x: Exchange, response: ConnexionResponse) -> Reply | Response:
        headers = dict(response.headers or {})
        kind = response.content_type or response.mimetype
        if kind and not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = kind
        body = response.body
        if isinstance(body, str):
            body = body.encode()
        if body is None or isinstance(body, bytes):
            given, more = split_headers(headers)
            reply = Reply(response.status_code, given, body or b"", more)
            self._check(x, reply, self._status(reply.status))
            return reply
        return self._of_value(x, body, response.status_code, headers)

    def _of_response(self, x: Exchange, response: Response) -> Reply | Response:
        """A response of Starlette: one whose body is known is sent, and checked, like any other."""
        if (
            response.background is not None
            or not type(response).__module__.startswith("starlette.")
            or isinstance(response, StreamingResponse | FileResponse)
        ):
            return response
        raw = [header for header in response.raw_headers if header[0] not in (b"content-type", b"content-length")]
        kind = response.headers.get("content-type")
        reply = Reply(response.status_code, kind, bytes(response.body), raw)
        self._check(x, reply, self._status(reply.status))
        return reply

    def _check(self, x: Exchange, reply: Reply, described: _Status) -> None:
        if self._mode == "off":
            return
        found: list[Fault] = []
        kind = media.split(reply.content_type)[0] if reply.content_type else None
        if kind is not None and reply.body and reply.status < 400:
            self._check_type(x, reply.status, described, kind)
        if described.required_headers:
            sent = {name.decode("latin-1") for name, _ in reply.headers} | {"content-type"}
            found += [
                Fault("header", f"/{name}", "The required header is missing.")
                for name in sorted(described.required_headers - sent)
            ]
        if kind is not None and reply.status not in BODILESS and (validator := described.validator(kind)) is not None:
            found += self._check_body(validator, kind, reply.body)
        if found:
            self._complain(x, reply.status, found)

    def _check_body(self, validator: Validator, kind: str, body: bytes) -> list[Fault]:
        if not media.is_json(kind):
            if not kind.startswith("text/"):
                return []
            value: Any = body.decode("utf-8", "replace")
            return [] if validator.is_valid(value) else faults(validator, value, "body")
        try:
            value = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError):
            return [Fault("body", "", "The body is not JSON.")]
        return [] if validator.is_valid(value) else faults(validator, value, "body")

    def _check_type(self, x: Exchange, status: int, described: _Status, content_type: str) -> None:
        """Refuse a content type that the document does not give, as Connexion does."""
        allowed = described.types or tuple(self._everything)
        kind = media.split(content_type)[0]
        if allowed and media.best_entry(kind, allowed) is None:
            detail = f"Returned content type ({kind}) is not defined in operation spec ({list(allowed)})."
            if self._mode == "log" or x.mocked:
                logger.warning("%s: status %d: %s", x.operation and x.operation.name, status, detail)
                return
            raise NonConformingResponseHeaders(detail)

    def _complain(self, x: Exchange, status: int, found: list[Fault]) -> None:
        name = x.operation.name if x.operation is not None else ""
        for fault in found[:10]:
            logger.error(
                "%s: the handler's answer (status %d) breaks the document at %s %s: %s (schema %s) request_id=%s",
                name, status, fault.location, fault.pointer or "/", fault.detail, fault.schema_pointer, x.request_id,
            )  # fmt: skip
        if self._mode == "enforce" and not x.mocked:  # a mock says what the document says, however that fits its schema
            raise ReplyDoesNotConform(found)


def split_headers(headers: Mapping[str, Any]) -> tuple[str | None, HeaderList]:
    """The content type, and all other headers as they are sent."""
    content_type = None
    others: HeaderList = []
    for name, value in headers.items():
        if name.lower() == "content-type":
            content_type = str(value)
        elif name.lower() != "content-length":
            others.append((name.lower().encode("latin-1"), str(value).encode("latin-1")))
    return content_type, others


def _unpack(result: Any) -> tuple[Any, int | None, Mapping[str, Any]]:
    if not isinstance(result, tuple):
        return result, None, {}
    if len(result) == 1:
        return result[0], None, {}
    if len(result) == 2:
        second = result[1]
        if isinstance(second, Enum):
            second = second.value
        return (result[0], int(second), {}) if isinstance(second, int) else (result[0], None, second or {})
    if len(result) == 3:
        status = result[1].value if isinstance(result[1], Enum) else result[1]
        return result[0], None if status is None else int(status), result[2] or {}
    raise TypeError(
        "The view function did not return a valid response tuple. The tuple must have the form (body), "
        "(body, status, headers), (body, status), or (body, headers)."
    )


def _stream(data: Any, status: int, content_type: str | None, headers: HeaderList) -> Response | None:
    """A streamed response for what is better not held in memory; None for anything else."""
    if isinstance(data, pathlib.Path):
        response: Response = FileResponse(data, status_code=status, media_type=content_type)
    elif isinstance(data, AsyncIterator):
        response = StreamingResponse(data, status_code=status, media_type=content_type)
    elif isinstance(data, io.IOBase):
        response = StreamingResponse(_file(data), status_code=status, media_type=content_type)
    elif isinstance(data, Iterator):
        response = StreamingResponse(iterate_in_threadpool(data), status_code=status, media_type=content_type)
    else:
        return None
    for name, value in headers:
        response.headers.append(name.decode("latin-1"), value.decode("latin-1"))
    return response


async def _file(file: Any) -> AsyncIterator[bytes]:
    try:
        async for chunk in iterate_in_threadpool(iter(lambda: file.read(CHUNK), file.read(0))):
            yield chunk
    finally:
        file.close()


def _suits(content_type: str, data: Any) -> bool:
    """Whether a value can be written as a media type without being told how."""
    if isinstance(data, str):
        return content_type.startswith("text/") or "*" in content_type
    if isinstance(data, bytes | bytearray | io.IOBase | Iterator | AsyncIterator | os.PathLike):
        return content_type == "application/octet-stream" or "*" in content_type
    return media.is_json(content_type) or "*" in content_type


def _concrete(content_type: str, data: Any) -> str | None:
    """A media type for a range of the document."""
    if "*" not in content_type:
        return content_type
    if isinstance(data, str):
        return "text/plain"
    if isinstance(data, bytes | bytearray):
        return "application/octet-stream"
    return None if data is None else JSON


def _success_types(operation: Operation) -> tuple[str, ...]:
    """What the operation may answer with when all is well, in the document's order."""
    chosen = [r for status, r in operation.responses.items() if status[:1] in ("2", "d")]
    return tuple(dict.fromkeys(name for response in chosen for name in response.content))


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
