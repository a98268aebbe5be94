"""One serving process: uvicorn, with a stop that fails no request.

    ready ──SIGTERM──> draining: /readyz answers 503, new connections are still taken for `drain_delay`
                   ──> closed:   new connections are refused, each answer is the last on its connection
                   ──> ended:    when nothing runs, or after `drain_timeout`; exit status 0

A worker that is replaced while the server goes on is retired instead: it stays ready and takes no new connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import uvicorn
from starlette.types import ASGIApp

from portico.server.health import Readiness, State
from portico.server.protocol import Connections, Protocol

if TYPE_CHECKING:
    from portico.server.assemble import Service

KEEP_ALIVE = 5  # seconds that an idle connection is kept
LINGER = 1.0  # seconds that idle connections are kept when the server stops: a request may be on its way
TICK = 0.02  # seconds between two looks at what is still connected
BACKLOG = 2_048  # connections that wait to be taken
YOUNG = 10_000  # objects made and not freed before the garbage collector looks: requests under way are not garbage
SWITCH = 0.0005  # seconds that a thread (the database's, a handler's) keeps the interpreter while requests wait for it
SPARE = 64  # file descriptors for all but connections


@dataclass(frozen=True, slots=True)
class Stop:
    """How to stop."""

    drains: bool  # /readyz says so
    delay: float  # seconds that new connections are still taken
    linger: float  # seconds that idle connections are kept


RETIRE = Stop(drains=False, delay=0.0, linger=KEEP_ALIVE)  # another worker listens on the same socket
INTERRUPT = Stop(drains=True, delay=0.0, linger=0.0)  # a person at a terminal does not want to wait


class Server(uvicorn.Server):
    """uvicorn's server with our protocol, readiness and stop."""

    def __init__(
        self,
        app: ASGIApp,
        readiness: Readiness,
        *,
        drain_timeout: float,
        drain_delay: float = 0.0,
        on_ready: Callable[[], Coroutine[Any, Any, None]] | None = None,
    ) -> None:
        """Serve an application.

        Args:
            app: what answers.
            readiness: what `/readyz` tells.
            drain_timeout: seconds that running requests get.
            drain_delay: seconds that new connections are still taken after SIGTERM.
            on_ready: runs beside the server from the moment it listens until it ends.
        """
        super().__init__(_config(app))
        self.server_state: Connections = Connections()
        self._readiness = readiness
        self._drain_timeout = drain_timeout
        self._on_terminate = Stop(drains=True, delay=drain_delay, linger=LINGER)
        self._stop = self._on_terminate
        self._on_ready = on_ready
        self._beside: asyncio.Task[None] | None = None
        self.cut = False  # whether running requests were cut off

    def terminate(self) -> None:
        """Stop, as on SIGTERM."""
        self._begin(self._on_terminate)

    def interrupt(self) -> None:
        """Stop at once when nothing runs; a second time: do not wait for what runs."""
        self.force_exit = self._stop is INTERRUPT
        self._begin(INTERRUPT)

    def retire(self) -> None:
        """Leave the requests to another worker that listens on the same socket."""
        self._begin(RETIRE)

    def _begin(self, stop: Stop) -> None:
        """Begin to stop, or go on stopping in another way."""
        self._stop = stop
        self.should_exit = True
        if stop.drains:
            self._readiness.state = State.DRAINING

    def say(self, name: str, value: str | None) -> None:
        """Add a header to every answer; None takes it away."""
        headers = [(key, text) for key, text in self.config.encoded_headers if key != name.encode()]
        if value is not None:
            headers.append((name.encode(), value.encode("latin-1")))
        self.config.encoded_headers = headers
        self.server_state.default_headers = [
            *((key, text) for key, text in self.server_state.default_headers if key == b"date"),
            *headers,
        ]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        if self.started:
            # What is loaded now stays until the end. Every full collection would walk through it: 60 ms, several times
            # a second under load, in which nobody is answered.
            gc.collect()
            gc.freeze()
            gc.set_threshold(YOUNG)
            sys.setswitchinterval(SWITCH)
            self._readiness.state = State.READY
            if self._on_ready is not None:
                self._beside = asyncio.create_task(self._on_ready())

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second by uvicorn."""
        if counter % 10 == 0:
            self.server_state.sweep()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop as described above."""
        deadline = asyncio.get_running_loop().time() + self._drain_timeout
        self.server_state.draining = True
        for connection in self.server_state.connections:
            if isinstance(connection, Protocol) and connection.cycle is not None:
                connection.cycle.keep_alive = False
        began = asyncio.get_running_loop().time()
        # Looking is all there is: uvicorn does not tell when a connection has gone.
        while self._within(began, self._stop.delay):  # noqa: ASYNC110
            await asyncio.sleep(TICK)
        for server in self.servers:
            server.close()
        while self._within(began, self._stop.delay + self._stop.linger) and any(self._idle()):  # noqa: ASYNC110
            await asyncio.sleep(TICK)
        left = max(deadline - asyncio.get_running_loop().time(), 0.0)
        self.config.timeout_graceful_shutdown = left  # type: ignore[assignment]  # it takes fractions
        await super().shutdown(sockets)
        self.cut = self.force_exit or asyncio.get_running_loop().time() > deadline
        if self._beside is not None:
            self._beside.cancel()

    def _within(self, began: float, seconds: float) -> bool:
        return asyncio.get_running_loop().time() < began + seconds and not self.force_exit

    def _idle(self) -> Iterator[Protocol]:
        for connection in self.server_state.connections:
            if isinstance(connection, Protocol) and connection.is_idle():
                yield connection

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals stop the server with exit status 0; uvicorn would raise them again afterwards."""
        if sys.platform == "win32":  # its event loop has no signal handlers
            with super().capture_signals():
                yield
            return
        loop = asyncio.get_running_loop()
        handlers = {signal.SIGTERM: self.terminate, signal.SIGINT: self.interrupt}
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
        try:
            yield
        finally:
            for number in handlers:
                loop.remove_signal_handler(number)


class _Beside(Server):
    """The management server: it lives as long as the main one, and hears no signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def of(service: Service, *, on_ready: Callable[[], Coroutine[Any, Any, None]] | None = None) -> Server:
    """The server of a service, as its project's configuration says.

    Args:
        service: what to serve.
        on_ready: see `Server`.
    """
    settings = service.project.config.server

    async def beside() -> None:
        if service.sharing is not None:
            service.sharing.start()
        if on_ready is not None:
            await on_ready()

    return Server(
        service.gateway,
        service.readiness,
        drain_timeout=settings.drain_timeout,
        drain_delay=settings.drain_delay,
        on_ready=beside,
    )


