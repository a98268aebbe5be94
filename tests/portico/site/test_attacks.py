"""Nothing outside the folder can be read, and nothing inside that is hidden."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.types import ASGIApp

from portico.site import StaticSite

from .conftest import SECRET, Fetch

TRAVERSALS = [
    "/../secret.txt",
    "/blog/../../secret.txt",
    "/blog/..%2f..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/%2e%2e%2fsecret.txt",
    "/.%2e/secret.txt",
    "/%252e%252e%252fsecret.txt",
    "/..%c0%afsecret.txt",
    "/..%ef%bc%8fsecret.txt",
    "/..\\secret.txt",
    "/..%5csecret.txt",
    "/blog/..%5c..%5csecret.txt",
    "/....//secret.txt",
    "/..;/secret.txt",
    "//../secret.txt",
    "/./../secret.txt",
    "/%00/../secret.txt",
    "/small.txt%00.html",
    "/%00",
    "/small.txt/",
    "/small.txt/..",
    "/small.txt/.",
    "/small.txt.",
    "/small.txt%20",
    "/small.txt::$DATA",
    "/C:/secret.txt",
    "/C:%5csecret.txt",
    "//etc/passwd",
    "///etc/passwd",
    "/%2fetc/passwd",
    "/file:///etc/passwd",
    "/~root/secret.txt",
    "/.env",
    "/%2eenv",
    "/.ENV",
    "/.git/config",
    "/blog/.hidden",
    "/blog/.hidden/index.html",
    "/*",
    "/smal?.txt",
    "/small.txt%0d%0aset-cookie:%20a=b",
    "/" + "a" * 5_000,
    "/" + "a/" * 3_000,
    "/%ff%fe",
    "/%ed%a0%80",
    "/\x7f",
    "/AUX",
    "",
    "*",
]


@pytest.fixture
def folder(folder: Path) -> Path:
    (folder / "blog" / ".hidden").mkdir()
    (folder / "blog" / ".hidden" / "index.html").write_text(SECRET)
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text(SECRET)
    return folder


@pytest.mark.parametrize("target", TRAVERSALS)
async def test_a_path_that_is_no_plain_name_finds_nothing(site: StaticSite, fetch: Fetch, target: str) -> None:
    for accept in ("text/html", "application/json"):
        reply = await fetch(site, target, accept=accept)
        assert reply.status == (200 if target == "" else 404)  # an empty path is the root
        assert SECRET.encode() not in reply.body
        assert b"root:" not in reply.body


@pytest.mark.parametrize("target", [target for target in TRAVERSALS if target.startswith("/") and target.isprintable()])
def test_the_same_over_a_real_connection(site: StaticSite, serve: Callable[[ASGIApp], str], target: str) -> None:
    origin = urlsplit(serve(site))
    with socket.create_connection((origin.hostname, origin.port), timeout=10) as wire:
        wire.sendall(f"GET {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n".encode("latin-1"))
        answer = b"".join(iter(lambda: wire.recv(65_536), b""))
    assert answer.split(b" ", 2)[1] in (b"404", b"400", b"414", b"431")
    assert SECRET.encode() not in answer
    assert b"root:" not in answer


async def test_a_link_that_leads_outside_finds_nothing(site: StaticSite, folder: Path, fetch: Fetch) -> None:
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "way").symlink_to(folder.parent, target_is_directory=True)
    (folder / "passwd").symlink_to("/etc/passwd")
    for path in ("/link.txt", "/way/secret.txt", "/way/static_site/small.txt", "/passwd"):
        status = 200 if path == "/way/static_site/small.txt" else 404  # this one ends inside again
        assert (await fetch(site, path)).status == status, path


async def test_a_link_to_a_hidden_file_finds_nothing(site: StaticSite, folder: Path, fetch: Fetch) -> None:
    (folder / "settings").symlink_to(folder / ".env")
    assert (await fetch(site, "/settings")).status == 404


async def test_a_link_inside_the_folder_is_followed(site: StaticSite, folder: Path, fetch: Fetch) -> None:
    (folder / "alias.txt").symlink_to(folder / "small.txt")
    assert (await fetch(site, "/alias.txt")).body == b"0123456789"


async def test_links_in_a_circle_find_nothing(site: StaticSite, folder: Path, fetch: Fetch) -> None:
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    assert (await fetch(site, "/a")).status == 404


async def test_a_sibling_whose_name_begins_alike_is_outside(site: StaticSite, folder: Path, fetch: Fetch) -> None:
    sibling = folder.parent / "static_site_private"
    sibling.mkdir()
    (sibling / "key.txt").write_text(SECRET)
    (folder / "key.txt").symlink_to(sibling / "key.txt")
    assert (await fetch(site, "/../static_site_private/key.txt")).status == 404
    assert (await fetch(site, "/key.txt")).status == 404


async def test_a_pipe_or_a_socket_is_no_file(site: StaticSite, folder: Path, fetch: Fetch) -> None:
    os.mkfifo(folder / "pipe")
    assert (await fetch(site, "/pipe")).status == 404


async def test_other_capitals_are_another_name(site: StaticSite, fetch: Fetch) -> None:
    assert (await fetch(site, "/SMALL.TXT")).status == 404


@pytest.mark.parametrize(
    "target", ["//evil.example/blog", "/\\evil.example/blog", "//blog", "/%2fevil.example/..%2fblog"]
)
async def test_a_redirect_never_leaves_the_site(site: StaticSite, fetch: Fetch, target: str) -> None:
    assert (await fetch(site, target)).status == 404


async def test_a_redirect_carries_no_new_header(site: StaticSite, folder: Path, fetch: Fetch) -> None:
    (folder / "año").mkdir()
    (folder / "año" / "index.html").write_text("x")
    reply = await fetch(site, "/a%C3%B1o")
    assert reply.headers["location"] == "/a%C3%B1o/"
    assert (await fetch(site, "/blog%0d%0aset-cookie:a=b")).status == 404


async def test_only_http_is_served(site: StaticSite) -> None:
    with pytest.raises(ValueError, match="HTTP only"):
        await site({"type": "websocket"}, None, None)  # type: ignore[arg-type]
