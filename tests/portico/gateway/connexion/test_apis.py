"""Documents on an application: how they are given, where they are served, and routes beside them."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Iterator
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import connexion
import pytest
import yaml
from connexion.exceptions import InvalidSpecification
from starlette.responses import JSONResponse, PlainTextResponse
from tests.portico.gateway.connexion import documents
from tests.portico.gateway.connexion.documents import get, openapi, query, swagger


def saying(text: str) -> Any:
    def handler() -> str:
        return text

    return handler


def named(name: str) -> dict[str, Any]:
    """A path item whose GET has this operationId."""
    return {"get": documents.operation(operationId=name)}


@pytest.fixture
def app(app_class):
    return app_class("scenario", validate_responses=False, resolver=saying)


@pytest.mark.parametrize("kind", ["dict", "path", "text", "json"])
def test_a_document_may_be(app_class, tmp_path: Path, kind) -> None:
    document = get()
    (tmp_path / "api.yaml").write_text(yaml.safe_dump(document))
    (tmp_path / "api.json").write_text(json.dumps(document))
    given = {"dict": document, "path": tmp_path / "api.yaml", "text": "api.yaml", "json": "api.json"}[kind]
    app = app_class("scenario", specification_dir=tmp_path, validate_responses=False, resolver=saying)
    app.add_api(given)
    assert app.test_client().get("/").json() == "handler"


def test_a_document_is_a_template(app_class, tmp_path: Path) -> None:
    text = yaml.safe_dump(openapi({"/{{ path }}": named("{{ name }}")}, base="{{ base }}"))
    (tmp_path / "api.yaml").write_text(text)
    app = app_class("scenario", specification_dir=str(tmp_path), validate_responses=False, resolver=saying)
    app.add_api("api.yaml", arguments={"path": "a", "name": "filled", "base": "/v1"})
    assert app.test_client().get("/v1/a").json() == "filled"


def test_a_document_in_several_files(app_class, tmp_path: Path) -> None:
    pet = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    (tmp_path / "shared.yaml").write_text(yaml.safe_dump({"Pet": pet}))
    document = documents.post(requestBody=documents.body({"$ref": "shared.yaml#/Pet"}, required=True))
    (tmp_path / "api.yaml").write_text(yaml.safe_dump(document))
    app = app_class("scenario", specification_dir=tmp_path, validate_responses=False, resolver=saying)
    app.add_api("api.yaml")
    client = app.test_client()
    assert client.post("/", json={"name": "Rex"}).status_code == 200
    assert client.post("/", json={"name": 3}).status_code == 400


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where the files of `tmp_path` are served."""

    class Files(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("written", [json.dumps, yaml.safe_dump], ids=["json", "yaml"])
def test_a_document_at_an_address(app, tmp_path: Path, address, written) -> None:
    (tmp_path / "api").write_text(written(openapi({"/a": named("a")}, base="/v1")))
    app.add_api(f"{address}/api")
    assert app.test_client().get("/v1/a").json() == "a"


def test_response_codes_written_as_numbers(app_class, tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(
        "openapi: 3.0.0\ninfo: {title: t, version: '1'}\n"
        "paths:\n  /:\n    get:\n      operationId: a\n      responses:\n        200: {description: fine}\n"
    )
    app = app_class("scenario", specification_dir=tmp_path, validate_responses=False, resolver=saying)
    app.add_api("api.yaml")
    assert app.test_client().get("/").json() == "a"


@pytest.mark.parametrize(
    "document",
    [
        {"paths": {}},
        {"openapi": "4.0.0", "info": {"title": "t", "version": "1"}, "paths": {}},
        openapi({"/": {"get": 7}}),
        openapi({"/": {"get": {**documents.operation(), "parameters": [{"name": "a"}]}}}),
    ],
    ids=["no version of OpenAPI", "an unknown version", "an operation that is none", "a parameter without place"],
)
def test_a_document_that_cannot_be_served_is_refused_at_once(app, document) -> None:
    with pytest.raises(InvalidSpecification):
        app.add_api(document)


@pytest.mark.parametrize(
    ("base", "path"),
    [("/v1", "/v1/a"), ("https://pets.example/v2", "/v2/a"), ("/v1/", "/v1/a"), ("https://pets.example", "/a")],
)
def test_the_base_path_comes_from_the_first_server(app, base, path) -> None:
    app.add_api(openapi({"/a": named("a")}, base=base))
    assert app.test_client().get(path).json() == "a"


def test_variables_of_the_first_server_have_defaults(app) -> None:
    servers = [{"url": "https://{host}/{stage}", "variables": {"host": {"default": "h"}, "stage": {"default": "prod"}}}]
    app.add_api(openapi({"/a": named("a")}, servers=servers))
    assert app.test_client().get("/prod/a").json() == "a"


def test_swagger_2_has_its_own_base_path(app) -> None:
    item = {"get": {"operationId": "a", "responses": {"200": {"description": ""}}}}
    app.add_api(swagger({"/a": item}, basePath="/v1"))
    assert app.test_client().get("/v1/a").json() == "a"


def test_a_base_path_given_wins(app) -> None:
    app.add_api(openapi({"/a": named("a")}, base="/v1"), base_path="/mine")
    client = app.test_client()
    assert client.get("/mine/a").json() == "a"
    assert client.get("/v1/a").status_code == 404


def test_several_documents_on_base_paths_of_their_own(app) -> None:
    app.add_api(openapi({"/a": named("root")}))
    app.add_api(openapi({"/a": named("one")}), base_path="/v1")
    app.add_api(openapi({"/a": named("deep")}), base_path="/v1/deep")
    client = app.test_client()
    assert [client.get(path).json() for path in ("/a", "/v1/a", "/v1/deep/a")] == ["root", "one", "deep"]


def test_several_documents_on_one_base_path(app) -> None:
    app.add_api(openapi({"/a": named("a")}), base_path="/v1", name="first")
    app.add_api(openapi({"/b": named("b")}), base_path="/v1", name="second")
    client = app.test_client()
    assert [client.get(f"/v1/{path}").json() for path in "ab"] == ["a", "b"]
    assert client.get("/v1/c").status_code == 404


def test_one_document_twice_with_other_options(app) -> None:
    document = get(parameters=[query("a")])
    app.add_api(document, base_path="/strict", strict_validation=True)
    app.add_api(document, base_path="/lax", resolver=lambda name: saying(f"lax {name}"))
    client = app.test_client()
    assert client.get("/strict/?b=1").status_code == 400
    assert client.get("/lax/?b=1").json() == "lax handler"


def test_the_users_document_is_left_as_it_was(app) -> None:
    document = get(parameters=[query("a")])
    before = json.dumps(document)
    app.add_api(document, base_path="/elsewhere")
    app.test_client().get("/elsewhere/")
    assert json.dumps(document) == before


def test_a_route_beside_the_documents(app) -> None:
    app.add_api(openapi({"/a": named("a")}, base="/v1"))

    @app.route("/hello/{name}", methods=["GET", "POST"])
    async def hello(request: Any) -> PlainTextResponse:
        return PlainTextResponse(f"{request.method} {request.path_params['name']}")

    app.add_url_rule("/other", "other", lambda request: PlainTextResponse("other"))
    client = app.test_client()
    assert client.get("/hello/ann").text == "GET ann"
    assert client.post("/hello/ann").text == "POST ann"
    assert client.get("/other").text == "other"
    assert client.get("/v1/a").json() == "a"
    assert client.get("/nowhere").status_code == 404


def test_a_route_without_any_document(app) -> None:
    app.add_url_rule("/hello", "hello", lambda request: JSONResponse({"path": request.url.path}))
    assert app.test_client().get("/hello").json() == {"path": "/hello"}


def test_a_root_path_is_not_part_of_the_base_path(app) -> None:
    app.add_api(openapi({"/a": {"get": documents.operation(operationId="a")}}, base="/v1"))
    client = app.test_client(root_path="/behind")
    assert client.get("/behind/v1/a").json() == "a"


def test_the_test_client_takes_options(app) -> None:
    app.add_api(get(), resolver=lambda _name: lambda: str(connexion.request.url))
    client = app.test_client(base_url="https://pets.example", headers={"X-A": "1"})
    assert client.get("/").json() == "https://pets.example/"
