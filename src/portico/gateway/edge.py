"""The outermost layer: what every request meets and every answer carries, whatever is behind.

Request ids, CORS, routing, deadlines, compression, errors as problem documents, metrics and the access log.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import re
import time
from collections.abc import Awaitable, Callable
from itertools import count
from urllib.parse import quote

import anyio.to_thread
from connexion.middleware.exceptions import ExceptionMiddleware
from connexion.middleware.request_validation import RequestValidationMiddleware
from connexion.middleware.routing import RoutingMiddleware
from connexion.middleware.security import SecurityMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portico.config import Config
from portico.gateway import media
from portico.gateway.compress import compress, encoding_for
from portico.gateway.cors import Cors
from portico.gateway.elsewhere import Elsewhere
from portico.gateway.exchange import WHOLE, Exchange, again
from portico.gateway.failures import Failures
from portico.gateway.pipeline import CompiledOperation
from portico.gateway.problems import BodyTimeout, HandlerTimeout, MethodNotAllowed
from portico.gateway.reply import BODILESS, Reply
from portico.gateway.router import Router
from portico.gateway.watch import Watch
from portico.observe import AccessLog, Metrics
from portico.observe.metrics import METHODS, OTHER

logger = logging.getLogger(__name__)

EXCHANGE = "portico.exchange"  # the key of the exchange in the ASGI scope, where middlewares stand in between
NOSNIFF = (b"x-content-type-options", b"nosniff")  # an answer is what its content type says, and no page in disguise
CLIENT_CLOSED = 499  # what the log says of a request whose client went away (nginx's number for it)
SECURITY = ("attempts", "authenticate", "key", "throttle", "authorise")  # steps, in Connexion's SecurityMiddleware
TYPES_KEPT = 256  # media types of answers that are known to be fit for a header
IN_THREAD_ABOVE = 131_072  # bytes; compressing more than that would hold up other requests

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BREAKS = re.compile(rb"[\r\n\0]")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._~+/=:-]{1,128}")


class Edge:
    """Serves requests."""

    def __init__(
        self,
        router: Router[CompiledOperation],
        *,
        elsewhere: Elsewhere,
        settings: Config,
        failures: Failures,
        metrics: Metrics,
        access_log: AccessLog | None,
    ) -> None:
        """Make one.

        Args:
            router: all operations.
            elsewhere: what answers for paths that are no operation's; it raises NotFound for what is nowhere.
            settings: the project's.
            failures: what exceptions are answered with.
            metrics: where requests are counted.
            access_log: where requests are written down.
        """
        self._router = router
        self._elsewhere = elsewhere
        self._cors = Cors(settings.cors)
        self._failures = failures
        self._log = access_log
        self._compress_above = settings.gateway.compress_above
        shortest = min(settings.server.handler_timeout, settings.server.body_timeout)
        self._watch = Watch(min(0.5, shortest / 4))
        self._others = {method: metrics.tally("", "", method) for method in (*METHODS, OTHER)}
        self._ids = count(1)
        self._id_prefix = os.urandom(10).hex()
        self._wrapped: Callable[[Exchange], Awaitable[None]] | None = None
        self.layers: dict[type, Callable[[Exchange, ASGIApp], Awaitable[None]]] = {
            ExceptionMiddleware: self._guard_layer,
            RoutingMiddleware: self._route_layer,
            SecurityMiddleware: self._security_layer,
            RequestValidationMiddleware: self._validation_layer,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request: route, the operation's steps, the answer."""
        began = time.perf_counter()  # uvloop's own clock moves in steps of a millisecond
        loop = asyncio.get_running_loop()
        x = Exchange(scope, receive, send, loop.time())
        self._identify(x)
        x.task = asyncio.current_task()
        watch = self._watch
        watch.active.add(x)
        watch.start(loop)
        try:
            if self._wrapped is not None:
                await self._wrapped(x)
            elif (app := self.route(x)) is not None:
                await app(scope, receive, self.sender(x))
            else:
                operation: CompiledOperation = x.operation  # type: ignore[assignment] # route() found it
                for step in operation.run:
                    pending = step(x)
                    if pending is not None:
                        await pending
                await self.send(x, operation.replies.of(x))
        except BaseException as error:
            await self.recover(x, error)
        finally:
            watch.active.discard(x)
            x.task = None  # the task's context refers to x: as a cycle, all of it would wait for the garbage collector
            self._record(x, time.perf_counter() - began)

    def _identify(self, x: Exchange) -> None:
        """Give the request its id, and every answer to it what it must carry."""
        given = x.headers.get(b"x-request-id")
        if given is not None and _REQUEST_ID.fullmatch(given):
            x.request_id = given.decode("ascii")
        else:
            x.request_id = f"{self._id_prefix}{next(self._ids):012x}"
        x.reply_headers = [NOSNIFF, (b"x-request-id", x.request_id.encode())]
        if self._cors.enabled:
            x.reply_headers += self._cors.answer(x.headers.get(b"origin"))
        extensions = x.scope.setdefault("extensions", {})
        extensions["connexion_context"] = x.context
        x.whole = extensions.get(WHOLE)

    def _record(self, x: Exchange, seconds: float) -> None:
        status = x.status or CLIENT_CLOSED
        operation = x.operation
        if operation is not None:
            tally, name = operation.tally, operation.name
            tally.in_flight -= 1
        else:
            tally, name = self._others.get(x.method) or self._others[OTHER], ""
        tally.record(status, seconds)
        if x.count is not None:
            x.count.end(status)
        if self._log is not None:
            client, caller = x.scope.get("client"), x.context.get("user")
            address, user = client[0] if client else "", None if caller is None else str(caller)
            now = time.time()
            self._log.write((now, x.request_id, address, x.method, x.path, name, status, seconds, x.sent, user))

    async def recover(self, x: Exchange, error: BaseException) -> None:
        """Answer whatever was raised; what is no fault of this request goes on."""
        if isinstance(error, asyncio.CancelledError) and x.expired and x.task is not None:
            x.task.uncancel()
            await self.fail(x, BodyTimeout() if x.reading else HandlerTimeout())
        elif isinstance(error, ClientDisconnect):
            logger.debug("the client went away request_id=%s", x.request_id)
        elif isinstance(error, Exception):
            await self.fail(x, error)
        else:
            raise error

    async def fail(self, x: Exchange, error: Exception) -> None:
        """Answer an exception.

        Raises:
            Exception: the answer had begun; nothing but closing the connection can tell the client.
        """
        x.deadline = 0.0
        if x.status:
            logger.error("the answer broke off request_id=%s", x.request_id, exc_info=error)
            raise error
        answer = await self._failures.answer(x, error)
        await self.send(x, answer)

    def wrap(self, app: ASGIApp) -> None:
        """Serve through the project's own middlewares.

        Args:
            app: the outermost of them; our steps stand between them as `layers`, and `finish` is the innermost.
        """

        async def wrapped(x: Exchange) -> None:
            x.scope[EXCHANGE] = x
            x.send = self.sender(x)
            x.wrapped = True
            x.whole = None
            await self._guard_layer(x, app)

        self._wrapped = wrapped

    async def _guard_layer(self, x: Exchange, following: ASGIApp) -> None:
        receive, send = x.receive, x.send
        try:
            await following(x.scope, receive, send)
        except Exception as error:
            x.receive, x.send = receive, send  # the answer to an error leaves from here
            await self.recover(x, error)

    async def _route_layer(self, x: Exchange, following: ASGIApp) -> None:
        x.look_again()
        x.path = x.scope["path"]
        x.elsewhere = self.route(x)
        routing = x.operation.routing if x.operation is not None else {"api_base_path": "", "operation_id": None}
        x.scope.setdefault("extensions", {})["connexion_routing"] = routing.copy()
        await following(x.scope, x.receive, x.send)

    async def _security_layer(self, x: Exchange, following: ASGIApp) -> None:
        x.look_again()
        await self._steps(x, *SECURITY)
        await following(x.scope, _unread(x), x.send)

    async def _validation_layer(self, x: Exchange, following: ASGIApp) -> None:
        x.look_again()
        await self._steps(x, "negotiate", "validate")
        await following(x.scope, _unread(x), x.send)

    async def finish(self, x: Exchange, _following: ASGIApp) -> None:
        """The innermost layer: the handler and its answer, or what answers where no operation does."""
        if x.elsewhere is not None:
            await x.elsewhere(x.scope, x.receive, x.send)
            return
        await self._steps(x, "context", "call")
        assert x.operation is not None  # noqa: S101 - route() found it
        await self.send(x, x.operation.replies.of(x))

    @staticmethod
    async def _steps(x: Exchange, *names: str) -> None:
        if x.operation is not None:
            for name in names:
                step = x.operation.steps.get(name)
                pending = step(x) if step is not None else None
                if pending is not None:
                    await pending

    def route(self, x: Exchange) -> ASGIApp | None:
        """Find the operation; where it is none's path, what answers instead.

        Raises:
            MethodNotAllowed: the path is an operation's, the method is not.
        """
        scope = x.scope
        path, raw = x.path, scope.get("raw_path") or b""
        root = scope.get("root_path")
        raw_path = raw.decode("latin-1") if b"%" in raw else path
        if root and path.startswith(root):
            path = path[len(root) :]
            raw_path = raw_path.removeprefix(root)
        if x.method == "OPTIONS" and b"access-control-request-method" in x.headers and self._cors.enabled:
            methods = self._router.methods(path, raw_path)
            if methods:
                return self._preflight(x, methods)
        found = self._router.find(x.method, path, raw_path)
        if found is None and x.method == "HEAD":
            found = self._router.find("GET", path, raw_path)
        if found is None:
            return self._unmatched(x, path, raw_path)
        x.operation, x.path_values = found
        x.operation.tally.in_flight += 1
        if x.path_values:
            scope["path_params"] = {**scope.get("path_params", {}), **x.path_values}
        return None

    def _unmatched(self, x: Exchange, path: str, raw_path: str) -> ASGIApp:
        methods = self._router.methods(path, raw_path)
        if methods:
            allowed = sorted({*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])})
            if x.method == "OPTIONS":
                return Response(status_code=204, headers={"Allow": ", ".join(allowed)})
            raise MethodNotAllowed(x.method[:20], allowed)
        other = path[:-1] if path.endswith("/") else f"{path}/"
        if len(path) > 1 and not path.startswith("//") and self._router.find(x.method, other, other) is not None:
            return _redirect(x, (x.scope.get("root_path") or "") + other)
        return functools.partial(self._elsewhere, x)

    def _preflight(self, x: Exchange, methods: dict[str, CompiledOperation]) -> ASGIApp:
        allowed = sorted({*methods, *(["HEAD"] if "GET" in methods else [])})
        headers = self._cors.preflight(x.headers.get(b"origin", b""), allowed)
        x.reply_headers = [*x.reply_headers[:2], *headers]
        return Response(status_code=204, headers={"Allow": ", ".join(sorted({*allowed, "OPTIONS"}))})

    def sender(self, x: Exchange) -> Send:
        """`send` for applications that know nothing of exchanges: adds what every answer carries."""
        if x.wrapped:
            return x.send
        outer = x.send

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                refuse_broken(headers)
                names = {name.lower() for name, _ in headers}
                headers += [header for header in x.reply_headers if header[0] not in names or header[0] == b"vary"]
                x.status = message["status"]
                message = {**message, "headers": headers}
            elif message["type"] == "http.response.body":
                if x.method == "HEAD" and x.operation is not None:
                    message = {**message, "body": b""}
                x.sent += len(message.get("body", b""))
            await outer(message)

        return send

    async def send(self, x: Exchange, answer: Reply | Response) -> None:
        """Send an answer."""
        if answer.__class__ is not Reply:
            await answer(x.scope, x.receive, self.sender(x))  # type: ignore[operator]
            return
        body, kind = answer.body, answer.content_type
        headers = answer.headers
        if len(body) > self._compress_above and kind is not None:
            body, headers = await self._smaller(x, body, kind, headers)
        if x.whole is not None and kind is not None and not headers and answer.status not in BODILESS:
            known = _known_type(kind)
            if known is not None and x.whole.answer(answer.status, [known, _length(body), *x.reply_headers], body):
                x.status, x.sent = answer.status, len(body)
                return
        fixed: list[tuple[bytes, bytes]] = []
        if kind is not None:
            fixed.append((b"content-type", kind.encode("latin-1")))
        if answer.status not in BODILESS:
            fixed.append(_length(body))
        if not x.wrapped:
            fixed += x.reply_headers
        headers = fixed + headers
        refuse_broken(headers)
        await x.send({"type": "http.response.start", "status": answer.status, "headers": headers})
        x.status = answer.status
        if x.method == "HEAD" or x.status in BODILESS:
            body = b""
        if not x.wrapped:
            x.sent = len(body)
        await x.send({"type": "http.response.body", "body": body})

    async def _smaller(
        self, x: Exchange, body: bytes, kind: str, headers: list[tuple[bytes, bytes]]
    ) -> tuple[bytes, list[tuple[bytes, bytes]]]:
        """The body in a coding that the client accepts, where that pays."""
        if not media.is_text(media.split(kind)[0]) or any(name == b"content-encoding" for name, _ in headers):
            return body, headers
        headers = [*headers, (b"vary", b"Accept-Encoding")]
        encoding = encoding_for(x.headers.get(b"accept-encoding", b""))
        if encoding is None:
            return body, headers
        if len(body) > IN_THREAD_ABOVE:
            body = await anyio.to_thread.run_sync(compress, body, encoding)
        else:
            body = compress(body, encoding)
        return body, [*headers, (b"content-encoding", encoding.encode())]