def leave() -> NoReturn:
    """End the process although a handler's thread still runs in it: nobody waits for its answer any more."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def run(server: Server, listener: socket.socket, *, management: tuple[ASGIApp, socket.socket] | None = None) -> None:
    """Serve until a signal, or one of the server's methods, ends it.

    Args:
        server: what serves.
        listener: a bound socket.
        management: an application on a socket of its own, which answers until the main server has ended.
    """
    runner = asyncio.Runner(loop_factory=server.config.get_loop_factory())
    runner.run(_serve(server, listener, management))
    if not server.cut:  # else a handler's thread may still run, and closing would wait for it
        runner.close()


async def _serve(server: Server, listener: socket.socket, management: tuple[ASGIApp, socket.socket] | None) -> None:
    if management is None:
        await server.serve(sockets=[listener])
        return
    app, other = management
    beside = _Beside(app, Readiness(), drain_timeout=1.0)
    task = asyncio.create_task(beside.serve(sockets=[other]))
    try:
        await server.serve(sockets=[listener])
    finally:
        beside.interrupt()
        await task


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        interface="asgi3",
        loop="auto",  # uvloop where there is one
        http=Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        limit_concurrency=_connections(),
        timeout_keep_alive=KEEP_ALIVE,
    )


def _connections() -> int | None:
    """How many connections this process can hold; above that, uvicorn answers 503.

    Without this bound the process runs out of file descriptors, and can open neither a database nor a log any more.
    """
    if sys.platform == "win32":
        return None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return None if soft == resource.RLIM_INFINITY else max(soft - SPARE, 1)
