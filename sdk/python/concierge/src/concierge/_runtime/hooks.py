"""What a program can be told about its calls. Secrets read `[redacted]`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """A moment of a call."""

    operation: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)  # of the request, or of the answer
    attempt: int = 1
    duration: float | None = None  # seconds since the request was sent
    status: int | None = None  # of the answer; None: there is none
    delay: float | None = None  # seconds until the next attempt


Hook = Callable[[CallEvent], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Functions that are called as things happen. What they raise ends the call."""

    before_request: Hook | None = None
    after_response: Hook | None = None
    on_retry: Hook | None = None
