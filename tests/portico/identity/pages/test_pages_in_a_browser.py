"""The pages in a real browser: with passkeys, by keyboard, dark, on a telephone, and without scripts."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pyotp
import pytest
import uvicorn

pytest.importorskip("playwright.sync_api", reason="there is no playwright to look at the pages with")

from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from starlette.middleware.exceptions import ExceptionMiddleware

from portico import store
from portico.config import Config, Database
from portico.identity.pool import Pool
from portico.identity.service import Identity
from portico.identity.settings import Attribute, Client, Group, PoolSettings, ResourceServer
from portico.identity.users import NewUser, User

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
PASSWORD = "velvet anvil 42 moss"
LOOK = Path(__file__).with_name("look.js").read_text(encoding="utf-8")


@dataclass
class Site:
    """A running pool."""

    identity: Identity
    origin: str
    loop: asyncio.AbstractEventLoop
    application: str  # the origin of an application that people sign in for
    program: str  # of one on the loopback address of IPv6

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def user(self, name: str, *groups: str) -> User:
        new = NewUser(name, f"{name}@example.com", email_verified=True, groups=groups)
        return self.do(self.identity.users.create(new, password=PASSWORD))  # type: ignore[no-any-return]

    def code(self, address: str) -> str:
        mails = self.do(self.identity.mailer.recent())
        return next(str(mail.code) for mail in mails if mail.to == address and mail.code)


class ServerV6(ThreadingHTTPServer):
    address_family = socket.AF_INET6


class Application(BaseHTTPRequestHandler):
    """What a browser comes back to."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><link rel=icon href=data:,><p>Back at the application")

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("project")
    listener = socket.create_server(("127.0.0.1", 0))
    origin = f"http://localhost:{listener.getsockname()[1]}"
    application = ThreadingHTTPServer(("127.0.0.1", 0), Application)
    threading.Thread(target=application.serve_forever, daemon=True).start()
    there = f"http://127.0.0.1:{application.server_port}"
    program = ServerV6(("::1", 0), Application)
    threading.Thread(target=program.serve_forever, daemon=True).start()
    settings = PoolSettings(
        title="Archway Flowers",
        clients={
            "trusted": Client(redirect_uris=(f"{there}/callback",), scopes=("openid",)),
            "tv": Client(title="The television", grants=("device_code",), scopes=("openid", "email", "shop/orders")),
            "program": Client(redirect_uris=("http://[::1]/callback",), scopes=("openid",)),
            "stranger": Client(
                title="A stranger", redirect_uris=(f"{there}/callback",), scopes=("openid",), consent=True
            ),
        },
        attributes={"nickname": Attribute(label="What shall we call you?", required=True, max_length=40)},
        groups={"florists": Group(mfa="required")},
        resource_servers={"shop": ResourceServer(scopes={"orders": "Order bouquets and see your orders"})},
    )
    database = store.Database.open(Database(), root=root)
    store.prepare(database, development=True)
    secrets = store.Secrets(store.Secrets.generate())
    pool = Pool(settings, origin, database, secrets, time.time, root, development=True)
    identity = Identity.of(pool, Config())
    config = uvicorn.Config(ExceptionMiddleware(identity.app), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(server.serve([listener])), daemon=True)
    thread.start()
    yield Site(identity, origin, loop, there, f"http://[::1]:{program.server_port}")
    server.should_exit = True
    for one in (application, program):
        one.shutdown()
        one.server_close()
    thread.join(10)
    database.close()


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
    """Opens a page in a context of its own; whatever the browser complains about fails the test."""
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def open_page(path: str = "/login", **options: Any) -> Page:
        page = chromium.new_context(base_url=site.origin, **options).new_page()
        page.set_default_timeout(8_000)
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"/auth/main{path}")
        return page

    yield open_page
    for context in chromium.contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def device() -> Callable[[Page], Any]:
    """Gives a page a device with a passkey store, whose owner is always verified (WebAuthn level 3 section 11)."""

    def device(page: Page) -> Any:
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return session

    return device


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("User name or e-mail").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")


def greeting(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=f"Hello, {name}")).to_be_visible()


def well_made(page: Page) -> None:
    page.wait_for_load_state()  # with its style
    assert page.evaluate(LOOK) == []


