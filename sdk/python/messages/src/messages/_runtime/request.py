"""A request on its way, and what came back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from .headers import Headers
from .payload import Body


@dataclass(slots=True)
class Request:
    """One attempt to call."""

    method: str
    scheme: str  # http, https
    host: str
    port: int
    target: str = field(repr=False)  # path and query, percent-encoded
    headers: dict[str, str] = field(repr=False)  # by lower-case names
    body: Body | None = field(default=None, repr=False)
    timeout: float = 30.0  # seconds for connecting, and between two reads
    until: float | None = None  # seconds since the epoch, by the client's clock: when the whole call ends
    on_connection: Callable[[Any], None] | None = field(default=None, repr=False)  # told the socket, to abort it

    @property
    def origin(self) -> tuple[str, str, int]:
        """Whom it is sent to."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """What stands in `Host`: without the port where it is the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address."""
        return f"{self.scheme}://{self.authority}{self.target}"


class Incoming(Protocol):
    """An answer of which the body is still to be read."""

    status: int
    headers: Headers

    def read(self, size: int) -> bytes:
        """The next bytes, `size` at most; none at the end."""

    def close(self) -> None:
        """Give the connection back, or close it where something is left to be read."""


class Transport(Protocol):
    """Carries requests. Anything that does may be given to a client."""

    def send(self, request: Request) -> Incoming:
        """Send a request, and wait for the head of the answer.

        Raises:
            ConnectionFailed: there is no answer.
        """

    def close(self) -> None:
        """Close what is open."""


class AsyncIncoming(Protocol):
    """As `Incoming`, for the asynchronous client."""

    status: int
    headers: Headers

    async def read(self, size: int) -> bytes:
        """The next bytes, `size` at most; none at the end."""

    async def close(self) -> None:
        """Give the connection back, or close it."""


class AsyncTransport(Protocol):
    """As `Transport`, for the asynchronous client."""

    async def send(self, request: Request) -> AsyncIncoming:
        """Send a request, and wait for the head of the answer."""

    async def close(self) -> None:
        """Close what is open."""


@dataclass(slots=True)
class Received:
    """An answer. Either its body was read, or it can be read."""

    status: int
    headers: Headers
    body: bytes = field(default=b"", repr=False)
    stream: Any = None  # Incoming or AsyncIncoming
