"""Each deliberate difference, shown with a request to both. What is not here must not differ."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import connexion
import pytest
from connexion.exceptions import InvalidSpecification
from connexion.validators import JSONRequestBodyValidator
from tests.portico.gateway.connexion import differences
from tests.portico.gateway.connexion.documents import (
    body,
    echo,
    get,
    in_path,
    openapi,
    operation,
    parameter,
    post,
    produces,
    query,
    swagger,
)

SHOWN: dict[str, Callable[..., None]] = {}
TYPED = {"Content-Type": "application/json"}
INTEGER_ANSWER = {"200": {"description": "", "content": {"application/json": {"schema": {"type": "integer"}}}}}


def shows(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Marks the scenario of a difference."""

    def mark(scenario: Callable[..., None]) -> Callable[..., None]:
        SHOWN[name] = scenario
        return scenario

    return mark


def test_every_difference_is_shown_here() -> None:
    assert list(SHOWN) == [difference.name for difference in differences.DIFFERENCES]


def test_the_page_prints_the_differences_as_they_are() -> None:
    page = differences.PAGE.read_text()
    assert page == differences.written(page), "run: python -m tests.portico.gateway.connexion.differences"


@shows("problem members")
def test_problem_members(serve, is_portico) -> None:
    members = {"type", "title", "status", "detail"}
    client = serve(get(parameters=[query("n", "integer")]), echo)
    assert set(client.get("/?n=x").json()) == (members | {"request_id", "errors"} if is_portico else members)
    assert set(client.get("/nowhere").json()) == (members | {"request_id"} if is_portico else members)


@shows("all faults")
def test_all_faults(serve, is_portico) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b/c": {"type": "array", "items": {"minimum": 3}}},
    }
    found = serve(post(requestBody=body(schema)), echo).post("/", json={"a": 1, "b/c": [5, 1]}).json()
    if is_portico:
        places = [(fault["in"], fault["pointer"]) for fault in found["errors"]]
        assert places == [("body", "/a"), ("body", "/b~1c/1")]
    else:
        assert found["detail"] == "1 is not of type 'string' - 'a'"


@shows("responses are checked")
def test_responses_are_checked(app_class, is_portico) -> None:
    app = app_class("scenario", resolver=lambda _name: lambda: "text")
    app.add_api(get(responses=INTEGER_ANSWER))
    assert app.test_client().get("/").status_code == (500 if is_portico else 200)


@shows("nothing of the server's own faults is told")
def test_nothing_of_the_servers_own_faults_is_told(serve, is_portico) -> None:
    response = serve(get(responses=INTEGER_ANSWER), lambda: "secret", validate_responses=True).get("/")
    assert ("secret" in response.text) is not is_portico


@shows("request ids")
def test_request_ids(serve, is_portico) -> None:
    client = serve(get(), echo)
    for path in ("/", "/nowhere"):
        assert ("x-request-id" in client.get(path).headers) is is_portico
    if is_portico:
        assert client.get("/", headers={"X-Request-Id": "mine-7"}).headers["x-request-id"] == "mine-7"


@shows("what every answer has")
def test_what_every_answer_has(serve, is_portico) -> None:
    client = serve(get(), lambda: "x" * 5_000)
    for path in ("/", "/nowhere"):
        assert client.get(path).headers.get("x-content-type-options") == ("nosniff" if is_portico else None)
    response = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert response.headers.get("content-encoding") == ("gzip" if is_portico else None)
    assert response.json() == "x" * 5_000
    assert "content-encoding" not in client.get("/", headers={"Accept-Encoding": "identity"}).headers


@shows("order of paths")
def test_order_of_paths(serve, is_portico) -> None:
    paths = {
        "/things/{v}": {"get": operation(operationId="any", parameters=[in_path("v")])},
        "/things/mine": {"get": operation(operationId="mine")},
    }
    client = serve(openapi(paths), {"any": lambda v: v, "mine": lambda: "my thing"})
    assert client.get("/things/mine").json() == ("my thing" if is_portico else "mine")
    assert client.get("/things/a%2Fb").status_code == (200 if is_portico else 404)


@shows("CORS")
def test_cors(app_class, is_portico) -> None:
    options: dict[str, Any] = {}
    if is_portico:
        from portico.config import Config, Cors

        options["settings"] = Config(cors=Cors(allow_origins=("https://page.example",)))
    app = app_class("scenario", resolver=lambda _name: echo, **options)
    app.add_api(get())
    response = app.test_client().get("/nowhere", headers={"Origin": "https://page.example"})
    assert response.headers.get("access-control-allow-origin") == ("https://page.example" if is_portico else None)


TWO_METHODS = openapi({"/": {"get": operation(operationId="one"), "put": operation(operationId="two")}})


