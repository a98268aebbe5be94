"""The parent of several workers: starts them, replaces the dead ones, and swaps all for new ones without a gap.

A set of workers that were started together is a crew. The first of a crew proves that the project can be served; only
then the others start, so that a fault is told once and nothing starts half. On a reload the new crew must be ready
before the old one is retired; if it cannot start, the old one goes on. All listen on one socket that this process holds
open, so there is no moment at which a connection is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from portico.observe import snapshot
from portico.server import control
from portico.server.control import Failed, Outcome, Ready
from portico.server.worker import Assignment

log = logging.getLogger("portico.server")

PATIENCE = 120.0  # seconds that a worker may take to be ready
PAUSES = (0.0, 0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before the next attempt with a worker that keeps dying
STEADY = 60.0  # seconds after which a worker that dies is not one that keeps dying
BEATS = 4  # signs of life that a worker gives in the time after which it counts as standing still
KILL_AFTER = 5.0  # seconds beyond the drain timeout; then a worker that does not end is killed


@dataclass(frozen=True, slots=True)
class Plan:
    """What the workers serve, and how."""

    root: Path
    folder: Path  # the run folder
    listener: socket.socket
    management: socket.socket | None
    workers: int
    mock: bool
    drain_timeout: float  # seconds
    worker_timeout: float  # seconds; see the configuration
    reload: bool


class Worker:
    """One worker process."""

    def __init__(
        self, name: str, process: asyncio.subprocess.Process, channel: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    ) -> None:
        self.name = name
        self.process = process
        self._reader, self._writer = channel

    @classmethod
    async def start(cls, plan: Plan, name: str) -> Worker:
        """Start a process; whether it can serve is its `outcome`."""
        ours, theirs = socket.socketpair()
        management = plan.management.fileno() if plan.management else None
        assignment = Assignment(
            root=str(plan.root),
            worker=name,
            folder=str(plan.folder),
            mock=plan.mock,
            port=plan.listener.getsockname()[1],
            beat=plan.worker_timeout / BEATS,
            reload=plan.reload,
            listener=plan.listener.fileno(),
            control=theirs.fileno(),
            management=management,
        )
        options = ["-P"]  # the working directory is nowhere on the path: a file json.py there is not the json module
        if plan.reload:
            options.append("-B")  # a compiled file is told from its source by whole seconds only
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *options,
            *("-m", "portico.server.worker", msgspec.json.encode(assignment).decode()),
            pass_fds=[plan.listener.fileno(), theirs.fileno(), *([] if management is None else [management])],
            stdin=asyncio.subprocess.DEVNULL,
        )
        theirs.close()
        return cls(name, process, await asyncio.open_connection(sock=ours, limit=1 << 24))

    async def outcome(self) -> Outcome:
        """Whether it is ready. Bounded in time."""
        try:
            text = await asyncio.wait_for(self._reader.readline(), PATIENCE)
        except TimeoutError:
            self.kill()
            return Failed(
                f"A worker was not ready after {PATIENCE:.0f} seconds. Look at what its handlers do on import."
            )
        if text:
            return control.outcome(text)
        return Failed(f"A worker {_ending(await self.process.wait())} before it was ready. What it printed says why.")

    async def stands_still(self, seconds: float) -> bool:
        """True when nothing has been heard from its event loop for so long; False when that has ended."""
        try:
            while await asyncio.wait_for(self._reader.readline(), seconds):
                pass
        except TimeoutError:
            return True
        return False

    def say(self, command: str) -> None:
        """Send a command; to one that has gone it makes no difference."""
        with contextlib.suppress(OSError):
            self._writer.write(control.line(command))

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    async def gone(self) -> str:
        """Wait until the process has ended, and say how."""
        status = await self.process.wait()
        self._writer.close()
        return _ending(status)


def _ending(status: int) -> str:
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"


@dataclass(slots=True, eq=False)
class Crew:
    """The workers that were started together, by place, and those that have taken the place of dead ones."""

    workers: dict[int, Worker] = field(default_factory=dict)
    keepers: list[asyncio.Task[None]] = field(default_factory=list)
    leaving: bool = False

    def say(self, command: str) -> None:
        """Tell all."""
        for worker in self.workers.values():
            worker.say(command)

    def kill(self) -> None:
        """End all at once."""
        for worker in self.workers.values():
            worker.kill()


class Supervisor:
    """Keeps a project served."""

    def __init__(self, plan: Plan, *, on_ready: Callable[[Ready], None], on_failed: Callable[[Failed], None]) -> None:
        """Make one.

        Args:
            plan: what to serve.
            on_ready: called when a crew has taken over, also after a reload.
            on_failed: called when a crew cannot start; the one before it, if any, goes on.
        """
        self._plan = plan
        self._on_ready = on_ready
        self._on_failed = on_failed
        self._serial = itertools.count(1)
        self._crew = Crew()
        self._coming: Crew | None = None
        self._retiring: dict[asyncio.Task[None], Crew] = {}
        self._stopping = False

    async def renew(self) -> bool:
        """Start a new crew, and retire the old one when the new one is ready. False leaves everything as it was."""
        self._coming = crew = Crew()
        outcome = await self._muster(crew)
        self._coming = None
        if isinstance(outcome, Failed) or self._stopping:
            await self._dismiss(crew, control.INTERRUPT)
            if isinstance(outcome, Failed) and not self._stopping:
                self._crew.say(control.STALE)
                self._on_failed(outcome)
            return False
        old, self._crew = self._crew, crew
        task = asyncio.create_task(self._dismiss(old, control.RETIRE))
        self._retiring[task] = old
        task.add_done_callback(self._retiring.pop)
        self._on_ready(outcome)
        return True

    async def stop(self, command: str = control.STOP) -> None:
        """End all workers, and return when they have ended.

        Args:
            command: `control.STOP` gives running requests their time and load balancers theirs, `INTERRUPT` the former.
        """
        self._stopping = True
        # The workers have the sockets too, and theirs decide; this one would keep taking connections for nobody.
        self._plan.listener.close()
        if self._plan.management is not None:
            self._plan.management.close()
        if self._coming is not None:
            self._coming.kill()
        for crew in self._retiring.values():
            crew.say(command)
        await asyncio.gather(self._dismiss(self._crew, command), *self._retiring)

    def kill(self) -> None:
        """End all workers at once."""
        for crew in (self._crew, *self._retiring.values()):
            crew.kill()

    async def _muster(self, crew: Crew) -> Outcome:
        """Fill a crew: whether every worker is ready."""
        outcome = await self._enlist(crew, 0)
        if isinstance(outcome, Ready):
            others = await asyncio.gather(*(self._enlist(crew, place) for place in range(1, self._plan.workers)))
            outcome = next((other for other in others if isinstance(other, Failed)), outcome)
        return outcome

    async def _enlist(self, crew: Crew, place: int) -> Outcome:
        """Put a worker in a place, and keep one there for as long as the crew serves."""
        outcome = await self._place(crew, place)
        if isinstance(outcome, Ready):
            crew.keepers.append(asyncio.create_task(self._keep(crew, place)))
        return outcome

    async def _place(self, crew: Crew, place: int) -> Outcome:
        if self._stopping:
            return Failed("The server is stopping.")
        crew.workers[place] = worker = await Worker.start(self._plan, f"{place}.{next(self._serial)}")
        if crew.leaving:
            worker.kill()
        return await worker.outcome()

    async def _keep(self, crew: Crew, place: int) -> None:
        """Replace a worker whenever it dies; one that keeps dying is given ever longer pauses."""
        attempts = 0
        clock = asyncio.get_running_loop().time
        while True:
            since = clock()
            how = await self._gone_or_stuck(crew.workers[place])
            attempts = 0 if clock() - since > STEADY else attempts + 1
            while not crew.leaving and not self._stopping:
                log.error("worker %s %s; another takes its place", crew.workers[place].name, how)
                await asyncio.sleep(PAUSES[min(attempts, len(PAUSES) - 1)])
                outcome = await self._place(crew, place)
                if isinstance(outcome, Ready):
                    break
                how = f"could not start: {outcome.message}"
                await self._gone(crew.workers[place])
                attempts += 1
            if crew.leaving or self._stopping:
                return

    async def _gone_or_stuck(self, worker: Worker) -> str:
        if self._plan.reload:  # whoever writes a handler may look at it in a debugger
            return await self._gone(worker)
        if await worker.stands_still(self._plan.worker_timeout):
            log.error("worker %s has stood still for %g seconds and is ended", worker.name, self._plan.worker_timeout)
            worker.kill()
        return await self._gone(worker)

    async def _gone(self, worker: Worker) -> str:
        how = await worker.gone()
        with contextlib.suppress(OSError):  # the figures of this worker are lost, and nothing else
            snapshot.fold(self._plan.folder, worker.name)
        return how

    async def _dismiss(self, crew: Crew, command: str) -> None:
        """Send a crew away, and wait until all have ended."""
        crew.leaving = True
        crew.say(command)
        ending = asyncio.gather(*(self._gone(worker) for worker in crew.workers.values()))
        try:
            await asyncio.wait_for(asyncio.shield(ending), self._plan.drain_timeout + KILL_AFTER)
        except TimeoutError:
            log.error("workers did not end in time and were killed")
            crew.kill()
            await ending
        for keeper in crew.keepers:
            keeper.cancel()
