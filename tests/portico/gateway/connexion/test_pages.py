"""The pages of an API: its document, and Swagger UI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from connexion.options import SwaggerUIOptions
from tests.portico.gateway.connexion.documents import get, openapi, operation, swagger


def saying(text: str) -> Any:
    return lambda: text


@pytest.fixture
def pages(app_class):
    """A client of an API at a base path, with options of its pages."""

    def pages(options: SwaggerUIOptions | None = None, base: str = "", on_app: bool = False, **client: Any) -> Any:
        app_options = {"swagger_ui_options": options} if on_app else {}
        app = app_class("scenario", validate_responses=False, resolver=saying, **app_options)
        app.add_api(openapi({"/a": {"get": operation(operationId="a")}}, base=base),
                    **({} if on_app else {"swagger_ui_options": options}))  # fmt: skip
        return app.test_client(**client)

    return pages


@pytest.mark.parametrize("base", ["", "/v1"])
def test_the_document_is_served_as_json(pages, base) -> None:
    response = pages(base=base).get(f"{base}/openapi.json")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.json()["paths"]["/a"]["get"]["operationId"] == "a"
    assert response.json()["openapi"] == "3.0.3"


def test_the_document_is_served_as_yaml(pages) -> None:
    response = pages().get("/openapi.yaml")
    assert response.headers["content-type"].split(";")[0] == "text/yaml"
    assert yaml.safe_load(response.text)["paths"]["/a"]["get"]["operationId"] == "a"


def test_a_swagger_2_document_has_its_own_name(app_class) -> None:
    item = {"get": {"operationId": "a", "responses": {"200": {"description": ""}}}}
    app = app_class("scenario", validate_responses=False, resolver=saying)
    app.add_api(swagger({"/a": item}, basePath="/v1"))
    response = app.test_client().get("/v1/swagger.json")
    assert (response.json()["swagger"], response.json()["basePath"]) == ("2.0", "/v1")


def test_the_document_tells_where_it_is_served(pages) -> None:
    assert pages(base="/v1").get("/v1/openapi.json").json()["servers"] == [{"url": "/v1"}]


def test_the_document_behind_a_proxy_tells_the_outer_path(pages) -> None:
    response = pages(base="/v1", root_path="/behind").get("/behind/v1/openapi.json")
    assert response.json()["servers"] == [{"url": "/behind/v1"}]


def test_swagger_ui_is_served(pages) -> None:
    client = pages()
    response = client.get("/ui/")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "/openapi.json" in response.text
    assert client.get("/ui", follow_redirects=False).headers["location"] == "/ui/"
    assert client.get("/ui/swagger-ui-bundle.js").status_code == 200
    assert client.get("/ui/swagger-ui.css").headers["content-type"].startswith("text/css")


def test_swagger_ui_below_a_base_path(pages) -> None:
    client = pages(base="/v1")
    assert "/v1/openapi.json" in client.get("/v1/ui/").text
    assert client.get("/ui/").status_code == 404


@pytest.mark.parametrize("on_app", [False, True], ids=["on the API", "on the app"])
def test_pages_can_be_switched_off(pages, on_app) -> None:
    client = pages(SwaggerUIOptions(swagger_ui=False, serve_spec=False), on_app=on_app)
    assert [client.get(path).status_code for path in ("/ui/", "/openapi.json", "/openapi.yaml", "/a")] == [
        404,
        404,
        404,
        200,
    ]


def test_swagger_ui_alone_can_be_switched_off(pages) -> None:
    client = pages(SwaggerUIOptions(swagger_ui=False))
    assert [client.get(path).status_code for path in ("/ui/", "/openapi.json")] == [404, 200]


def test_pages_can_have_other_addresses(pages) -> None:
    client = pages(SwaggerUIOptions(swagger_ui_path="/try", spec_path="/document.json"))
    assert client.get("/document.json").json()["openapi"] == "3.0.3"
    assert client.get("/document.yaml").status_code == 200
    assert "/document.json" in client.get("/try/").text
    assert client.get("/ui/").status_code == 404


def test_swagger_ui_takes_a_configuration(pages) -> None:
    client = pages(SwaggerUIOptions(swagger_ui_config={"displayOperationId": True}))
    assert client.get("/ui/swagger-ui-config.json").json() == {"displayOperationId": True}
    assert "swagger-ui-config.json" in client.get("/ui/").text


def test_a_template_of_ones_own(pages, tmp_path: Path) -> None:
    (tmp_path / "index.j2").write_text("{{ title }} at {{ openapi_spec_url }}")
    (tmp_path / "extra.js").write_text("1")
    options = SwaggerUIOptions(swagger_ui_template_dir=str(tmp_path), swagger_ui_template_arguments={"title": "Mine"})
    client = pages(options)
    assert client.get("/ui/").text == "Mine at /openapi.json"
    assert client.get("/ui/extra.js").text == "1"


def test_options_of_the_wrong_kind_are_refused(app_class) -> None:
    app = app_class("scenario", validate_responses=False, resolver=saying)
    with pytest.raises(ValueError, match="SwaggerUIOptions"):  # noqa: PT012
        app.add_api(get(), swagger_ui_options={"swagger_ui": False})
        app.test_client().get("/")
