"""The server under test: the reference project and the fuzzer's own, in one process of `portico serve`."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMITS = {  # short, so that what never ends is seen to end
    "PORTICO_SERVER_BODY_TIMEOUT": "1",
    "PORTICO_SERVER_HANDLER_TIMEOUT": "5",
    "PORTICO_SERVER_BODY_LIMIT": "2000000",
    "PORTICO_CORS_ALLOW_ORIGINS": "https://shop.example",
}
SECURED = re.compile(r"^      security: # either of the two\n(?:        - .*\n)+", re.MULTILINE)
READY = 30.0  # seconds that a start may take


class Server:
    """A running `portico serve`."""

    def __init__(self, child: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.child = child
        self.port = port
        self.log = log

    @property
    def alive(self) -> bool:
        """Whether it still runs and answers."""
        return self.child.poll() is None and self.answers()

    def answers(self) -> bool:
        """Whether `/healthz` is 200."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def resident(self) -> int:
        """Bytes of memory that its process holds now (VmRSS)."""
        for line in Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("The server's process has no VmRSS: it has ended.")


def make_project(folder: Path) -> Path:
    """A project with the designs and handlers of the reference project and of tests/fuzz/project."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__")
    for part in ("specs", "handlers", "static_site"):
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    concierge = folder / "specs" / "concierge.yaml"
    concierge.write_text(SECURED.sub("      security: []\n", concierge.read_text()))  # else all ends at the door
    shutil.copy(ROOT / "portico.toml", folder)
    shutil.copytree(ROOT / "tests/fuzz/project", folder, dirs_exist_ok=True, ignore=ignored)
    return folder


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """The project, served on a free port until the block ends."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    log = folder / "server.log"
    command = [sys.executable, "-m", "portico", "serve", "--port", str(port), "--project", str(folder)]
    with log.open("wb") as stream:
        child = subprocess.Popen(
            command, env={**os.environ, **LIMITS}, cwd=folder, stdout=stream, stderr=subprocess.STDOUT
        )
    server = Server(child, port, log)
    try:
        _wait(server)
        yield server
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait(server: Server) -> None:
    until = time.monotonic() + READY
    while not server.answers():
        if server.child.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"portico serve did not start:\n{server.log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.05)
