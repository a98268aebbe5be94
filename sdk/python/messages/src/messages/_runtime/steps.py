"""What a call needs from outside. A plan is a generator that yields these; a driver does them, and sends back what came
of it. So the way of a call is written once, for the synchronous and the asynchronous client.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from .request import Received, Request

T = TypeVar("T")


@dataclass(slots=True)
class Send:
    """Send a request; gives a `Received`."""

    request: Request
    operation: str
    limit: int  # bytes of the answer
    stream: bool = False  # whether the body of a success is left to be read


@dataclass(slots=True)
class Sleep:
    """Wait."""

    seconds: float


@dataclass(slots=True)
class Ask:
    """Call a function of the program; what it gives may be awaitable."""

    function: Callable[[], Any]


@dataclass(slots=True)
class Block:
    """Call a function of ours that waits for long, and must not hold up an event loop."""

    function: Callable[[], Any]


@dataclass(slots=True)
class Once:
    """Carry out a plan while nobody else carries out one of the same name."""

    name: str
    plan: Callable[[], Plan[Any]]


@dataclass(slots=True)
class Open:
    """Hand out an answer that is a stream."""

    operation: str
    kind: str  # binary, events, jsonl
    received: Received
    read: Callable[[Any], Any]  # of one event's data, or of one line
    reopen: Callable[[str], Plan[Received]] | None = None  # from after an event's id
    pause: float = 1.0  # seconds before it is opened again, where the server does not say


Step: TypeAlias = Send | Sleep | Ask | Block | Once | Open
Plan: TypeAlias = Generator[Step, Any, T]
