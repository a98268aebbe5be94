"""HTTP/1.1 on the wire: uvicorn's protocol with the bounds that it leaves open.

uvicorn (0.54) lets a head grow without end and waits for it without end. Here a head, the trailers and the framing of
chunks are bounded in bytes, a head in time, and a client that stops reading is let go.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from portico.server.whole import WHOLE, Whole

HEAD = 65_536  # bytes of the request line and the header fields together; more is answered with 431
FIELDS = 128  # header fields
FRAMING = 16  # bytes of chunk framing for each byte of a body; "1\r\nx\r\n" has 5
HEAD_TIMEOUT = 10  # seconds that a client may take to send a head; then the connection is closed
STALLED = 30  # seconds without a byte of the answer being taken; then the connection is closed

_TITLES = {400: "Bad Request", 431: "Request Header Fields Too Large"}


class Connections(ServerState):
    """What all connections of a server share."""

    def __init__(self) -> None:
        super().__init__()
        self.draining = False  # each answer is the last on its connection

    def sweep(self) -> None:
        """Close the connections that have kept the server waiting for too long. Call it every second."""
        for connection in list(self.connections):
            if isinstance(connection, Protocol):
                if connection.is_stuck():
                    connection.transport.abort()
                elif connection.has_rested():
                    connection.transport.close()


class Protocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, config: Any, server_state: Connections, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._shared = server_state
        self._fed = 0  # bytes received since the last message ended
        self._body = 0  # of those, bytes of the body
        self._head: object = None  # whose head was being waited for at the last look
        self._waited = 0
        self._unsent = 0
        self._stalled = 0
        self._refusal = 400
        self._is_last = False  # nothing after this message is read
        self._rests = False  # whether a request has been answered and nothing has come since
        self._rested = 0

    def data_received(self, data: bytes) -> None:
        """Take what has arrived, and refuse what exceeds the bounds."""
        self._rests = False
        if self._is_last:
            return
        self._fed += len(data)
        super().data_received(data)
        if self._fed > HEAD and self._fed - (FRAMING + 1) * self._body > HEAD and not self.transport.is_closing():
            self._refuse()

    def on_headers_complete(self) -> None:
        """A head is complete."""
        too_many = len(self.headers) > FIELDS
        if too_many or (self._fed > HEAD and sum(len(name) + len(value) for name, value in self.headers) > HEAD):
            self._refusal = 431
            raise ValueError  # the parser stops, and `data_received` calls `send_400_response`
        if self.parser.should_upgrade():
            self._refuse_upgrade()
        super().on_headers_complete()
        self.scope["extensions"] = {WHOLE: Whole(self.cycle)}  # type: ignore[dict-item]
        self.headers = []  # trailers go there, where nobody looks: the headers have been acted upon
        if self._shared.draining or self._is_last:
            self.cycle.keep_alive = False

    def _refuse_upgrade(self) -> None:
        """Let a request that asks for another protocol be the last, and refuse it where it has a body.

        There is nothing to upgrade to, and a server may ignore that it was asked (RFC 9110 section 7.8). But the parser
        ends such a message at its head: what follows would be taken for a request of its own.
        """
        framed = [value for name, value in self.headers if name in (b"transfer-encoding", b"content-length")]
        if any(value != b"0" for value in framed):
            raise ValueError
        self._is_last = True

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A message has ended; what follows belongs to the next."""
        self._fed = self._body = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer has been sent: go on with the next request, or rest.

        uvicorn sets a timer for each answer, and mostly takes it back. Looking once a second costs a request nothing.
        """
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        else:
            self._rests, self._rested = True, 0

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP with a problem document, and close."""
        status = self._refusal
        body = b'{"type":"about:blank","title":"%s","status":%d}' % (_TITLES[status].encode(), status)
        head = [STATUS_LINE[status], *(b"%s: %s\r\n" % header for header in self.server_state.default_headers)]
        head.append(b"content-type: application/problem+json\r\ncontent-length: %d\r\n" % len(body))
        self.transport.write(b"".join([*head, b"connection: close\r\n\r\n", body]))
        self.transport.close()

    def is_stuck(self) -> bool:
        """Whether the client does not send its head in time, or takes nothing of its answer. Ask once a second."""
        self._waited = self._waited + 1 if self._owes_a_head() and self._head is self.scope else 0
        self._head = self.scope
        unsent = self.transport.get_write_buffer_size()
        self._stalled = self._stalled + 1 if unsent and unsent == self._unsent else 0
        self._unsent = unsent
        return self._waited >= HEAD_TIMEOUT or self._stalled >= STALLED

    def _owes_a_head(self) -> bool:
        """Whether it is the client's turn, and it does not rest: any byte, even an empty line, ends that."""
        if self.cycle is None or self.cycle.scope is not self.scope:
            return True
        return self.cycle.response_complete and not self._rests

    def has_rested(self) -> bool:
        """Whether nothing has come for as long as an idle connection is kept. Ask once a second."""
        self._rested = self._rested + 1 if self._rests else 0
        return self._rested > self.timeout_keep_alive

    def is_idle(self) -> bool:
        """Whether no request is being answered or read."""
        return (self.cycle is None or self.cycle.response_complete) and not self._fed

    def _refuse(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self._refusal = 431
            self.send_400_response("")
        else:  # an answer is under way on this connection: it cannot be told apart any more
            self.transport.abort()
