"""The project under test: all of it, as `portico serve` would serve it, with orders in a file of the test's own."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING

import httpx2
import pytest

from portico import testing
from portico.testing import Client

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / ".cache" / "screenshots"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PASSWORD = "four roses and a tulip"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # so that tests can import `handlers`


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what the pages looked like when a test failed: `.cache/screenshots/`."""
    report = yield
    browser = getattr(item, "funcargs", {}).get("browser")
    if report.when == "call" and report.failed and browser is not None:
        for number, page in enumerate(page for context in browser.contexts for page in context.pages):
            path = SCREENSHOTS / f"{re.sub(r'[^A-Za-z0-9_-]+', '-', item.name)[:80]}-{number}.png"
            with contextlib.suppress(Exception):  # a page that is gone or stuck hides no failure
                page.screenshot(path=path, timeout=5_000)
                report.sections.append(("screenshot", str(path)))
    return report


@pytest.fixture
def orders_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the orders of this test are kept."""
    path = tmp_path / "orders.sqlite3"
    monkeypatch.setenv("CONCIERGE_ORDERS", str(path))
    return path


@pytest.fixture
def project(orders_file: Path) -> Iterator[Client]:
    """A client for the whole project, without a port. Nobody is signed in."""
    with testing.client(ROOT) as client:
        yield client


@pytest.fixture
def ada(project: Client) -> Client:
    """The same, called by somebody who is signed in."""
    return project.as_user("ada")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the project, served by a process of its own with a database of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    state = tmp_path_factory.mktemp("state")
    environment = {
        **os.environ,
        "CONCIERGE_ORDERS": str(state / "orders.sqlite3"),
        "PORTICO_DATABASE_URL": f"sqlite:///{state / 'portico.sqlite3'}",
        "PORTICO_SECRET": token_urlsafe(32),
        "PORTICO_SERVER_MODE": "development",
        "PORTICO_SERVER_ORIGIN": f"http://localhost:{port}",
    }
    command = [sys.executable, "-m", "portico", "serve", "--port", str(port)]
    log = tmp_path_factory.mktemp("log") / "serve.log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/readyz", server, log)
        yield f"http://localhost:{port}"
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; without one, tests of the pages are skipped."""
    playwright = pytest.importorskip("playwright.sync_api", reason="there is no playwright to look at the pages with")
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"there is no browser to look at the pages with: install one of {', '.join(BROWSERS)}")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


class Pages:
    """What people do on the pool's pages in a browser."""

    def sign_up(self, page: Page, name: str) -> None:
        """Make an account on the page for that, with the code from the mailbox that development has."""
        page.get_by_label("User name").fill(name)
        page.get_by_label("E-mail").fill(f"{name}@example.com")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Create the account").click()
        code = page.get_by_label("Code")
        code.wait_for()
        code.fill(self.code(page, f"{name}@example.com"))
        page.get_by_role("button", name="Confirm").click()

    def sign_in(self, page: Page, name: str) -> None:
        """Give name and password on the page that asks for them."""
        page.get_by_label("User name or e-mail").fill(name)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()

    def code(self, page: Page, to: str) -> str:
        """The code of the last mail to somebody; the mailbox opens in another tab."""
        mailbox = page.context.new_page()
        mailbox.goto("/auth/main/mailbox")
        code = mailbox.locator(".mail", has_text=to).first.locator(".code-shown code").inner_text()
        mailbox.close()
        return code


@pytest.fixture(scope="session")
def pages() -> Pages:
    """The pool's pages."""
    return Pages()