def refuse_broken(headers: list[tuple[bytes, bytes]]) -> None:
    """Refuse header fields that would end before their time (RFC 9110 section 5.5), before anything is sent.

    Raises:
        ValueError: a handler chose such a name or value.
    """
    for name, value in headers:
        if not _TOKEN.fullmatch(name) or _BREAKS.search(value):
            raise ValueError(f"the answer's header {name[:60]!r} has a name or a value that HTTP does not allow")


def _unread(x: Exchange) -> Receive:
    """A `receive` for the project's middlewares and handlers: the body that was read already comes again."""
    if x.raw_body is None:
        return x.receive
    receive, x.raw_body = again(x.raw_body, x.receive), None
    return receive


def _length(body: bytes) -> tuple[bytes, bytes]:
    return b"content-length", b"%d" % len(body)


@functools.lru_cache(TYPES_KEPT)
def _known_type(kind: str) -> tuple[bytes, bytes] | None:
    """The Content-Type header; None where the server must look at it first, since a handler may have chosen it."""
    return (b"content-type", kind.encode("ascii")) if kind.isascii() and kind.isprintable() else None


def _redirect(x: Exchange, path: str) -> Response:
    query = x.scope["query_string"].decode("latin-1")
    location = quote(path, safe="/:@!$&'()*+,;=~-._") + (f"?{query}" if query else "")
    return Response(status_code=307, headers={"Location": location})
