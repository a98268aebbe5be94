"""A measured server: started on one core, watched through /proc, stopped for certain."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SERVER_CORE, LOAD_CORE = "0", "1"
TICKS = os.sysconf("SC_CLK_TCK")


class ServerDied(RuntimeError):
    """A server ended, or did not answer in time; the message holds the end of what it printed."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Process:
    """One server under measurement."""

    command: Sequence[str]  # "{port}" stands for the port
    environ: Mapping[str, str]
    folder: Path  # where it runs
    log: Path  # where it writes what it prints, its access log included
    first: str  # the path that must answer 200 before it counts as started
    cores: str = SERVER_CORE  # that it may use
    port: int = field(default_factory=free_port)
    start_seconds: float = 0.0  # from the command to the first 200
    _child: subprocess.Popen[bytes] | None = None

    def start(self, timeout: float = 120.0) -> None:
        """Start it on its core and wait for the first 200.

        Raises:
            ServerDied: it ended, or `timeout` seconds went by.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = ["taskset", "-c", self.cores, *(part.format(port=self.port) for part in self.command)]
        environ = {**os.environ, **self.environ, "BENCH_PORT": str(self.port)}
        with self.log.open("wb") as log:
            began = time.perf_counter()
            self._child = subprocess.Popen(
                command, env=environ, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        while not self._answers():
            if self._child.poll() is not None or time.perf_counter() - began > timeout:
                self.stop()
                raise ServerDied(self.log.read_text(errors="replace")[-2000:])
            time.sleep(0.005)
        self.start_seconds = time.perf_counter() - began

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{self.first}", timeout=30) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            raise ServerDied(f"{self.first} answered {error.code}: {error.read(500)!r}") from None
        except OSError:
            return False

    def cpu_seconds(self) -> float:
        """The processor time that it and its children have used."""
        return sum(_ticks(pid) for pid in self._tree()) / TICKS

    def peak_bytes(self) -> int:
        """The largest resident set of any of its processes so far: a worker's, not a supervisor's (VmHWM)."""
        return max(_status(pid, "VmHWM:") for pid in self._tree())

    def resident_bytes(self) -> int:
        """The largest resident set of any of its processes now (VmRSS)."""
        return max(_status(pid, "VmRSS:") for pid in self._tree())

    @property
    def workers(self) -> list[int]:
        """The process ids of what it has started."""
        return self._tree()[1:]

    def empty_log(self) -> None:
        """Drop what was logged so far: a run writes gigabytes otherwise."""
        os.truncate(self.log, 0)

    def stop(self) -> None:
        """End it and what it started."""
        if self._child is None:
            return
        for step in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._child.pid, step)
                self._child.wait(timeout=10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        self._child = None

    def _tree(self) -> list[int]:
        assert self._child is not None
        pids, waiting = [], [self._child.pid]
        while waiting:
            pid = waiting.pop()
            pids.append(pid)
            try:
                for task in Path(f"/proc/{pid}/task").iterdir():
                    waiting += [int(child) for child in (task / "children").read_text().split()]
            except FileNotFoundError:
                pids.remove(pid)
        return pids


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])  # utime and stime: proc(5)


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0
