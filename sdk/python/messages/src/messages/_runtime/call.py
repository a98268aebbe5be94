"""One call, from its arguments to its answer: the plan that both clients carry out."""

from __future__ import annotations

import secrets
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from . import jsontext
from .absent import ABSENT
from .core import Base, Core, add_headers
from .errors import ConnectionFailed, DoesNotFit, Problem, UnexpectedAnswer, kind
from .headers import fault
from .hooks import CallEvent
from .operation import Arguments, Compiled, Operation
from .options import Options, Retries, as_retries
from .payload import Body, Payload
from .reading import reader
from .request import Received, Request
from .response import Response
from .retry import is_retried, is_sent_again, pause, retry_after
from .steps import Open, Plan, Send, Sleep

_NONE = Options()
_STREAMS = frozenset(("binary", "events", "jsonl"))
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_FARTHEST = 5  # redirects
_ELSEWHERE = frozenset(("accept", "accept-encoding", "user-agent"))  # headers that another origin is sent


@dataclass(slots=True)
class _Trip:
    """What changes from attempt to attempt."""

    core: Core
    operation: Operation
    base: Base
    target: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: Body | None = field(repr=False)
    schemes: tuple[str, ...]
    idempotent: bool
    retries: Retries
    timeout: float
    until: float | None
    attempt: int = 1
    redirects: int = 0
    mended: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        """What is called, without what proves who calls."""
        return self.base.origin + self.target

    def request(self) -> Request:
        """The next attempt, not yet proved."""
        base = self.base
        headers = dict(self.headers)
        method, body = self.operation.method, self.body
        return Request(method, base.scheme, base.host, base.port, self.target, headers, body, self.timeout, self.until)

    def event(self, request: Request, **more: Any) -> CallEvent:
        """What hooks are told."""
        hide = self.core.redaction
        headers = hide.headers(more.pop("headers", request.headers))
        return CallEvent(
            operation=self.operation.id,
            method=request.method,
            url=hide.url(request.url),
            headers=headers,
            attempt=self.attempt,
            **more,
        )


def perform(core: Core, operation: Operation, arguments: Arguments, options: Options | None) -> Plan[Response[Any]]:
    """Call an operation.

    Args:
        core: of the client.
        operation: to call.
        arguments: of the method.
        options: of this call.

    Raises:
        SdkError: see `errors`.
    """
    compiled = operation.compiled(core.codecs)
    trip = _begin(core, compiled, arguments, options or _NONE)
    received = yield from _answered(trip)
    return (yield from _read(trip, compiled, received))


def follow(
    core: Core, operation: Operation, arguments: Arguments, url: str, options: Options | None
) -> Plan[Response[Any]]:
    """Call the address that an answer names as the next page.

    Args:
        core: of the client.
        operation: whose page it is.
        arguments: of the first page; what they put into headers goes along.
        url: the address, absolute.
        options: of this call.

    Raises:
        UnexpectedAnswer: it is at another origin than the operation.
    """
    compiled = operation.compiled(core.codecs)
    base, target = _place(operation.id, url)
    if base[:3] != core.base_for(operation)[:3]:
        raise UnexpectedAnswer(operation.id, "the next page is at another origin")
    options = options or _NONE
    trip = _trip(core, operation, base, target, None, options)
    compiled.add_headers(arguments.parameters, trip.headers)
    add_headers(trip.headers, options.headers, operation.id)
    received = yield from _answered(trip)
    return (yield from _read(trip, compiled, received))


def _begin(core: Core, compiled: Compiled, arguments: Arguments, options: Options) -> _Trip:
    """Everything that can be wrong with the arguments is told here, before anything is sent."""
    operation = compiled.operation
    values = arguments.parameters
    base = core.base_for(operation)
    body, media = compiled.body(arguments, options.content_type)
    trip = _trip(core, operation, base, base.path + compiled.target(values), body, options)
    compiled.add_headers(values, trip.headers)
    if media is not None:
        trip.headers["content-type"] = media
    add_headers(trip.headers, options.headers, operation.id)
    _add_idempotency_key(trip, values, options.idempotency_key)
    return trip


