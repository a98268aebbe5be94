"""Bodies and answers in one piece: what this server offers beside ASGI, `scope["extensions"]["portico.whole"]`.

ASGI gives a body and takes an answer in messages, each of them a dictionary and a coroutine, and uvicorn (0.54) writes
the head of an answer and its body apart. But nearly every request has come whole when its application starts, and
nearly every answer leaves whole. For those this is the short way. It is never the only one: who uses it must take no
for an answer, and then do as ASGI says.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

WHOLE = "portico.whole"  # the name of the extension


class Whole:
    """One request on the wire and its answer."""

    __slots__ = ("_cycle",)

    def __init__(self, cycle: RequestResponseCycle) -> None:
        # Its scope refers to this object: a strong reference back would leave every request to the garbage collector.
        self._cycle = weakref.ref(cycle)

    def body(self) -> bytes | None:
        """The body, where all of it has come; None: call `receive`."""
        cycle = self._cycle()
        if cycle is None or cycle.more_body or cycle.disconnected or cycle.response_complete:
            return None
        taken = bytes(cycle.body)
        cycle.body = bytearray()
        cycle.flow.resume_reading()
        cycle.message_event.clear()  # the next `receive` waits for what follows a body: the end of the connection
        return taken

    def answer(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
        """Send an answer.

        Args:
            status: one that allows a body.
            headers: names in lower case, Content-Length among them; no Connection, nothing that a handler or a client
                chose: they are sent as they are.
            body: as many bytes as Content-Length says.

        Returns:
            Whether it was sent; False: call `send`.
        """
        cycle = self._cycle()
        if cycle is None or cycle.response_started or cycle.disconnected or cycle.flow.write_paused:
            return False
        if cycle.scope["method"] == "HEAD":
            return False
        parts = [STATUS_LINE[status]]
        for name, value in cycle.default_headers:
            parts += (name, b": ", value, b"\r\n")
        for name, value in headers:
            parts += (name, b": ", value, b"\r\n")
        parts += (b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n", body)
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.transport.write(b"".join(parts))
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()
        return True
