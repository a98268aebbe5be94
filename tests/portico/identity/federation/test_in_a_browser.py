"""From the button to the application in Chromium: the policies of three origins must let a person through."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.async_api", reason="there is no playwright to look at the pages with")

from playwright.async_api import Page, async_playwright, expect
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
from tests.portico.identity.federation.conftest import ELSEWHERE, PASSWORD, Site, Way, bound, serving

from portico.identity.settings import Client
from portico.identity.users import User

pytestmark = [
    pytest.mark.parametrize("kind", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("ada_there"),
]

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BACK = "<!doctype html><link rel=icon href=data:,><p>Back at the application"


@pytest.fixture
def application() -> tuple[socket.socket, str]:
    return bound("127.0.0.1")


@pytest.fixture
def changes(application: tuple[socket.socket, str]) -> dict[str, Any]:
    return {"clients": {"page": Client(redirect_uris=(f"{application[1]}/callback",), scopes=("openid", "email"))}}


@pytest.fixture
async def page(application: tuple[socket.socket, str], shop: Site, ends: AsyncExitStack) -> AsyncIterator[Page]:
    """A page; whatever the browser complains about fails the test."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"there is no browser to look at the pages with: install one of {', '.join(BROWSERS)}")
    answer = Starlette(routes=[Route("/callback", lambda _request: HTMLResponse(BACK))])
    await ends.enter_async_context(serving(answer, application[0]))
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        page = await (await browser.new_context(viewport={"width": 1000, "height": 900})).new_page()
        page.set_default_timeout(8_000)
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        yield page
        await browser.close()
    assert [text for text in complaints if "Failed to load resource" not in text] == []


async def begin(page: Page, way: Way, application: str) -> None:
    await page.goto(way.asked(redirect_uri=f"{application}/callback"))
    await look(page, "login")
    await page.get_by_role("link", name="Sign in with People").click()
    await page.get_by_label("User name or e-mail").fill("ada")
    await page.get_by_label("Password").fill(ELSEWHERE)
    await page.get_by_label("Password").press("Enter")
    await page.get_by_role("button", name="Allow", exact=True).click()


async def look(page: Page, name: str) -> None:
    """Keep a picture, where PORTICO_SCREENSHOTS names a folder."""
    folder = os.environ.get("PORTICO_SCREENSHOTS")
    if folder:
        await page.screenshot(path=Path(folder) / f"federation-{name}.png")


async def test_somebody_comes_to_an_application_at_another_address(
    page: Page, way: Way, shop: Site, application: tuple[socket.socket, str]
) -> None:
    await begin(page, way, application[1])
    await expect(page.get_by_text("Back at the application")).to_be_visible()
    assert page.url.startswith(f"{application[1]}/callback?code=")
    [user] = await shop.people()
    assert user.email == "ada@example.com"


async def test_somebody_links_their_account_on_the_way(
    page: Page, way: Way, shop: Site, application: tuple[socket.socket, str]
) -> None:
    ada: User = await shop.user("ada-of-the-shop", email="ada@example.com")
    await begin(page, way, application[1])
    await expect(page.get_by_role("heading", name="Is that you?")).to_be_visible()
    await look(page, "link")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Link the accounts").click()
    await expect(page.get_by_text("Back at the application")).to_be_visible()
    assert len(await shop.links(ada)) == 1


async def test_a_link_on_another_site_only_opens_the_sign_in_page(
    page: Page, way: Way, shop: Site, application: tuple[socket.socket, str]
) -> None:
    await page.goto(f"{application[1]}/callback")
    await page.evaluate("where => location.assign(where)", f"{shop.origin}/auth/main/federation/people")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.url == f"{shop.origin}/auth/main/login"
