"""The page in a real browser, against a served project: live, dark, on a telephone, by keyboard, without scripts."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("playwright.sync_api", reason="there is no playwright to look at the pages with")

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from portico import config
from portico.access.keys import NewApiKey
from portico.access.keys.service import ApiKeys
from portico.access.usage.tables import usage
from portico.identity.audit import AuditLog
from portico.identity.service import Identity, open_pool
from portico.identity.source import LOCAL
from portico.identity.users import NewUser, User
from portico.store import State

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
LOOK = (Path(__file__).parents[2] / "identity" / "pages" / "look.js").read_text(encoding="utf-8")
PICTURES = os.environ.get("PICTURES")  # a folder, for whoever wants to see them
LONG = "A key with quite a long name, as people call theirs when nobody asks them to be brief"
PASSWORD = "velvet anvil 42 moss"
SPEC = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: /shop/v1}]
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-API-Key}
paths:
  /ping:
    get:
      operationId: ping
      summary: Say something
      security: [{key: []}]
      responses: {"200": {description: it, content: {application/json: {schema: {type: object}}}}}
  /orders:
    post:
      operationId: placeOrder
      summary: Order
      security: [{key: []}]
      responses: {"200": {description: it, content: {application/json: {schema: {type: object}}}}}
"""
PLANS = """
plans:
  partner:
    title: Partners
    description: For those who sell our flowers.
    apis: shop
    throttle: {rate: 0.5, burst: 20}
    quota: {limit: 1000, period: MONTH}
    zone: Europe/Berlin
    operations:
      shop.placeOrder: {throttle: {rate: 0.02, burst: 2}, quota: {limit: 50, period: DAY}}
limits:
  - {id: each, per: key, api: shop, throttle: {rate: 100}}
"""


