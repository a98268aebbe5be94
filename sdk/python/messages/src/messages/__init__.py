"""Messages, version 1.0.0.

Takes a message and gives one back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._runtime import errors
from ._runtime.absent import ABSENT, Absent
from ._runtime.events import Event
from ._runtime.hooks import CallEvent, Hooks
from ._runtime.identity import Credentials, Tokens
from ._runtime.model import Model, Unknown
from ._runtime.options import Options, Retries
from ._runtime.payload import File
from ._runtime.response import Response
from ._runtime.stores import FileTokenStore, MemoryTokenStore
from ._runtime.streams import Download, EventStream, LineStream
from .client import Messages

if TYPE_CHECKING:
    from ._runtime.astreams import AsyncDownload, AsyncEventStream, AsyncLineStream
    from ._runtime.native import HttpxTransport
    from .aclient import AsyncMessages

__version__ = "1.0.0"

__all__ = [
    "ABSENT",
    "Absent",
    "AsyncDownload",
    "AsyncEventStream",
    "AsyncLineStream",
    "AsyncMessages",
    "CallEvent",
    "Credentials",
    "Download",
    "Event",
    "EventStream",
    "File",
    "FileTokenStore",
    "Hooks",
    "HttpxTransport",
    "LineStream",
    "MemoryTokenStore",
    "Messages",
    "Model",
    "Options",
    "Response",
    "Retries",
    "Tokens",
    "Unknown",
    "errors",
]

_LATER = {
    "AsyncMessages": ".aclient",
    "AsyncDownload": "._runtime.astreams",
    "AsyncEventStream": "._runtime.astreams",
    "AsyncLineStream": "._runtime.astreams",
    "HttpxTransport": "._runtime.native",
}


def __getattr__(name: str) -> Any:
    """What not every program needs is loaded when it is asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_LATER[name], __name__), name)
