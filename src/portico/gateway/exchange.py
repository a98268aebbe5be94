"""One request under way, and what is known about it so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Protocol

from connexion.lifecycle import ConnexionRequest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from asyncio import Task

    from portico.access import Principal
    from portico.access.usage import Count
    from portico.gateway.pipeline import CompiledOperation

LISTS = {b"accept", b"accept-encoding", b"prefer", b"if-none-match", b"access-control-request-headers"}


class Whole(Protocol):
    """What a server may offer beside ASGI: a body, and an answer, in one piece (see `portico.server.whole`)."""

    def body(self) -> bytes | None:
        """The body, where all of it has come."""

    def answer(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
        """Send an answer; False: it must be sent as ASGI says."""


WHOLE = "portico.whole"  # the extension's name in the ASGI scope


class Exchange:
    """What the steps of a pipeline read and write.

    Made once a request, on the hot path: what most requests never change is an attribute of the class.
    """

    operation: CompiledOperation | None = None
    elsewhere: ASGIApp | None = None  # what answers where no operation does
    whole: Whole | None = None  # None too where something stands between the server and the gateway
    wrapped = False  # `send` adds what every answer carries, since middlewares of the project stand in between
    caller: Any = None  # what the operation's security function said
    principal: Principal | None = None  # who signed the request
    count: Count | None = None  # of the API key, where the request was admitted
    raw_body: bytes | None = None
    body: Any = None
    files: Mapping[str, list[Any]] | None = None
    result: Any = None  # what the handler returned
    mocked = False  # the result is an example of the document, not a handler's
    status = 0  # of the answer; 0: none has begun
    sent = 0  # bytes of the answer's body
    deadline = 0.0  # seconds on the loop's clock; 0: none
    reading = False  # the deadline is the body's
    expired = False

    def __init__(self, scope: Scope, receive: Receive, send: Send, started: float) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.started = started  # seconds on the loop's clock
        self.mark = started  # the last moment that somebody looked at the clock
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers = read_headers(scope["headers"])
        self.request_id = ""
        self.reply_headers: list[tuple[bytes, bytes]] = []  # what every answer to this request carries
        self.path_values: dict[str, str] = {}
        self.context: dict[str, Any] = {}  # Connexion's: what middlewares and security put there, handlers get
        self.arguments: dict[str, Any] = {}  # what the handler will be called with
        self.task: Task[Any] | None = None

    def header(self, name: bytes) -> str | None:
        """A request header's value by its lower-case name."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    def look_again(self) -> None:
        """Read what a middleware may have changed in the scope."""
        self.headers = read_headers(self.scope["headers"])

    def connexion_request(self) -> ConnexionRequest:
        """The request as Connexion's users know it, its body readable again where it was read, and left for others."""
        receive = self.replay if self.raw_body is None else again(self.raw_body, self.receive)
        return ConnexionRequest(self.scope, receive)

    async def replay(self) -> Message:
        """`receive` for those that come after the body was read: gives it once more, whole."""
        if self.raw_body is None:
            return await self.receive()
        body, self.raw_body = self.raw_body, None
        return {"type": "http.request", "body": body, "more_body": False}


def again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that first gives a body which was read already."""
    waiting = [body]

    async def receive_again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return receive_again


def read_headers(raw: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Headers by lower-case name. The first of several with one name counts; lists and cookies are joined."""
    headers = dict(raw)
    if len(headers) == len(raw):
        return headers
    merged: MutableMapping[bytes, bytes] = {}
    for name, value in raw:
        if name not in merged:
            merged[name] = value
        elif name in LISTS:
            merged[name] = merged[name] + b", " + value
        elif name == b"cookie":
            merged[name] = merged[name] + b"; " + value
    return dict(merged)
