"""What a handler may return, and what the caller gets for it."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import enum
import json
import uuid
from collections.abc import Iterator
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any

import connexion
import pytest
from connexion import NoContent
from connexion.jsonifier import Jsonifier
from connexion.lifecycle import ConnexionResponse
from starlette.background import BackgroundTask
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from tests.portico.gateway.connexion.documents import get, openapi, operation, produces, swagger

JSON = "application/json"


class Colour(enum.Enum):
    CREATED = 201


class Fruit(enum.StrEnum):
    APPLE = "apple"


class Name(str):
    """A kind of string."""


Point = collections.namedtuple("Point", ["x", "y"])

NESTED: list[Any] = []
for _ in range(100):
    NESTED = [NESTED]


RETURNS: list[tuple[str, Any, int, Any, dict[str, str]]] = [
    # what it shows, what is returned, the status, the decoded body (bytes: raw), some headers
    ("an object", {"a": 1}, 200, {"a": 1}, {"content-type": JSON}),
    ("a list", [1, 2], 200, [1, 2], {"content-type": JSON}),
    ("a string", "text", 200, "text", {"content-type": JSON}),
    ("an integer", 7, 200, 7, {"content-type": JSON}),
    ("a number", 1.5, 200, 1.5, {"content-type": JSON}),
    ("true", True, 200, True, {"content-type": JSON}),
    ("false", False, 200, False, {"content-type": JSON}),
    ("zero", 0, 200, 0, {"content-type": JSON}),
    ("an empty object", {}, 200, {}, {"content-type": JSON}),
    ("an empty list", [], 200, [], {"content-type": JSON}),
    ("an empty string", "", 200, "", {"content-type": JSON}),
    ("letters of any script", {"a": "é✓"}, 200, {"a": "é✓"}, {"content-type": JSON}),
    ("None", None, 204, b"", {}),
    ("NoContent", NoContent, 204, b"", {}),
    ("NoContent and a status", (NoContent, 201), 201, b"", {}),
    ("None and a status", (None, 202), 202, b"", {}),
    ("body and status", ({"a": 1}, 201), 201, {"a": 1}, {"content-type": JSON}),
    ("body and HTTPStatus", ({"a": 1}, HTTPStatus.CREATED), 201, {"a": 1}, {}),
    ("body and an enumeration's number", ({"a": 1}, Colour.CREATED), 201, {"a": 1}, {}),
    ("body and headers", ({"a": 1}, {"X-Colour": "red"}), 200, {"a": 1}, {"x-colour": "red", "content-type": JSON}),
    ("body, status and headers", ({"a": 1}, 202, {"X-Colour": "red"}), 202, {"a": 1}, {"x-colour": "red"}),
    ("NoContent, status and headers", (NoContent, 204, {"X-Colour": "red"}), 204, b"", {"x-colour": "red"}),
    ("a tuple of one", ({"a": 1},), 200, {"a": 1}, {}),
    ("an error status", ({"code": "gone"}, 410), 410, {"code": "gone"}, {"content-type": JSON}),
    ("a location", (NoContent, 302, {"Location": "/there"}), 302, b"", {"location": "/there"}),
    ("a date", {"at": datetime.date(2026, 11, 1)}, 200, {"at": "2026-11-01"}, {}),
    ("a time without zone is UTC", {"at": datetime.datetime(2026, 11, 1, 12, 30)},
     200, {"at": "2026-11-01T12:30:00Z"}, {}),
    ("a time with a zone", {"at": datetime.datetime(2026, 11, 1, 12, 30, 0, 5, tzinfo=datetime.UTC)},
     200, {"at": "2026-11-01T12:30:00.000005+00:00"}, {}),
    ("a decimal", {"price": Decimal("1.25")}, 200, {"price": 1.25}, {}),
    ("a UUID", {"id": uuid.UUID(int=7)}, 200, {"id": "00000000-0000-0000-0000-000000000007"}, {}),
    ("keys that are numbers", {1: "a"}, 200, {"1": "a"}, {}),
    ("tuples inside", {"a": (1, 2)}, 200, {"a": [1, 2]}, {}),
    ("a number of any length", {"n": 10**30}, 200, {"n": 10**30}, {}),
    ("a named tuple", {"p": Point(1, 2)}, 200, {"p": [1, 2]}, {}),
    ("an ordered dictionary", collections.OrderedDict(b=1, a=2), 200, {"b": 1, "a": 2}, {}),
    ("a dictionary with a default", collections.defaultdict(int, a=1), 200, {"a": 1}, {}),
    ("a number of an enumeration", {"s": HTTPStatus.CREATED}, 200, {"s": 201}, {}),
    ("a string of an enumeration", {"s": Fruit.APPLE}, 200, {"s": "apple"}, {}),
    ("a kind of string", {"s": Name("x")}, 200, {"s": "x"}, {}),
    ("half a surrogate pair", {"s": "\ud83d"}, 200, {"s": "\ud83d"}, {}),
    ("keys of several kinds", {None: 1, True: 2, 1.5: 3}, 200, {"null": 1, "true": 2, "1.5": 3}, {}),
    ("deep nesting", NESTED, 200, NESTED, {}),
    ("a Connexion response with an object", ConnexionResponse(202, content_type=JSON, body={"a": 1}),
     202, {"a": 1}, {}),
    ("a starlette response", Response(b"x", 203, {"X-Colour": "red"}, "text/plain"), 203, b"x",
     {"x-colour": "red", "content-type": "text/plain; charset=utf-8"}),
    ("a JSON response", JSONResponse({"a": 1}, 201), 201, {"a": 1}, {"content-type": JSON}),
    ("a text response", PlainTextResponse("hello"), 200, b"hello", {"content-type": "text/plain; charset=utf-8"}),
    ("a page", HTMLResponse("<p>"), 200, b"<p>", {"content-type": "text/html; charset=utf-8"}),
    ("a redirect", RedirectResponse("/there"), 307, b"", {"location": "/there"}),
    ("a Connexion response", ConnexionResponse(201, content_type="text/plain", body="x", headers={"X-Colour": "red"}),
     201, b"x", {"x-colour": "red", "content-type": "text/plain"}),
    ("a problem", connexion.problem(404, "Not Found", "no such pet", type="https://errors.example/pet", ext={"id": 7}),
     404, {"type": "https://errors.example/pet", "title": "Not Found", "detail": "no such pet", "status": 404, "id": 7},
     {"content-type": "application/problem+json"}),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(
    ("shown", "value", "status", "expected", "headers"), RETURNS, ids=[case[0] for case in RETURNS]
)
def test_a_handler_may_return(serve, kind, shown, value, status, expected, headers) -> None:
    async def asynchronous() -> Any:
        return value

    client = serve(get(), asynchronous if kind == "async" else lambda: value)
    response = client.get("/", follow_redirects=False)
    assert response.status_code == status
    got = response.content if isinstance(expected, bytes) else response.json()
    if shown == "a problem":
        got = {name: got[name] for name in expected}
    assert got == expected
    assert {name: response.headers.get(name) for name in headers} == headers


def test_json_ends_with_a_new_line(serve) -> None:
    assert serve(get(), lambda: {"a": 1}).get("/").content.endswith(b"\n")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (object(), "it is no JSON"),
        ({"a": {1, 2}}, "a set is no JSON"),
        ((1, 2, {}, 4), "a tuple of four"),
        (({"a": 1}, "201"), "the status is a string"),
    ],
)
def test_what_cannot_be_returned_is_a_500_problem(serve, problem, value, why) -> None:
    assert problem(serve(get(), lambda: value).get("/"))["title"] == "Internal Server Error"


INFERRED: list[tuple[str, tuple[str, ...], Any, Any, str | None]] = [
    # what it shows, the media types in the document, what is returned, the body (bytes: raw; 500: refused), its type
    ("text", ("text/plain",), "hello", b"hello", "text/plain; charset=utf-8"),
    ("text and a status", ("text/plain",), ("hello", 200), b"hello", "text/plain; charset=utf-8"),
    ("a page", ("text/html",), "<p>", b"<p>", "text/html; charset=utf-8"),
    ("bytes", ("application/octet-stream",), b"\x00\xff", b"\x00\xff", "application/octet-stream"),
    ("an image", ("image/png",), b"\x89PNG", b"\x89PNG", "image/png"),
    ("XML", ("application/xml",), "<x/>", b"<x/>", "application/xml"),
    ("vendor JSON", ("application/vnd.pets+json",), {"a": 1}, {"a": 1}, "application/vnd.pets+json"),
    ("problem JSON", ("application/problem+json",), {"a": 1}, {"a": 1}, "application/problem+json"),
    ("a string where text is one of several", (JSON, "text/plain"), "hello", b"hello", "text/plain"),
    ("bytes where bytes are one of several", (JSON, "application/octet-stream"), b"x", b"x",
     "application/octet-stream"),
    ("an object, its type said", (JSON, "text/plain"), ({"a": 1}, 200, {"Content-Type": JSON}), {"a": 1}, JSON),
    ("a type said in lower case", (JSON, "text/csv"), ("a,b", {"content-type": "text/csv"}), b"a,b", "text/csv"),
    ("a type that the document does not have", (JSON,), ("a,b", 200, {"Content-Type": "text/csv"}), 500, ""),
    ("anything: an object", ("*/*",), {"a": 1}, {"a": 1}, None),
    ("anything: text", ("*/*",), "hello", b"hello", None),
    ("anything: bytes", ("*/*",), b"\x00", b"\x00", None),
    ("any image", ("image/*",), (b"x", {"Content-Type": "image/*"}), b"x", None),
    ("an object where text is produced", ("text/plain",), {"a": 1}, {"a": 1}, "text/plain"),
    ("JSON with parameters", ("application/json; charset=utf-8",), {"a": 1}, {"a": 1}, JSON),
    ("no type in the document", (), {"a": 1}, {"a": 1}, JSON),
]  # fmt: skip


@pytest.mark.parametrize(
    ("shown", "types", "value", "expected", "content_type"), INFERRED, ids=[c[0] for c in INFERRED]
)
def test_the_content_type_comes_from_the_document(serve, problem, shown, types, value, expected, content_type) -> None:
    responses = produces(*types) if types else {"200": {"description": "fine"}}
    response = serve(get(responses=responses), lambda: value).get("/")
    if expected == 500:
        assert problem(response)["status"] == 500
    else:
        got = response.content if isinstance(expected, bytes) else response.json()
        assert (response.status_code, got) == (200, expected)
        if content_type is not None:
            assert response.headers["content-type"].split(";")[0] == content_type.split(";")[0]


def test_swagger_2_produces_decides_about_the_content_type(serve) -> None:
    answer = {"responses": {"200": {"description": "fine"}}}
    text = {**answer, "operationId": "b", "produces": ["text/plain"]}
    document = swagger({"/a": {"get": {**answer, "operationId": "a"}}, "/b": {"get": text}})
    client = serve(document, {"a": lambda: "hello", "b": lambda: "hello"})
    assert client.get("/a").json() == "hello"
    assert client.get("/b").text == "hello"


def test_a_stream(serve) -> None:
    async def parts() -> Any:
        for number in range(3):
            yield f"line {number}\n"

    client = serve(get(responses=produces("text/plain")), lambda: StreamingResponse(parts(), media_type="text/plain"))
    assert client.get("/").text == "line 0\nline 1\nline 2\n"


def test_a_stream_from_a_generator(serve) -> None:
    def parts() -> Iterator[bytes]:
        yield from (b"a", b"b", b"c")

    client = serve(get(responses=produces("application/octet-stream")), lambda: StreamingResponse(parts(), 206))
    response = client.get("/")
    assert (response.status_code, response.content) == (206, b"abc")


def test_a_file(serve, tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("a,b\n")
    client = serve(get(responses=produces("text/csv")), lambda: FileResponse(path, filename="report.csv"))
    response = client.get("/")
    assert (response.status_code, response.text) == (200, "a,b\n")
    assert response.headers["content-disposition"] == 'attachment; filename="report.csv"'
    assert response.headers["content-length"] == "4"


def test_a_cookie_set_on_a_response(serve) -> None:
    def handler() -> Response:
        response = JSONResponse({})
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    response = serve(get(), handler).get("/")
    assert [cookie.split(";")[0] for cookie in response.headers.get_list("set-cookie")] == ["a=1", "b=2"]


def test_a_response_with_a_background_task(serve) -> None:
    done: list[str] = []
    client = serve(get(), lambda: JSONResponse({}, background=BackgroundTask(done.append, "done")))
    assert client.get("/").status_code == 200
    assert done == ["done"]


@dataclasses.dataclass
class Money:
    cents: int


class MoneyEncoder(connexion.jsonifier.JSONEncoder):
    def default(self, o: Any) -> Any:
        return f"{o.cents / 100:.2f}" if isinstance(o, Money) else super().default(o)


@pytest.mark.parametrize("where", ["app", "api"])
def test_a_users_own_jsonifier(serve, where) -> None:
    jsonifier = Jsonifier(cls=MoneyEncoder)
    options = {"app": {"jsonifier": jsonifier}} if where == "app" else {"jsonifier": jsonifier}
    client = serve(get(), lambda: {"price": Money(250), "at": datetime.date(2026, 1, 2)}, **options)
    assert client.get("/").json() == {"price": "2.50", "at": "2026-01-02"}


def test_a_jsonifier_with_another_library(serve) -> None:
    class Library:
        @staticmethod
        def dumps(data: Any, **_: Any) -> str:
            return json.dumps({"wrapped": data})

        loads = staticmethod(json.loads)

    assert serve(get(), lambda: 1, jsonifier=Jsonifier(Library)).get("/").json() == {"wrapped": 1}


@pytest.mark.parametrize("method", ["head", "options", "trace", "patch", "put", "delete"])
def test_every_method_can_be_declared(serve, method) -> None:
    document = openapi({"/": {method: operation()}})
    response = serve(document, lambda: ({"a": 1}, 200, {"X-Colour": "red"})).request(method.upper(), "/")
    assert (response.status_code, response.headers["x-colour"]) == (200, "red")
    assert (response.content == b"") if method == "head" else (response.json() == {"a": 1})


def test_one_path_with_many_methods(serve) -> None:
    methods = ["get", "put", "post", "delete", "patch"]
    document = openapi({"/": {method: operation(operationId=method) for method in methods}})
    client = serve(document, {method: lambda method=method: method for method in methods})
    for method in methods:
        assert client.request(method.upper(), "/").json() == method
