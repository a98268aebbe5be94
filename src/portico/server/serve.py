"""Serving a project: in this process, or in workers that this process watches over."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from portico import config
from portico.config import Server
from portico.errors import ConfigError
from portico.observe import logs
from portico.server import control, screen, sockets
from portico.server.control import Failed, Ready

if TYPE_CHECKING:
    from portico.server.watch import Watcher


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served, where and how."""

    root: Path
    settings: Server
    workers: int
    reload: bool
    mock: bool
    listener: socket.socket
    management: socket.socket | None

    @property
    def port(self) -> int:
        """The port that is listened on."""
        port: int = self.listener.getsockname()[1]
        return port

    def show(self, ready: Ready) -> None:
        """Tell the operator."""
        screen.show(
            ready,
            url=sockets.url(self.listener),
            workers=self.workers,
            reload=self.reload,
            mock=self.mock,
            management=None if self.management is None else sockets.url(self.management),
        )


def serve(
    root: Path,
    *,
    host: str | None = None,
    port: int | None = None,
    workers: int | None = None,
    reload: bool = False,
    mock: bool = False,
) -> int:
    """See `portico.server.serve`."""
    settings = config.load(root).server
    logs.configure(settings.log_level)
    count = settings.workers if workers is None else workers
    alone = count == 1 and not reload
    if count < 1:
        raise ConfigError(f"{count} workers cannot answer. Use --workers 1, or more.")
    if not alone and sys.platform == "win32":
        raise ConfigError("Several workers, and --reload, need Linux or macOS. Serve without them here, or use WSL.")
    if settings.mode == "development" and not sockets.is_loopback(host or settings.host):
        raise ConfigError(
            "Development is for this machine alone: it shows mails and tells faults. To listen on "
            f'{host or settings.host}, set [server] mode = "production" (or PORTICO_SERVER_MODE=production).'
        )
    management = None
    if settings.management_port:
        management = sockets.listen(settings.management_host, settings.management_port, option="management_port =")
    listener = sockets.listen(host or settings.host, settings.port if port is None else port)
    serving = Serving(root, settings, count, reload, mock, listener, management)
    return _alone(serving) if alone else _with_workers(serving)


def _alone(serving: Serving) -> int:
    from portico.server import assemble, process, startup, summary

    project = startup.read(serving.root, mock=serving.mock, port=serving.port)
    service = assemble.service(project, mock=serving.mock, access_log=assemble.access_log(serving.settings))

    async def show() -> None:
        serving.show(Ready(apis=summary.apis(service), files=[], mailbox=summary.mailbox(service)))

    server = process.of(service, on_ready=show)
    management = None
    if service.management is not None and serving.management is not None:
        management = (service.management, serving.management)
    process.run(server, serving.listener, management=management)
    service.close()
    if server.cut:
        process.leave()
    return 0


def _with_workers(serving: Serving) -> int:
    from portico.server.run import run_folder

    with run_folder(serving.root) as folder:
        return asyncio.run(_Parent(serving, folder).run())


class _Parent:
    """The process that watches over the workers: what it does on signals and on changes."""

    def __init__(self, serving: Serving, folder: Path) -> None:
        from portico.server.supervisor import Plan, Supervisor

        self._serving = serving
        self._watcher: Watcher | None = None
        self._shown = False
        self._ended = asyncio.Event()
        self._command: str | None = None
        self._changed = asyncio.Event()
        self._supervisor = Supervisor(
            Plan(
                root=serving.root,
                folder=folder,
                listener=serving.listener,
                management=serving.management,
                workers=serving.workers,
                mock=serving.mock,
                drain_timeout=serving.settings.drain_timeout + serving.settings.drain_delay,
                worker_timeout=serving.settings.worker_timeout,
                reload=serving.reload,
            ),
            on_ready=self._on_ready,
            on_failed=self._on_failed,
        )

    async def run(self) -> int:
        """Serve until a signal ends it; the exit status."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop, control.STOP)
        loop.add_signal_handler(signal.SIGINT, self._stop, control.INTERRUPT)
        loop.add_signal_handler(signal.SIGHUP, self._changed.set)
        work = asyncio.create_task(self._work())
        ended = asyncio.create_task(self._ended.wait())
        await asyncio.wait({work, ended}, return_when=asyncio.FIRST_COMPLETED)
        if self._command is not None:
            await self._supervisor.stop(self._command)
        if self._watcher is not None:
            self._watcher.close()
        ended.cancel()
        if not work.done():
            work.cancel()
            return 0
        return work.result()

    async def _work(self) -> int:
        if self._serving.reload:
            from portico.server.watch import Watcher

            self._watcher = Watcher(self._serving.root, self._changed)
        if not await self._supervisor.renew() and not self._serving.reload:
            return 1
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._supervisor.renew()

    def _stop(self, command: str) -> None:
        if self._command is not None and command == control.INTERRUPT:
            self._supervisor.kill()
        self._command = self._command or command
        self._ended.set()

    def _on_ready(self, ready: Ready) -> None:
        if self._watcher is not None:
            self._watcher.follow(ready.files)
        if self._shown:
            screen.reloaded()
        else:
            self._serving.show(ready)
        self._shown = True

    def _on_failed(self, failed: Failed) -> None:
        screen.failed(failed, reload=self._serving.reload, serving=self._shown)