@shows("OPTIONS")
def test_options(serve, is_portico) -> None:
    response = serve(TWO_METHODS, {"one": echo, "two": echo}).options("/")
    assert response.status_code == (204 if is_portico else 405)
    if is_portico:
        assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "PUT", "OPTIONS"}


@shows("Allow")
def test_allow(serve, is_portico) -> None:
    response = serve(TWO_METHODS, {"one": echo, "two": echo}).post("/")
    assert response.status_code == 405
    assert ("PUT" in response.headers["allow"]) is is_portico


@shows("Accept")
def test_accept(serve, is_portico) -> None:
    client = serve(get(), echo)
    assert client.get("/", headers={"Accept": "text/html"}).status_code == (406 if is_portico else 200)
    assert client.get("/", headers={"Accept": "text/html, */*;q=0.1"}).status_code == 200


@shows("limits")
@pytest.mark.parametrize("validators", [None, {"body": {"application/json": JSONRequestBodyValidator}}])
def test_limits(serve, is_portico, validators) -> None:
    client = serve(post(requestBody=body({"type": "string"})), lambda body: len(body), validator_map=validators)
    response = client.post("/", content=json.dumps("x" * 10_000_001).encode(), headers=TYPED)
    assert response.status_code == (413 if is_portico else 200)


@shows("OpenAPI 3.1 and 3.2")
@pytest.mark.parametrize("version", ["3.1.1", "3.2.0"])
def test_newer_versions(serve, is_portico, version) -> None:
    document = {**get(parameters=[query("n", {"type": ["integer", "null"]})]), "openapi": version}
    if is_portico:
        assert serve(document, echo).get("/?n=7").json() == {"n": 7}
    else:
        with pytest.raises(InvalidSpecification):
            serve(document, echo)


@shows("odd documents")
def test_odd_documents(serve, is_portico) -> None:
    document = openapi({"/": {"get": {"operationId": "handler"}}})  # responses are required
    if is_portico:
        assert serve(document, echo).get("/").json() == {}
    else:
        with pytest.raises(InvalidSpecification):
            serve(document, echo)


@shows("templates")
def test_templates(app_class, tmp_path, is_portico) -> None:
    document = openapi({"/": {"get": operation(summary="Hello {{name}}")}})
    (tmp_path / "api.json").write_text(json.dumps(document))
    app = app_class("scenario", specification_dir=tmp_path, resolver=lambda _name: echo)
    app.add_api("api.json")
    told = app.test_client().get("/openapi.json").json()["paths"]["/"]["get"]["summary"]
    assert told == ("Hello {{name}}" if is_portico else "Hello ")


@shows("header and cookie parameters")
def test_header_and_cookie_parameters(serve, problem, is_portico) -> None:
    given = [parameter("header", "X-Count", "integer"), parameter("cookie", "theme")]

    def handler(XCount: int = 0, theme: str = "") -> list[Any]:  # noqa: N803
        return [XCount, theme]

    client = serve(get(parameters=given), handler)
    response = client.get("/", headers={"X-Count": "7", "Cookie": "theme=dark"})
    if is_portico:
        assert response.json() == [7, "dark"]
    else:
        assert problem(response)["detail"].startswith("'7' is not of type 'integer'")
    assert client.get("/", headers={"Cookie": "theme=dark"}).json() == [0, "dark" if is_portico else ""]


@shows("challenges")
def test_challenges(serve, module, is_portico) -> None:
    module("guard", bearer=lambda token: None)
    document = get(security=[{"one": []}])
    scheme = {"type": "http", "scheme": "bearer", "x-bearerInfoFunc": "guard.bearer"}
    document["components"] = {"securitySchemes": {"one": scheme}}
    assert serve(document, echo).get("/").headers.get("www-authenticate") == ("Bearer" if is_portico else None)


@shows("optional bodies")
def test_optional_bodies(serve, is_portico) -> None:
    document = post(requestBody=body({"type": "object", "required": ["name"]}))
    response = serve(document, lambda body: body).post("/", headers=TYPED)
    assert response.status_code == (200 if is_portico else 400)
    if is_portico:
        assert response.json() == {}


@shows("required and nullable")
def test_required_and_nullable(serve, is_portico) -> None:
    client = serve(get(parameters=[query("a", {"type": "string", "nullable": True}, required=True)]), echo)
    assert client.get("/?a=null").json() == {"a": None}
    assert client.get("/").status_code == (400 if is_portico else 200)


@shows("names of unnamed form fields")
def test_names_of_unnamed_form_fields(serve, is_portico) -> None:
    parameters = [{"in": "formData", "name": "a", "type": "string"}, {"in": "query", "name": "q", "type": "integer"}]
    operation = {"operationId": "handler", "parameters": parameters, "responses": {"200": {"description": ""}}}
    document = swagger({"/": {"post": operation}}, consumes=["application/x-www-form-urlencoded"])
    response = serve(document, echo).post("/", data={"a": "1", "b": "2", "user": "root", "ctx": "x", "q": "x"})
    got = response.json()
    assert (got["a"], got["b"]) == ("1", ["2"])
    assert ("user" in got, "ctx" in got, "q" in got) == ((False,) * 3 if is_portico else (True,) * 3)