@dataclass
class Site:
    """A served project."""

    origin: str
    state: State
    keys: ApiKeys
    identity: Identity
    loop: asyncio.AbstractEventLoop

    def do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def key(self, name: str = "Acme Flowers", *, used: bool = False, **more: Any) -> NewApiKey:
        made: NewApiKey = self.do(self.keys.create(name, ("partner",), source=LOCAL, **more))
        if used:
            self.use(made)
        return made

    def use(self, made: NewApiKey) -> None:
        """A month of requests."""
        today = datetime.now(UTC).date()
        rows = [
            {"key_id": made.key.id, "day": str(today - timedelta(days=ago)), "operation": operation, "outcome": outcome,
             "requests": requests}
            for ago in range(1, 27)
            for operation, share in (("shop.ping", 3), ("shop.placeOrder", 1))
            for outcome, requests in (
                ("2xx", (40 + (ago * 37) % 90) * share), ("4xx", (ago * 7) % 23), ("5xx", ago % 6),
                ("throttled", (ago * 11) % 40 if ago % 5 == 0 else 0),
            )
            if requests
        ]  # fmt: skip
        self.do(self.state.db.tx(lambda connection: connection.execute(usage.insert(), rows)))

    def user(self, name: str) -> User:
        new = NewUser(name, f"{name}@example.com", email_verified=True)
        return self.do(self.identity.users.create(new, password=PASSWORD))  # type: ignore[no-any-return]

    def call(self, secret: str, path: str = "ping", *, times: int = 1) -> list[int]:
        method = "GET" if path == "ping" else "POST"
        headers = {"x-api-key": secret}
        return [
            httpx.request(method, f"{self.origin}/shop/v1/{path}", headers=headers).status_code for _ in range(times)
        ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("project")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    origin = f"http://localhost:{port}"
    for folder in ("specs", "handlers", "auth", "static_site"):
        (root / folder).mkdir()
    (root / "handlers" / "__init__.py").write_text("")
    (root / "handlers" / "shop.py").write_text("def ping():\n    return {}\n\n\ndef place_order():\n    return {}\n")
    (root / "specs" / "shop.yaml").write_text(SPEC)
    (root / "auth" / "plans.yaml").write_text(PLANS)
    (root / "auth" / "pool.yaml").write_text("name: main\ntitle: Archway Flowers\n")
    (root / "portico.toml").write_text(f'[server]\nport = {port}\nmode = "development"\norigin = "{origin}"\n')
    log = (root / "serve.log").open("wb")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTICO_")}
    command = [sys.executable, "-m", "portico", "serve"]
    server = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
    try:
        _wait(f"{origin}/readyz", server, root / "serve.log")
        loaded = config.load(root, {})
        state = State.open(root, loaded)
        pool = open_pool(root, loaded)
        assert pool is not None
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True).start()
        yield Site(origin, state, ApiKeys(state, AuditLog(state)), Identity.of(pool, loaded), loop)
        loop.call_soon_threadsafe(loop.stop)
        state.db.close()
        pool.db.close()
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail(f"the server did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"there is no browser to look at the pages with: install one of {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Opens the page in a context of its own; whatever the browser complains about fails the test."""
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 40" not in message.text:
            complaints.append(message.text)

    def open_page(**options: Any) -> Page:
        context = chromium.new_context(base_url=site.origin, reduced_motion="reduce", **options)
        page = context.new_page()
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/account")
        return page

    yield open_page
    for context in chromium.contexts:
        context.close()
    assert complaints == []


def enter(page: Page, secret: str) -> None:
    """Open the page with a key. A new key is heard of within a second."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        page.get_by_label("API key").fill(secret)
        with page.expect_navigation():
            page.get_by_role("button", name="Open with a key").click()
        if page.get_by_role("heading", name="What is left").is_visible():
            return
        time.sleep(1)
    pytest.fail("the key does not open the page")


def sign_in(page: Page, name: str) -> None:
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("User name or e-mail").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile(r"/account$"))


def look(page: Page, name: str, heading: str) -> None:
    """See that there is nothing wrong with a page; take a picture where somebody wants it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.wait_for_load_state()  # with its style
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
    assert page.evaluate(LOOK) == [], name


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", ["phone", "wide"])
def test_every_page_is_good_to_look_at(site: Site, open_page: Callable[..., Page], screen: str, scheme: str) -> None:
    name = f"{screen}-{scheme}"
    ada = site.user(f"ada-{name}")
    made = site.key(used=True, user_id=ada.id, owner="ops@acme.example")
    site.key(LONG, user_id=ada.id)
    site.do(site.keys.rotate(made.key.id, overlap=86_400, source=LOCAL))
    page = open_page(color_scheme=scheme, **(PHONE if screen == "phone" else WIDE))
    look(page, f"{name}-door", "API keys")
    page.get_by_label("API key").fill("pk_not_a_key_at_all_00000")
    page.get_by_role("button", name="Open with a key").click()
    expect(page.get_by_text("This key does not open anything here.")).to_be_visible()
    look(page, f"{name}-wrong", "API keys")
    page.goto("/account")
    sign_in(page, ada.username)
    expect(page.get_by_role("heading", name="Acme Flowers")).to_be_visible()
    look(page, f"{name}-key", "Acme Flowers")
    page.get_by_text("The same as a table").click()
    page.get_by_text("Add another key").click()
    look(page, f"{name}-opened", "Acme Flowers")
    page.get_by_role("link", name="A key with quite").click()
    look(page, f"{name}-unused", LONG)
    page.get_by_role("link", name="Acme Flowers").click()
    page.get_by_role("link", name="Rotate the key").click()
    look(page, f"{name}-rotate", "Rotate the key")
    page.get_by_role("button", name="Rotate the key").click()
    look(page, f"{name}-rotated", "The new secret")
    page.goto("/account?key=key_of_somebody_else")
    look(page, f"{name}-missing", "There is no such key")


def test_the_numbers_are_live(site: Site, open_page: Callable[..., Page]) -> None:
    made = site.key()
    secret = made.secret.reveal()
    page = open_page()
    enter(page, secret)
    loads: list[str] = []
    page.on("load", lambda _: loads.append(page.url))
    quota = page.locator(".limit").filter(has_text="1,000 a month")
    expect(quota).to_contain_text("1,000 of 1,000 left")
    assert site.call(secret, times=3) == [200] * 3
    assert site.call(secret, "orders", times=3) == [200, 200, 429]
    expect(quota).to_contain_text("995 of 1,000 left", timeout=8_000)
    expect(page.locator("[data-today]")).to_have_text("6", timeout=8_000)
    rows = page.locator("[data-operations] tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("shop.ping")
    expect(rows.nth(1)).to_contain_text("2 answered, 1 throttled")
    expect(page.locator("[data-day]").last.locator("title")).to_have_text(re.compile(r": 6 requests, 1 throttled"))
    orders = page.locator(".limit").filter(has_text="at once").filter(has_text="shop.placeOrder")
    expect(orders).to_contain_text("0 of 2 left")
    assert loads == []


def test_looking_pauses(site: Site, open_page: Callable[..., Page]) -> None:
    made = site.key()
    page = open_page()
    enter(page, made.secret.reveal())
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2_500)
    assert asked == []
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()


def test_a_page_whose_key_is_disabled_says_that_it_is_closed(site: Site, open_page: Callable[..., Page]) -> None:
    made = site.key()
    page = open_page()
    enter(page, made.secret.reveal())
    site.do(site.keys.set_enabled(made.key.id, False, source=LOCAL))
    expect(page.get_by_text("This page was closed.")).to_be_visible(timeout=8_000)


def test_a_key_is_rotated_by_keyboard_and_its_secret_is_seen_once(site: Site, open_page: Callable[..., Page]) -> None:
    made = site.key()
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    enter(page, made.secret.reveal())
    page.get_by_role("link", name="Rotate the key").focus()
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="In 1 day").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="Now")).to_be_checked()
    page.keyboard.press("Enter")
    secret = page.locator("#secret").inner_text()
    assert secret.startswith("pk_")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("heading", name="What is left")).to_be_visible()
    assert secret not in page.content()
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()
    time.sleep(2)  # what the design promises
    assert site.call(secret) == [200]
    assert site.call(made.secret.reveal()) == [401]


def test_reloading_the_new_secret_makes_no_other(site: Site, open_page: Callable[..., Page]) -> None:
    made = site.key()
    page = open_page()
    enter(page, made.secret.reveal())
    page.get_by_role("link", name="Rotate the key").click()
    page.get_by_role("button", name="Rotate the key").click()
    expect(page.locator("#secret")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="The key was rotated already")).to_be_visible()
    assert len(site.do(site.keys.secrets_of(made.key.id))) == 2


def test_without_scripts_everything_is_there(site: Site, open_page: Callable[..., Page]) -> None:
    made = site.key(used=True)
    page = open_page(java_script_enabled=False)
    enter(page, made.secret.reveal())
    expect(page.get_by_role("button", name="Pause")).to_be_hidden()
    expect(page.locator("[data-operations] tr")).to_have_count(2)
    expect(page.locator("[data-row]")).to_have_count(30)
    page.get_by_role("link", name="Rotate the key").click()
    page.get_by_role("button", name="Rotate the key").click()
    expect(page.locator("#secret")).to_have_text(re.compile("^pk_"))
    page.get_by_role("button", name="Close the key").click()
    expect(page.get_by_role("button", name="Open with a key")).to_be_visible()


def test_a_name_that_is_a_script_does_nothing(site: Site, open_page: Callable[..., Page]) -> None:
    evil = "<img src=x onerror=alert(1)>'\"</title><script>alert(2)</script>"
    made = site.key(evil, owner=evil)
    page = open_page()
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    enter(page, made.secret.reveal())
    expect(page.get_by_role("heading", name=evil)).to_be_visible()
    page.wait_for_timeout(2_500)
    page.get_by_role("link", name="Rotate the key").click()
    page.get_by_role("button", name="Rotate the key").click()
    expect(page.locator("#secret")).to_be_visible()
    assert said == []


def test_no_other_page_frames_it(site: Site, chromium: Browser) -> None:
    page = chromium.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.set_content(f'<iframe src="{site.origin}/account"></iframe>')
    page.wait_for_timeout(1_000)
    assert page.frames[-1].get_by_role("button").count() == 0
    assert any("frame-ancestors" in text for text in said)
    page.close()
