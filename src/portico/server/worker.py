"""A worker process: started by the supervisor, it serves until it is told otherwise.

python -P -m portico.server.worker '<Assignment as JSON>'
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from portico.errors import PorticoError
from portico.observe import logs
from portico.server import control

if TYPE_CHECKING:
    from portico.server.process import Server


class Assignment(msgspec.Struct, frozen=True):
    """What a worker is to do."""

    root: str
    worker: str  # "place.serial"
    folder: str  # the run folder
    mock: bool
    port: int  # that is listened on
    listener: int  # file descriptors that it inherits
    control: int
    management: int | None = None
    beat: float = 0.0  # seconds between two signs of life
    reload: bool = False


def main() -> None:
    """Serve; the exit status is 0 unless the project could not be served."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent says what to do
    assignment = msgspec.json.decode(sys.argv[1], type=Assignment)
    channel = socket.socket(fileno=assignment.control)
    try:
        _serve(assignment, channel)
    except PorticoError as error:
        channel.sendall(control.line(control.Failed.of(error)))
        sys.exit(1)


def _serve(assignment: Assignment, channel: socket.socket) -> None:
    from portico.server import assemble, process, startup, summary

    project = startup.read(Path(assignment.root), mock=assignment.mock, port=assignment.port)
    settings = project.config.server
    logs.configure(settings.log_level)
    service = assemble.service(
        project,
        mock=assignment.mock,
        access_log=assemble.access_log(settings),
        worker=assignment.worker,
        folder=Path(assignment.folder),
    )
    ready = control.Ready(
        apis=summary.apis(service),
        files=summary.files(service) if assignment.reload else [],
        mailbox=summary.mailbox(service),
    )
    server = process.of(service, on_ready=lambda: _attend(server, channel, ready, assignment.beat))
    management = None
    if service.management is not None and assignment.management is not None:
        management = (service.management, socket.socket(fileno=assignment.management))
    process.run(server, socket.socket(fileno=assignment.listener), management=management)
    service.close()
    if server.cut:
        process.leave()


async def _attend(server: Server, channel: socket.socket, ready: control.Ready, beat: float) -> None:
    """Say that the worker is ready, and do what the parent says until it goes."""
    reader, writer = await asyncio.open_connection(sock=channel)
    writer.write(control.line(ready))
    beating = asyncio.create_task(_beat(writer, beat))
    actions: dict[str, Callable[[], None]] = {
        control.STOP: server.terminate,
        control.INTERRUPT: server.interrupt,
        control.RETIRE: server.retire,
        control.STALE: lambda: server.say("portico-reload", "failed; what is answered is the version before"),
        control.FRESH: lambda: server.say("portico-reload", None),
    }
    try:
        while text := await reader.readline():
            actions[control.command(text)]()
    finally:
        beating.cancel()
    server.terminate()


async def _beat(writer: asyncio.StreamWriter, beat: float) -> None:
    while True:
        writer.write(control.BEAT)
        await asyncio.sleep(beat)


if __name__ == "__main__":
    main()
