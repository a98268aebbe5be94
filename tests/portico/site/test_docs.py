"""The documentation's pages and documents, without a browser."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from portico import design
from portico.design import Api
from portico.identity.settings import Client as Declared
from portico.identity.settings import PoolSettings, ResourceServer
from portico.site import Docs, DocsClient, Specs

from .conftest import Fetch

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


def document(title: str = "Shop", *, openapi: str = "3.1.0", description: str = "") -> dict[str, object]:
    return {
        "openapi": openapi,
        "info": {"title": title, "version": "1.0", "description": description},
        "servers": [{"url": "https://elsewhere.example/shop/v1"}],
        "paths": {"/things": {"get": {"operationId": "listThings", "responses": {"200": {"description": "Things."}}}}},
    }


def api(name: str = "shop", title: str = "Shop", *, description: str = "") -> Api:
    return design.read(document(title, description=description), name=name)


@pytest.fixture
def docs() -> Docs:
    return Docs([api(description="Sells `things`.\n\nAnd more."), api("stock", "Stock")])


async def test_the_index_lists_every_api(docs: Docs, fetch: Fetch) -> None:
    reply = await fetch(docs, "/docs")
    page = reply.body.decode()
    assert reply.status == 200
    assert '<a href="/docs/shop">Shop</a>' in page
    assert '<a href="/docs/stock">Stock</a>' in page
    assert "Sells things." in page
    assert "And more" not in page
    assert "1 operation<" in page
    assert 'href="/specs/shop.json"' in page


async def test_each_api_has_its_page(docs: Docs, fetch: Fetch) -> None:
    page = (await fetch(docs, "/docs/stock")).body.decode()
    assert 'data-document="/specs/stock.json"' in page
    assert 'href="/docs/stock" aria-current="page"' in page
    assert 'href="/docs/shop"' in page


async def test_a_closing_slash_is_taken_away(docs: Docs, fetch: Fetch) -> None:
    assert (await fetch(docs, "/docs/")).headers["location"] == "/docs"
    assert (await fetch(docs, "/docs/shop/?a=b")).headers["location"] == "/docs/shop?a=b"


@pytest.mark.parametrize(
    "path",
    [
        "/docs/nothing",
        "/docs/assets/../docs.py",
        "/docs/assets/../../docs.py",
        "/docs/assets/%2e%2e/static.py",
        "/docs/swagger_ui/",
        "/docs/templates/api.html",
        "/docs//evil.example/",
    ],
)
async def test_there_is_nothing_else(docs: Docs, fetch: Fetch, path: str) -> None:
    assert (await fetch(docs, path)).status == 404


async def test_pages_are_read_only_and_cached_by_tag(docs: Docs, fetch: Fetch) -> None:
    first = await fetch(docs, "/docs/shop")
    assert (await fetch(docs, "/docs/shop", if_none_match=first.headers["etag"])).status == 304
    assert (await fetch(docs, "/docs/shop", method="POST")).status == 405
    assert (await fetch(docs, "/docs/shop", method="HEAD")).body == b""


async def test_everything_comes_from_this_origin(docs: Docs, fetch: Fetch) -> None:
    for path in ("/docs", "/docs/shop"):
        reply = await fetch(docs, path)
        assert "//" not in reply.body.decode().replace("<!doctype html>", "")
        policy = dict(part.strip().split(" ", 1) for part in reply.headers["content-security-policy"].split(";"))
        assert policy["script-src"] == "'self'"
        assert policy["style-src"] == "'self'"
        assert "unsafe" not in reply.headers["content-security-policy"]
        assert reply.headers["x-frame-options"] == "DENY"


async def test_swagger_ui_comes_with_its_licence(docs: Docs, fetch: Fetch) -> None:
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"):
        assert (await fetch(docs, f"/docs/swagger_ui/{name}", accept_encoding="br")).status == 200
    licence = await fetch(docs, "/docs/swagger_ui/LICENSE")
    assert b"Apache License" in licence.body


@pytest.mark.parametrize(
    "title", [HOSTILE, "</title><script>x</script>", "javascript:alert(1)", "{{ 7 * 7 }}", "' onload='x"]
)
async def test_titles_are_text(fetch: Fetch, title: str) -> None:
    docs = Docs([api("shop", title, description=HOSTILE)])
    for path in ("/docs", "/docs/shop"):
        page = (await fetch(docs, path)).body.decode()
        assert "<script>" not in page
        assert "<img src=x" not in page
        assert "onload='" not in page
        assert 'href="javascript' not in page
    if "7" in title:
        assert "49" not in (await fetch(docs, "/docs")).body.decode()


POOL = PoolSettings(
    resource_servers={"shop": ResourceServer(scopes={"read": 'See "all" <things>'})},
    clients={
        "page": Declared(redirect_uris=("/",)),
        "docs": Declared(redirect_uris=("/docs/oauth2-redirect.html",), scopes=("openid", "shop/read")),
    },
)


async def test_the_documentation_signs_in_as_the_client_that_leads_back_to_it(fetch: Fetch) -> None:
    client = DocsClient.of(POOL, "https://shop.example")
    assert client == DocsClient(
        "docs", "https://shop.example", {"openid": "Know who you are", "shop/read": 'See "all" <things>'}
    )
    docs = Docs([api()], client=client)
    page = (await fetch(docs, "/docs/shop")).body.decode()
    assert 'data-client="docs" data-origin="https://shop.example"' in page
    assert "<things>" not in page
    back = await fetch(docs, "/docs/oauth2-redirect.html")
    assert back.status == 200
    assert "unsafe" not in back.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)", back.body.decode())


async def test_without_such_a_client_the_documentation_offers_no_sign_in(fetch: Fetch) -> None:
    no_client = PoolSettings(clients={"page": POOL.clients["page"]})
    assert DocsClient.of(no_client, "https://shop.example") is None
    docs = Docs([api()])
    assert b"data-client" not in (await fetch(docs, "/docs/shop")).body
    assert (await fetch(docs, "/docs/oauth2-redirect.html")).status == 404


async def test_a_hostile_file_name_is_a_name(fetch: Fetch) -> None:
    name = '"><script>x'
    docs, specs = Docs([api(name)]), Specs([api(name)])
    page = (await fetch(docs, "/docs")).body.decode()
    assert "<script>" not in page
    assert (await fetch(docs, "/docs/%22%3E%3Cscript%3Ex")).status == 200
    assert (await fetch(specs, "/specs/%22%3E%3Cscript%3Ex.json")).status == 200


async def test_a_project_without_apis_says_so(fetch: Fetch) -> None:
    assert "There is none yet" in (await fetch(Docs([]), "/docs")).body.decode()


async def test_the_document_says_where_it_is_served(fetch: Fetch) -> None:
    reply = await fetch(Specs([api()]), "/specs/shop.json")
    assert reply.headers["content-type"] == "application/json"
    assert json.loads(reply.body)["servers"] == [{"url": "/shop/v1"}]


async def test_the_document_is_compressed_and_cached_by_tag(fetch: Fetch) -> None:
    specs = Specs([api(description="word " * 1_000)])
    packed = await fetch(specs, "/specs/shop.json", accept_encoding="gzip")
    assert json.loads(gzip.decompress(packed.body))["info"]["title"] == "Shop"
    tag = packed.headers["etag"]
    assert (await fetch(specs, "/specs/shop.json", accept_encoding="gzip", if_none_match=tag)).status == 304
    assert (await fetch(specs, "/specs/shop.json", method="DELETE")).status == 405


@pytest.mark.parametrize(
    "path", ["/specs", "/specs/", "/specs/nothing.json", "/specs/shop.yaml", "/specs/../shop.json", "/specs/SHOP.json"]
)
async def test_only_documents_of_apis_are_served(fetch: Fetch, path: str) -> None:
    assert (await fetch(Specs([api()]), path)).status == 404


def test_the_vendored_files_are_those_of_one_release() -> None:
    folder = Path(design.__file__).parent.parent / "site" / "swagger_ui"
    version = (folder / "VERSION").read_text().strip()
    assert version in (folder / "swagger-ui-bundle.js").read_text()
