"""Concierge, version 1.0.0.

A florist's concierge. Say what you wish for with `sendMessage`; it answers in words and with product cards.
Order a bouquet with `checkout`.

The bouquets are for everybody to see. Whoever wants to talk or to order signs in, or signs requests (AWS
Signature Version 4) with the credentials of a role; everyone sees their own orders only. Partners talk with
an API key.

Conversations are not kept on the server: send the earlier messages along, and it will know what "the second
one" means.
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
from .client import Concierge

if TYPE_CHECKING:
    from ._runtime.astreams import AsyncDownload, AsyncEventStream, AsyncLineStream
    from ._runtime.native import HttpxTransport
    from .aclient import AsyncConcierge

__version__ = "1.0.0"

__all__ = [
    "ABSENT",
    "Absent",
    "AsyncConcierge",
    "AsyncDownload",
    "AsyncEventStream",
    "AsyncLineStream",
    "CallEvent",
    "Concierge",
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
    "Model",
    "Options",
    "Response",
    "Retries",
    "Tokens",
    "Unknown",
    "errors",
]

_LATER = {
    "AsyncConcierge": ".aclient",
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
