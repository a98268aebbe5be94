"""An answer with all that came along."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from .errors import request_id
from .headers import Headers

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Response(Generic[T]):
    """What `client.raw(client.operation)(...)` gives."""

    data: T
    status: int
    headers: Headers
    body: bytes = field(default=b"", repr=False)  # as it came; empty for streams
    url: str = field(default="", repr=False)  # where it came from in the end, without what proves who calls

    @property
    def request_id(self) -> str:
        """What to name when reporting a problem; empty where the server gives nothing."""
        return request_id(self.headers)
