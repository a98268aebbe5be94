"""What a browser gets from the static site."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from portico.site import StaticSite

from .conftest import Fetch


async def test_the_root_is_its_index_page(site: StaticSite, fetch: Fetch) -> None:
    reply = await fetch(site, "/")
    assert reply.status == 200
    assert b"Home" in reply.body
    assert reply.headers["content-type"] == "text/html; charset=utf-8"


async def test_a_folder_is_its_index_page(site: StaticSite, fetch: Fetch) -> None:
    assert b"Blog" in (await fetch(site, "/blog/")).body


async def test_a_folder_without_its_slash_is_redirected_with_its_query(site: StaticSite, fetch: Fetch) -> None:
    reply = await fetch(site, "/blog?page=2")
    assert (reply.status, reply.headers["location"]) == (308, "/blog/?page=2")


async def test_a_folder_without_an_index_page_is_not_listed(site: StaticSite, fetch: Fetch) -> None:
    assert (await fetch(site, "/empty/")).status == 404
    assert (await fetch(site, "/empty")).status == 404


async def test_a_missing_page_is_the_404_page_with_status_404(site: StaticSite, fetch: Fetch) -> None:
    reply = await fetch(site, "/nothing", accept="text/html,*/*;q=0.8")
    assert reply.status == 404
    assert b"Lost" in reply.body
    assert reply.headers["cache-control"] == "no-cache"
    assert "content-security-policy" in reply.headers


async def test_a_missing_page_is_never_304_or_a_range(site: StaticSite, fetch: Fetch) -> None:
    first = await fetch(site, "/nothing")
    again = await fetch(site, "/nothing", if_none_match=first.headers["etag"], range="bytes=0-3")
    assert (again.status, again.body) == (404, first.body)


async def test_a_program_that_wants_json_gets_a_problem(site: StaticSite, fetch: Fetch) -> None:
    reply = await fetch(site, "/nothing", accept="application/json")
    assert reply.headers["content-type"] == "application/problem+json"
    assert json.loads(reply.body)["status"] == 404


async def test_a_site_without_404_page_or_folder_answers_404(tmp_path: Path, fetch: Fetch) -> None:
    assert (await fetch(StaticSite(tmp_path / "missing"), "/")).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
async def test_other_methods_are_refused_with_allow(site: StaticSite, fetch: Fetch, method: str) -> None:
    reply = await fetch(site, "/small.txt", method=method)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


async def test_other_methods_on_nothing_find_nothing(site: StaticSite, fetch: Fetch) -> None:
    assert (await fetch(site, "/nothing", method="POST")).status == 404


async def test_options_says_what_is_possible(site: StaticSite, fetch: Fetch) -> None:
    reply = await fetch(site, "/small.txt", method="OPTIONS")
    assert (reply.status, reply.headers["allow"], reply.body) == (204, "GET, HEAD, OPTIONS", b"")


@pytest.mark.parametrize("path", ["/", "/small.txt", "/large.css", "/nothing"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_head_has_the_headers_of_get_and_no_body(site: StaticSite, fetch: Fetch, path: str, coding: str) -> None:
    got = await fetch(site, path, accept_encoding=coding)
    head = await fetch(site, path, method="HEAD", accept_encoding=coding)
    assert head.body == b""
    assert (head.status, head.headers) == (got.status, got.headers)
    assert int(head.headers["content-length"]) == len(got.body)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.html", "text/html; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.json", "application/json"),
        ("a.map", "application/json"),
        ("a.svg", "image/svg+xml"),
        ("a.webmanifest", "application/manifest+json"),
        ("a.wasm", "application/wasm"),
        ("a.woff2", "font/woff2"),
        ("a.webp", "image/webp"),
        ("a.avif", "image/avif"),
        ("a.png", "image/png"),
        ("a.JPG", "image/jpeg"),
        ("a.ico", "image/x-icon"),
        ("a.txt", "text/plain; charset=utf-8"),
        ("a.xml", "application/xml"),
        ("a.pdf", "application/pdf"),
        ("a.mp4", "video/mp4"),
        ("a.gz", "application/octet-stream"),
        ("a.html.unknown", "application/octet-stream"),
        ("a", "application/octet-stream"),
        ("ünï cödé.txt", "text/plain; charset=utf-8"),
    ],
)
async def test_types_are_told_by_the_name_and_never_guessed(
    site: StaticSite, folder: Path, fetch: Fetch, name: str, expected: str
) -> None:
    (folder / name).write_bytes(b"x")
    reply = await fetch(site, f"/{name}")
    assert reply.headers["content-type"] == expected
    assert reply.headers["x-content-type-options"] == "nosniff"


async def test_pages_forbid_scripts_that_are_not_the_sites_own(site: StaticSite, fetch: Fetch) -> None:
    headers = (await fetch(site, "/")).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "geolocation=()" in headers["permissions-policy"]


async def test_a_picture_that_is_a_document_runs_nothing(site: StaticSite, folder: Path, fetch: Fetch) -> None:
    (folder / "evil.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    policy = (await fetch(site, "/evil.svg")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy


async def test_a_project_may_choose_its_own_policy(folder: Path, fetch: Fetch) -> None:
    site = StaticSite(folder, content_security_policy="default-src 'self'")
    assert (await fetch(site, "/")).headers["content-security-policy"] == "default-src 'self'"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "no-cache"),
        ("/large.css", "no-cache"),
        ("/app.3f9a1c2b.js", "public, max-age=31536000, immutable"),
        ("/decade-feedface.txt", "no-cache"),
        ("/photo.png", "public, max-age=3600"),
    ],
)
async def test_how_long_browsers_keep_a_file(
    site: StaticSite, folder: Path, fetch: Fetch, path: str, expected: str
) -> None:
    for name in ("decade-feedface.txt", "photo.png"):
        (folder / name).write_bytes(b"x")
    assert (await fetch(site, path)).headers["cache-control"] == expected


async def test_a_change_shows_at_once(site: StaticSite, folder: Path, fetch: Fetch) -> None:
    before = await fetch(site, "/small.txt")
    (folder / "small.txt").write_text("changed at last")
    after = await fetch(site, "/small.txt")
    assert after.body == b"changed at last"
    assert after.headers["etag"] != before.headers["etag"]


async def test_a_touched_file_keeps_its_entity_tag(site: StaticSite, folder: Path, fetch: Fetch) -> None:
    before = await fetch(site, "/small.txt")
    os.utime(folder / "small.txt", (1, 1))
    assert (await fetch(site, "/small.txt")).headers["etag"] == before.headers["etag"]


async def test_memory_holds_only_so_many_files(site: StaticSite, folder: Path, fetch: Fetch) -> None:
    site._shelf.capacity = 50_000
    for number in range(30):
        (folder / f"{number}.css").write_text(f"/* {number} */" * 1_000)
        reply = await fetch(site, f"/{number}.css", accept_encoding="gzip")
        assert reply.status == 200
        assert site._shelf.weight <= 50_000
    assert (await fetch(site, "/0.css")).body.startswith(b"/* 0 */")


async def test_a_site_may_live_below_a_prefix(folder: Path, fetch: Fetch) -> None:
    site = StaticSite(folder, prefix="/handbook")
    assert (await fetch(site, "/handbook")).headers["location"] == "/handbook/"
    assert b"Home" in (await fetch(site, "/handbook/")).body
    assert (await fetch(site, "/handbook/blog")).headers["location"] == "/handbook/blog/"
    assert (await fetch(site, "/handbook/../secret.txt")).status == 404
    assert (await fetch(site, "/handbook//etc/passwd")).status == 404
