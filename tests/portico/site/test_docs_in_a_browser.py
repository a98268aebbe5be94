"""Swagger UI in a real browser: every version of OpenAPI, under the policy that the page is served with."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright
from starlette.types import ASGIApp, Receive, Scope, Send

from portico import design
from portico.site import Docs, Specs

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

OK = {"200": {"description": "Fine."}}
GET = {"get": {"operationId": "listThings", "summary": "List the things", "responses": OK}}
HOSTILE = (
    "<script>window.hacked = 1</script><img src='data:,' onerror='window.hacked = 1'>"
    "[click](javascript:window.hacked=1)"
)
BLOCKED = "Executing inline event handler violates"  # the policy at work: not a fault of the page

DOCUMENTS: dict[str, dict[str, object]] = {
    "swagger2": {"swagger": "2.0", "basePath": "/v1", "host": "elsewhere.example"},
    "openapi30": {"openapi": "3.0.4", "servers": [{"url": "https://elsewhere.example/v1"}]},
    "openapi31": {"openapi": "3.1.1", "servers": [{"url": "/v1"}]},
    "openapi32": {"openapi": "3.2.0", "servers": [{"url": "/v1"}]},
    "hostile": {"openapi": "3.1.1", "servers": [{"url": "/v1"}]},
}


class Site:
    """The documentation and a tiny API, as the gateway would mount them."""

    def __init__(self) -> None:
        apis = [design.read({**DOCUMENTS[name], **_content(name)}, name=name) for name in DOCUMENTS]
        self.docs, self.specs = Docs(apis), Specs(apis)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path == "/v1/things":
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b'{"tried": "out"}'})
        else:
            await (self.docs if path.startswith("/docs") else self.specs)(scope, receive, send)


def _content(name: str) -> dict[str, object]:
    words = HOSTILE if name == "hostile" else "Things."
    info = {"title": f"Title of {name} {words}", "version": "1", "description": words}
    if name == "hostile":
        info |= {"termsOfService": "javascript:window.hacked=1", "contact": {"url": "javascript:window.hacked=1"}}  # type: ignore[dict-item]
    return {"info": info, "paths": {"/things": GET}}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if chromium is None:
        pytest.skip(f"there is no browser to look at the pages with: install one of {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, serve: Callable[[ASGIApp], str]) -> Iterator[Page]:
    origin = serve(Site())
    context = browser.new_context(base_url=origin)
    page = context.new_page()
    complaints: list[str] = []
    elsewhere: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and BLOCKED not in message.text:
            complaints.append(message.text)

    def note(request: Request) -> None:
        if not request.url.startswith((origin, "data:")):
            elsewhere.append(request.url)

    page.on("console", complain)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", note)
    yield page
    context.close()
    assert elsewhere == []
    assert complaints == []


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "hostile"])
def test_an_operation_can_be_tried(page: Page, name: str) -> None:
    page.goto(f"/docs/{name}")
    page.get_by_text("List the things").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    answer = page.locator(".live-responses-table tr.response").first
    expect(answer).to_contain_text("200")
    expect(answer).to_contain_text('"tried": "out"')


def test_what_a_document_says_runs_nothing(page: Page) -> None:
    page.goto("/docs/hostile")
    expect(page.get_by_text("List the things")).to_be_visible()
    links = page.locator("a").evaluate_all("links => links.map((link) => link.href)")
    assert not [link for link in links if link.startswith("javascript:")]
    assert page.evaluate("() => window.hacked") is None


def test_an_address_cannot_name_another_document(page: Page) -> None:
    page.goto("/docs/openapi31?url=https://elsewhere.example/evil.json&configUrl=https://elsewhere.example/evil.json")
    expect(page.get_by_role("heading", name="Title of openapi31")).to_be_visible()


def test_one_gets_from_the_list_to_an_api_and_to_the_next_by_keyboard(page: Page) -> None:
    page.goto("/docs")
    page.get_by_role("link", name="Title of openapi30 Things.", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(page.url.partition("/docs")[0] + "/docs/openapi30")
    page.get_by_role("navigation", name="APIs").get_by_role("link", name="Title of openapi31").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Title of openapi31")).to_be_visible()