@pytest.mark.parametrize("client", ["trusted", "stranger", "program"])
def test_an_application_at_another_address_gets_its_answer(
    open_page: Callable[..., Page], site: Site, client: str
) -> None:
    """Chromium holds redirects after a form to the page's `form-action` too: the way must be allowed on every page."""
    site.user(f"user-of-{client}")
    application = site.program if client == "program" else site.application
    asked = {
        "client_id": client,
        "redirect_uri": f"{application}/callback",
        "response_type": "code",
        "scope": "openid",
        "state": "some-state",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    page = open_page(f"/oauth2/authorize?{urlencode(asked)}")
    sign_in(page, f"user-of-{client}")
    if client == "stranger":
        expect(page.get_by_role("heading", name="Allow A stranger?")).to_be_visible()
        expect(page.get_by_text(f"you go on to {site.application}")).to_be_visible()
        well_made(page)
        page.get_by_role("button", name="Allow", exact=True).click()
    expect(page.get_by_text("Back at the application")).to_be_visible()
    assert page.url.startswith(f"{application}/callback?")
    assert "state=some-state" in page.url


def test_one_signs_up_by_keyboard_alone(open_page: Callable[..., Page], site: Site) -> None:
    page = open_page("/signup")
    expect(page.get_by_label("User name")).to_be_focused()
    for text in ("grace", "grace@example.com", PASSWORD, "Admiral"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.type(site.code("grace@example.com"))
    page.keyboard.press("Enter")
    greeting(page, "grace")


def test_what_is_wrong_is_read_out_at_its_field(open_page: Callable[..., Page]) -> None:
    page = open_page("/signup")
    page.get_by_label("User name").fill("hedy")
    page.get_by_label("E-mail").fill("hedy@example.com")
    page.get_by_label("Password").fill("password1234")
    page.get_by_label("What shall we call you?").fill("Hedy")
    page.get_by_role("button", name="Create the account").click()
    password = page.get_by_label("Password")
    expect(password).to_be_focused()
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(password).to_have_value("")
    expect(page.get_by_label("User name")).to_have_value("hedy")
    assert page.title().startswith("Error:")
    well_made(page)


def test_all_of_it_works_without_scripts(open_page: Callable[..., Page], site: Site) -> None:
    site.user("alan")
    page = open_page(java_script_enabled=False)
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    sign_in(page, "alan")
    greeting(page, "alan")
    page.get_by_role("link", name="Password").click()
    page.get_by_label("Your password until now").fill(PASSWORD)
    page.get_by_label("New password").fill("quiet harbour 19 fern")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()


def test_a_passkey_is_added_and_takes_the_place_of_the_password(
    open_page: Callable[..., Page], site: Site, device: Callable[[Page], Any]
) -> None:
    site.user("joan")
    page = open_page()
    device(page)
    sign_in(page, "joan")
    page.get_by_role("link", name="Second step").click()
    page.get_by_label("A name for it").fill("My phone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Keep these codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_label("Name of this passkey")).to_have_value("My phone")
    well_made(page)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in again").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    greeting(page, "joan")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in again").click()
    sign_in(page, "joan")
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    well_made(page)
    page.get_by_role("button", name="Use a passkey").click()
    greeting(page, "joan")


def test_a_passkey_is_removed(open_page: Callable[..., Page], site: Site, device: Callable[[Page], Any]) -> None:
    site.user("edith")
    page = open_page()
    device(page)
    sign_in(page, "edith")
    page.get_by_role("link", name="Second step").click()
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_label("Name of this passkey").fill("Laptop")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("status")).to_have_text("Renamed.")
    page.get_by_role("button", name="Remove Laptop").click()
    expect(page.get_by_role("status")).to_have_text("Removed.")
    expect(page.get_by_label("Name of this passkey")).to_have_count(0)


def test_a_passkey_of_nobody_lets_nobody_in(
    open_page: Callable[..., Page], site: Site, device: Callable[[Page], Any]
) -> None:
    page = open_page()
    device(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was chosen")


def test_a_required_second_step_is_set_up_with_a_passkey(
    open_page: Callable[..., Page], site: Site, device: Callable[[Page], Any]
) -> None:
    site.user("rosalind", "florists")
    page = open_page()
    device(page)
    sign_in(page, "rosalind")
    expect(page.get_by_role("heading", name="Protect your account")).to_be_visible()
    well_made(page)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("link", name="I have kept them: go on").click()
    greeting(page, "rosalind")


def test_an_authenticator_app_is_set_up_and_asked_for(open_page: Callable[..., Page], site: Site) -> None:
    user = site.user("mary")
    page = open_page()
    sign_in(page, "mary")
    page.get_by_role("link", name="Second step").click()
    page.get_by_role("link", name="Set up an app").click()
    well_made(page)
    totp = pyotp.TOTP(page.locator(".key code").inner_text().replace(" ", ""))
    page.get_by_label("The code in the app").fill(totp.now())
    page.get_by_role("button", name="Finish").click()
    expect(page.locator(".codes li")).to_have_count(10)
    codes = page.locator(".codes code").all_inner_texts()
    other = open_page()
    sign_in(other, "mary")
    other.get_by_label("Code").fill(totp.now())
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_text("The code")).not_to_have_count(0)  # used already
    other.get_by_role("button", name="Use a recovery code").click()
    other.get_by_label("Recovery code").fill(codes[0])
    other.get_by_role("button", name="Sign in").click()
    greeting(other, "mary")
    assert site.do(site.identity.mfa.methods_of(user.id)).recovery_codes == 9


def ask(site: Site) -> dict[str, Any]:
    """What a television is told that wants to be signed in."""
    asked = httpx.post(f"{site.origin}/auth/main/oauth2/device_authorization", data={"client_id": "tv"})
    return asked.json()  # type: ignore[no-any-return]


def tokens(site: Site, asked: dict[str, Any]) -> dict[str, Any]:
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": "tv"}
    form["device_code"] = asked["device_code"]
    return httpx.post(f"{site.origin}/auth/main/oauth2/token", data=form).json()  # type: ignore[no-any-return]


@pytest.mark.parametrize("options", [{"color_scheme": "dark", **PHONE}, {"java_script_enabled": False}])
def test_a_television_is_signed_in_with_the_code_that_it_shows(
    open_page: Callable[..., Page], site: Site, options: dict[str, Any]
) -> None:
    name = "barbara" if "color_scheme" in options else "shafi"
    site.user(name)
    asked = ask(site)
    page = open_page("/device", **options)
    sign_in(page, name)
    expect(page.get_by_role("heading", name="Sign in on a device")).to_be_visible()
    expect(page.get_by_label("The code on your device")).to_be_focused()
    page.keyboard.type(asked["user_code"].replace("-", "").lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Allow this device?")).to_be_visible()
    expect(page.get_by_text("The application The television asked for it just now")).to_be_visible()
    expect(page.get_by_text(asked["user_code"])).to_be_visible()
    expect(page.get_by_text("Order bouquets and see your orders")).to_be_visible()
    assert tokens(site, asked)["error"] == "authorization_pending"
    page.get_by_role("button", name="Allow", exact=True).click()
    expect(page.get_by_role("heading", name="Your device is signed in")).to_be_visible()
    assert "access_token" in tokens(site, asked)


def test_somebody_else_signs_in_before_they_let_a_device_in(open_page: Callable[..., Page], site: Site) -> None:
    for name in ("frances", "sister"):
        site.user(name)
    asked = ask(site)
    page = open_page(f"/device?user_code={asked['user_code']}")
    sign_in(page, "frances")
    page.get_by_role("link", name="Sign in as somebody else").click()
    sign_in(page, "sister")
    expect(page.get_by_text("As sister it would like to")).to_be_visible()
    page.get_by_role("button", name="Do not allow").click()
    expect(page.get_by_role("heading", name="Nothing was allowed")).to_be_visible()
    assert tokens(site, asked)["error"] == "access_denied"


def test_a_code_that_is_wrong_is_read_out_at_its_field(open_page: Callable[..., Page], site: Site) -> None:
    site.user("ruth")
    page = open_page("/device")
    sign_in(page, "ruth")
    code = page.get_by_label("The code on your device")
    code.fill("BCDF-GHJK")
    code.press("Enter")
    expect(page.get_by_text("There is no such code")).to_be_visible()
    expect(code).to_be_focused()
    expect(code).to_have_value("BCDF-GHJK")
    assert page.title().startswith("Error:")
    well_made(page)


PUBLIC = ("/login", "/signup", "/confirm", "/forgot", "/reset", "/signed-out", "/mailbox")
ROOMS = (
    "/account",
    "/account/profile",
    "/account/email",
    "/account/password",
    "/account/security",
    "/account/security/app",
    "/account/sessions",
    "/account/data",
    "/account/delete",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_well_made(open_page: Callable[..., Page], site: Site, scheme: str) -> None:
    """Labels, one heading, targets of 24 pixels and more, contrast of 4.5, and no scrolling sideways on a telephone.

    The screenshots are kept where PORTICO_SCREENSHOTS says.
    """
    site.user(f"look-{scheme}")
    page = open_page(color_scheme=scheme, **PHONE)
    look(page, scheme, PUBLIC)
    page.goto("/auth/main/login")
    sign_in(page, f"look-{scheme}")
    greeting(page, f"look-{scheme}")
    look(page, scheme, ROOMS)
    code = ask(site)["user_code"]
    look(page, scheme, ("/device", f"/device?user_code={code}", "/device/done?note=allowed", "/device/done"))


def look(page: Page, scheme: str, paths: tuple[str, ...]) -> None:
    folder = os.environ.get("PORTICO_SCREENSHOTS")
    for path in paths:
        page.goto(f"/auth/main{path}")
        if folder is not None:
            page.screenshot(
                path=Path(folder) / f"{re.sub(r'[^a-z]+', '-', path[1:].partition('=')[0])}-{scheme}.png",
                full_page=True,
            )
        well_made(page)
