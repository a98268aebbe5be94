"""The pages, as the project serves them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portico.testing import Client

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "static_site"


def test_the_chat_page_and_everything_it_needs_is_there(project: Client) -> None:
    page = project.get("/")
    assert page.status_code == 200
    needed = set(re.findall(r'(?:href|src)="(/[^"#]*)"', page.text)) - {"/"}
    assert {"/js/main.js", "/css/tokens.css", "/docs"} <= needed
    for address in needed:
        assert project.get(address).status_code == 200, address


@pytest.mark.parametrize("module", sorted((SITE / "js").glob("*.js")), ids=lambda module: module.name)
def test_every_module_finds_the_modules_that_it_imports(module: Path) -> None:
    for imported in re.findall(r'from "\./([^"]+)"', module.read_text()):
        assert (module.parent / imported).is_file(), imported


@pytest.mark.parametrize("page", sorted(SITE.glob("*.html")), ids=lambda page: page.name)
def test_pages_have_nothing_inline_and_nothing_from_elsewhere(page: Path) -> None:
    text = page.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text)
    assert not re.search(r'(?:href|src)="(?:https?:)?//', text)


def test_scripts_never_parse_text_as_html() -> None:
    for module in (SITE / "js").glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", module.read_text())


def test_the_page_calls_through_the_generated_module_only() -> None:
    modules = {module.name: module.read_text() for module in (SITE / "js").glob("*.js")}
    speaking = re.compile(r"/concierge/v1|/auth/|\bfetch\(|XMLHttpRequest|sendBeacon|WebSocket|EventSource")
    assert [name for name, text in modules.items() if speaking.search(text)] == []
    assert [name for name, text in modules.items() if "/sdk/" in text] == ["api.js"]


def test_a_page_that_is_not_there_says_so_kindly(project: Client) -> None:
    page = project.get("/nothing", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "Nothing grows here" in page.text


def test_a_problem_of_the_site_names_its_request(project: Client) -> None:
    answer = project.get("/nothing", headers={"Accept": "application/json", "X-Request-Id": "visit-1"})
    assert answer.status_code == 404
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == "visit-1"


@pytest.mark.parametrize("path", ["/..%2fportico.toml", "/%2e%2e/handlers/orders.py", "/.portico/orders.sqlite3"])
def test_nothing_beside_the_site_can_be_read(project: Client, path: str) -> None:
    assert project.get(path).status_code == 404


def test_the_docs_list_both_apis_and_show_the_documents_that_run(project: Client) -> None:
    page = project.get("/docs").text
    assert "/docs/concierge" in page
    assert "/docs/messages" in page
    assert project.get("/docs/concierge").status_code == 200
    document = project.get("/specs/concierge.json").json()
    assert document["servers"] == [{"url": "/concierge/v1"}]
    assert document["openapi"].startswith("3.1")


def test_nobody_signs_up_as_the_shop_itself(project: Client) -> None:
    page = project.get("/auth/main/signup")
    assert "Archway Flowers" in page.text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    form = {**hidden, "username": "Archway.Flowers", "email": "x@example.com", "password": "four roses and a tulip"}
    refused = project.post("/auth/main/signup", data=form, headers={"Origin": "https://testserver"})
    assert "the shop&#39;s own" in refused.text
    assert project.mails() == []


def test_the_sign_in_pages_wear_the_shops_colours(project: Client) -> None:
    site = (SITE / "css" / "tokens.css").read_text()
    theme = (ROOT / "auth" / "theme.css").read_text()
    for name in ("paper", "surface", "ink", "soft", "line", "edge", "fault"):
        assert re.findall(rf"--{name}: (#\w+)", theme) == re.findall(rf"--{name}: (#\w+)", site), name
    assert (ROOT / "auth" / "logo.svg").read_bytes() == (SITE / "images" / "mark.svg").read_bytes()


PAIRS = [
    ("ink", "paper"), ("ink", "surface"), ("ink", "raised"), ("ink", "petal"), ("soft", "paper"), ("soft", "surface"),
    ("soft", "raised"), ("on-leaf", "leaf"), ("on-leaf", "leaf-deep"), ("fault", "surface"), ("fault", "fault-soft"),
    ("ink", "fault-soft"), ("leaf", "surface"),
]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_in_both_themes(theme: str) -> None:
    """WCAG 2.2, success criterion 1.4.3 (AA): 4.5 to 1."""
    light, _, dark = (SITE / "css" / "tokens.css").read_text().partition("prefers-color-scheme: dark")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light if theme == "light" else dark))
    for text, ground in PAIRS:
        lighter, darker = sorted((_luminance(colours[text]), _luminance(colours[ground])), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, f"{text} on {ground}"


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