@shows("form fields of Swagger 2.0")
def test_form_fields_of_swagger_2(serve, is_portico) -> None:
    field = {"in": "formData", "name": "a", "type": "integer", "minimum": 5}
    operation = {"operationId": "handler", "parameters": [field], "responses": {"200": {"description": ""}}}
    document = swagger({"/": {"post": operation}}, consumes=["application/x-www-form-urlencoded"])
    client = serve(document, echo)
    assert client.post("/", data={"a": "7"}).json() == {"a": 7}
    assert client.post("/", data={"a": "x"}).status_code == 400
    assert client.post("/", data={"a": "3"}).status_code == (400 if is_portico else 200)


@shows("JSON Schema")
def test_json_schema(serve, is_portico) -> None:
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "readOnly": True}}}
    client = serve(post(requestBody=body(schema)), lambda body: body)
    assert client.post("/", json={"id": 3.0}).status_code == (200 if is_portico else 400)
    assert client.post("/", json={}).status_code == (200 if is_portico else 400)
    assert client.post("/", json={"id": 3.5}).status_code == 400


@shows("formats")
@pytest.mark.parametrize(("form", "value"), [("uuid", "7"), ("date", "yesterday"), ("time", "noon")])
def test_formats(serve, is_portico, form, value) -> None:
    client = serve(get(parameters=[query("a", {"type": "string", "format": form})]), echo)
    assert client.get("/", params={"a": value}).status_code == (400 if is_portico else 200)


@shows("arguments of handlers")
def test_arguments_of_handlers(serve, is_portico) -> None:
    response = serve(get(parameters=[query("a")]), lambda a: {"a": a}).get("/")
    assert response.status_code == (200 if is_portico else 500)
    if is_portico:
        assert response.json() == {"a": None}
    document = openapi({"/{v}": {"get": operation(parameters=[in_path("v")])}})
    assert serve(document, lambda: "fine").get("/x").status_code == (200 if is_portico else 500)


@shows("several types of answers")
def test_several_types_of_answers(serve, is_portico) -> None:
    client = serve(get(responses=produces("text/plain", "application/json")), lambda: {"a": 1})
    response = client.get("/")
    assert response.status_code == (200 if is_portico else 500)
    assert (response.headers["content-type"] == "application/json") is is_portico


@shows("generators")
def test_generators(serve, is_portico) -> None:
    def handler() -> Iterator[bytes]:
        yield from (b"a", b"b")

    response = serve(get(responses=produces("application/octet-stream")), handler).get("/")
    assert response.status_code == (200 if is_portico else 500)
    if is_portico:
        assert response.content == b"ab"


@shows("one operationId twice")
def test_one_operation_id_twice(serve, is_portico) -> None:
    paths = {
        "/a": {"get": operation(parameters=[query("x")])},
        "/b": {"get": operation(parameters=[query("y")])},
    }
    client = serve(openapi(paths), echo)
    assert client.get("/a?x=1&y=2").json() == ({"x": "1"} if is_portico else {"y": "2"})
    assert client.get("/b?x=1&y=2").json() == {"y": "2"}


@shows("strict JSON")
def test_strict_json(serve, is_portico) -> None:
    client = serve(post(requestBody=body({})), lambda body=None: float("inf"))
    for text in (b"NaN", b"-Infinity", b'"\\ud83d"'):
        assert client.post("/", content=text, headers=TYPED).status_code == (400 if is_portico else 200)
    assert client.post("/", content=b"1", headers=TYPED).text.strip() == ("null" if is_portico else "Infinity")


@shows("what crashes Connexion")
def test_what_crashes_connexion(serve, is_portico) -> None:
    checked = serve(post(requestBody=body({"type": "object"})), lambda body: body)
    assert checked.post("/", content=b'{"a": "\xff"}', headers=TYPED).status_code == (400 if is_portico else 500)
    untyped = checked.post("/", content=b'{"a": 1}')
    assert (untyped.status_code, untyped.json().get("a")) == ((200, 1) if is_portico else (500, None))
    no_type = serve(get(parameters=[query("a", {"enum": ["x"]})]), echo)
    assert no_type.get("/?a=x").status_code == (200 if is_portico else 500)


def test_a_gateway_is_a_connexion_app(app_class) -> None:
    assert issubclass(app_class, connexion.AsyncApp)


def test_a_path_parameter_that_no_parameter_describes_reaches_the_handler(serve) -> None:
    document = openapi({"/{v}/{w}": {"get": operation(parameters=[in_path("v")])}})
    assert serve(document, echo).get("/x/y").json() == {"v": "x", "w": "y"}
