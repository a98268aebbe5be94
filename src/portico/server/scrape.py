"""`/metrics`: for the operator's Prometheus, not for the public.

On the main port it answers callers on this machine only. A request that a proxy passed on, and one that a web page in a
local browser sent under a foreign name (DNS rebinding), come from this machine as well: both are told apart by their
headers. A proxy that adds none cannot be told apart; behind one, give metrics a `management_port`.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from starlette.types import Receive, Scope, Send

from portico.observe.snapshot import Source
from portico.server.health import answer, not_found
from portico.server.sockets import is_loopback

FORWARDING = frozenset(
    {
        b"forwarded",
        b"via",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-real-ip",
        b"cf-connecting-ip",
    }
)
"""Headers that proxies add (RFC 7239, RFC 9110 section 7.6.3, and what came before them)."""

_LOCAL_HOST = re.compile(rb"(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?", re.IGNORECASE)


class Scrape:
    """The metrics of the whole server, in Prometheus's text format."""

    def __init__(self, source: Source, *, folder: Path | None = None, guarded: bool = True) -> None:
        """Serve a process's metrics.

        Args:
            source: its counters.
            folder: where the other workers leave theirs, if there are others.
            guarded: answer callers on this machine only; anyone else gets a 404, as if there were nothing.
        """
        self._source = source
        self._folder = folder
        self._guarded = guarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if self._guarded and not from_this_machine(scope):
            await not_found(scope, send)
            return
        accept = next((value for name, value in scope["headers"] if name == b"accept"), b"").decode("latin-1")
        body, media_type = await asyncio.to_thread(self._render, accept)
        await answer(scope, send, 200, body, media_type)

    def _render(self, accept: str) -> tuple[bytes, str]:
        from portico.observe.exposition import render  # late: it brings prometheus-client

        return render(self._source, accept, folder=self._folder)


def from_this_machine(scope: Scope) -> bool:
    """Whether the caller itself, not a proxy or a page of another site, is on this machine."""
    peer = scope.get("client")
    if not peer or not is_loopback(peer[0]):
        return False
    names = {name for name, _ in scope["headers"]}
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    return not names & FORWARDING and len(hosts) == 1 and _LOCAL_HOST.fullmatch(hosts[0]) is not None
