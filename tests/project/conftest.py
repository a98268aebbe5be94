"""The project under test: all of it, as `portico serve` would serve it, with orders in a file of the test's own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from portico import testing
from portico.testing import Client

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # so that tests can import `handlers`


@pytest.fixture
def orders_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the orders of this test are kept."""
    path = tmp_path / "orders.sqlite3"
    monkeypatch.setenv("CONCIERGE_ORDERS", str(path))
    return path


@pytest.fixture
def project(orders_file: Path) -> Iterator[Client]:
    """A client for the whole project, without a port."""
    with testing.client(ROOT) as client:
        yield client


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the project, served by a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "CONCIERGE_ORDERS": str(tmp_path_factory.mktemp("orders") / "orders.sqlite3")}
    command = [sys.executable, "-m", "portico", "serve", "--port", str(port)]
    log = tmp_path_factory.mktemp("log") / "serve.log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/readyz", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def _wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx2.get(url).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail(f"the server did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a browser; without one, tests of the pages are skipped."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"there is no browser to look at the pages with: install one of {', '.join(BROWSERS)}")
    return found