def _trip(core: Core, operation: Operation, base: Base, target: str, body: Body | None, options: Options) -> _Trip:
    settings = core.settings
    headers = {**(core.headers if core.trusts(base) else _shown_elsewhere(core.headers)), "accept": operation.accept}
    if operation.kind in _STREAMS:
        headers["accept-encoding"] = "identity"
    deadline = options.deadline if options.deadline is not None else settings.deadline
    return _Trip(
        core,
        operation,
        base,
        target,
        headers,
        body,
        core.schemes_for(operation, base, options.auth),
        operation.idempotent,
        as_retries(options.retries if options.retries is not None else settings.retries),
        options.timeout if options.timeout is not None else settings.timeout,
        None if deadline is None else settings.clock() + deadline,
    )


def _add_idempotency_key(trip: _Trip, values: Any, given: str | None) -> None:
    """One key over all attempts, where the operation takes one."""
    index = trip.operation.idempotency_index
    if index < 0 and given is None:
        return
    name = trip.operation.parameters[index].name if index >= 0 else "idempotency-key"
    if given is not None:
        add_headers(trip.headers, {name: given}, "idempotency_key")
    elif values[index] is ABSENT:
        trip.headers[name.lower()] = secrets.token_hex(16)
    trip.idempotent = True


def _answered(trip: _Trip) -> Plan[Received]:
    """The answer of the attempt that succeeded.

    Raises:
        ApiError: the server said no, and another attempt would not help.
        ConnectionFailed: there is no answer.
    """
    while True:
        request = trip.request()
        yield from trip.core.authority.prove(request, trip.schemes, trip.operation)
        try:
            received = yield from _sent(trip, request)
        except ConnectionFailed as error:
            if not is_sent_again(error, idempotent=trip.idempotent) or not (yield from _again(trip, request, None)):
                raise type(error)(f"{trip.operation.id}: {error}", reached=error.reached) from None
            continue
        if received.status < 300:
            return received
        if received.status in _REDIRECTS and _redirected(trip, received):
            continue
        if (yield from _mended(trip, received, request)):
            continue
        worth = is_retried(received.status, idempotent=trip.idempotent)
        if not worth or not (yield from _again(trip, request, received)):
            raise _refusal(trip, received)


def _sent(trip: _Trip, request: Request) -> Plan[Received]:
    core, streamed = trip.core, trip.operation.kind in _STREAMS
    step = Send(request, trip.operation.id, core.settings.max_answer, streamed)
    if not core.listened:
        received: Received = yield step
        return received
    hooks, clock = core.settings.hooks, core.settings.clock
    core.tell("sending", hooks.before_request, trip.event(request))
    began = clock()
    try:
        received = yield step
    except ConnectionFailed:
        core.tell("no answer to", hooks.after_response, trip.event(request, headers={}, duration=clock() - began))
        raise
    told = trip.event(request, headers=received.headers, duration=clock() - began, status=received.status)
    core.tell("answer to", hooks.after_response, told)
    return received


def _again(trip: _Trip, request: Request, received: Received | None) -> Generator[Any, Any, bool]:
    """Wait for the next attempt, if there is one."""
    settings = trip.core.settings
    asked = None if received is None else retry_after(received.headers, now=settings.clock())
    wait = pause(trip.retries, trip.attempt, asked, settings.random)
    if wait is None or (isinstance(trip.body, Payload) and trip.body.spent):
        return False
    if trip.until is not None and settings.clock() + wait >= trip.until:
        return False
    if trip.core.listened:
        status = None if received is None else received.status
        headers = {} if received is None else received.headers
        event = trip.event(request, headers=headers, status=status, delay=wait)
        trip.core.tell("retrying", settings.hooks.on_retry, event)
    yield Sleep(wait)
    trip.attempt += 1
    return True


