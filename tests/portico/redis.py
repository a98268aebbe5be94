"""A private Redis for one run of the tests: in a folder of its own, reached by a socket only, gone afterwards."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import redis

PATIENCE = 10.0  # seconds that a server may take to answer
NOTHING_KEPT = ("--save", "", "--appendonly", "no")
KEPT = ("--save", "", "--appendonly", "yes", "--appendfsync", "no")


class Unavailable(Exception):
    """There is no Redis on this machine, or it does not start."""


class Server:
    """A running server. Tests that share it take names of their own."""

    def __init__(self, folder: Path, options: tuple[str, ...]) -> None:
        self.folder = folder
        self.url = f"unix://{folder}/socket"
        self.options = options
        self._program = _program()
        self._process: subprocess.Popen[bytes] | None = None
        self._prefixes = itertools.count(1)

    def start(self) -> None:
        """Start it as a child, which ends with these tests even when they are killed (where `setpriv` exists).

        Raises:
            Unavailable: it does not answer.
        """
        leash = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []
        command = [*leash, self._program, "--port", "0", "--unixsocket", str(self.folder / "socket"), *self.options]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with self.client() as client:
                    client.ping()
                return
            except redis.RedisError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    told = (self.folder / "log").read_text(errors="replace")[-500:]
                    raise Unavailable(f"Redis does not start: {told or error}") from None
            time.sleep(0.01)  # between two looks, not to pass

    def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)

    @contextlib.contextmanager
    def hanging(self) -> Iterator[None]:
        """It keeps its connections and answers nobody, then goes on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def client(self) -> redis.Redis:
        """A client that looks at what is kept."""
        return redis.Redis.from_url(self.url)

    def prefix(self) -> str:
        """One that nobody else has."""
        return f"test-{next(self._prefixes)}"


@contextlib.contextmanager
def running(*options: str) -> Iterator[Server]:
    """Start a server, and end it.

    Args:
        options: of its command line; by default it keeps nothing on disk.

    Raises:
        Unavailable: it cannot be had here.
    """
    folder = Path(tempfile.mkdtemp(prefix="portico-redis-"))
    try:
        server = Server(folder, options or NOTHING_KEPT)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _program() -> str:
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return found
    raise Unavailable("Redis is not installed; on Debian: sudo apt-get install redis-server")