def _mended(trip: _Trip, received: Received, request: Request) -> Generator[Any, Any, bool]:
    """Whether the proof is put right, so that it is worth another attempt: once for each kind of fault."""
    if received.status not in (401, 403) or (isinstance(trip.body, Payload) and trip.body.spent):
        return False
    authority = trip.core.authority
    what = authority.fault(received, trip.schemes)
    if what is None or what in trip.mended:
        return False
    trip.mended.add(what)
    return (yield from authority.mend(what, received, request))


def _redirected(trip: _Trip, received: Received) -> bool:
    """Go where the answer says, if that is safe: only reading, not too far, never from https to http."""
    location = received.headers.get("location")
    if location is None or trip.operation.method not in ("GET", "HEAD") or trip.redirects >= _FARTHEST:
        return False
    try:
        base, target = _place(trip.operation.id, urljoin(trip.url, location))
    except (UnexpectedAnswer, ValueError):
        return False
    if trip.base.scheme == "https" and base.scheme != "https":
        return False
    if base[:3] != trip.base[:3]:
        _leave(trip)
    trip.base, trip.target = base, target
    trip.redirects += 1
    return True


def _leave(trip: _Trip) -> None:
    """Another origin learns nothing of who calls."""
    trip.schemes = ()
    trip.headers = _shown_elsewhere(trip.headers)


def _shown_elsewhere(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name in _ELSEWHERE}


def _place(operation: str, url: str) -> tuple[Base, str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnexpectedAnswer(operation, "the address to go on to is none") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isascii() or fault("location", url):
        raise UnexpectedAnswer(operation, "the address to go on to cannot be followed")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = target.replace(" ", "%20")
    return Base(parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), ""), target


def _refusal(trip: _Trip, received: Received) -> Exception:
    """The exception of an answer that says no."""
    problem = Problem()
    if "json" in received.headers.get("content-type", ""):
        try:
            members = jsontext.read(received.body)
        except ValueError:
            members = None
        if isinstance(members, dict):
            problem = Problem.read(members)
    after = retry_after(received.headers, now=trip.core.settings.clock())
    status = received.status
    return kind(status)(trip.operation.id, status, received.headers, received.body, problem, after)


def _read(trip: _Trip, compiled: Compiled, received: Received) -> Plan[Response[Any]]:
    """The answer as the document says."""
    operation = trip.operation
    if operation.kind in _STREAMS and (received.stream is not None or operation.kind != "binary"):
        data = yield _open(trip, compiled, received)
    elif operation.kind == "none" or (not received.body and operation.kind != "text"):
        data = None
    elif operation.kind == "text":
        data = _text(received)
    else:
        data = _json(operation, compiled, received)
    return Response(data, received.status, received.headers, received.body, trip.url)


def _json(operation: Operation, compiled: Compiled, received: Received) -> Any:
    try:
        return compiled.result.read(jsontext.read(received.body, exact=operation.exact))
    except DoesNotFit as error:
        told, pointer = error.reason, error.pointer
    except ValueError as error:
        told, pointer = f"no JSON: {error}", ""
    except RecursionError:
        told, pointer = "parts that are nested too deeply", ""
    raise UnexpectedAnswer(
        operation.id, f"the answer has {told}", pointer=pointer, status=received.status, body=received.body
    )


def _text(received: Received) -> str:
    charset = received.headers.get("content-type", "").partition("charset=")[2].split(";")[0].strip(" \"'")
    try:
        return received.body.decode(charset or "utf-8", "replace")
    except LookupError:
        return received.body.decode("utf-8", "replace")


def _open(trip: _Trip, compiled: Compiled, received: Received) -> Open:
    operation = trip.operation
    read = reader(compiled.result.read, text=operation.result in ("str", None))

    def reopen(last_id: str) -> Plan[Received]:
        add_headers(trip.headers, {"last-event-id": last_id}, operation.id)
        trip.attempt = 1
        return (yield from _answered(trip))

    again = reopen if operation.kind == "events" and operation.method == "GET" else None
    return Open(operation.id, operation.kind, received, read, again)
