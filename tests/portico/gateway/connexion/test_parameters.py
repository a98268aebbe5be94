"""Parameters: how they are read, converted, defaulted, checked and named."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

import pytest
from connexion.uri_parsing import AlwaysMultiURIParser, FirstValueURIParser, OpenAPIURIParser
from tests.portico.gateway.connexion.documents import echo, get, in_path, openapi, operation, parameter, query, swagger

INTEGERS = {"type": "array", "items": {"type": "integer"}}
STRINGS = {"type": "array", "items": {"type": "string"}}
FILTER = {"type": "object", "properties": {"size": {"type": "integer"}, "colour": {"type": "string"}}}

QUERIES: list[tuple[str, dict[str, Any], str, Any]] = [
    # what it shows, the parameter, the query string, what the handler gets (400: refused)
    ("a string", query("a"), "?a=x", {"a": "x"}),
    ("an empty string", query("a"), "?a=", {"a": ""}),
    ("a string with plus and percent", query("a"), "?a=x+y%2Bz", {"a": "x y+z"}),
    ("letters of any script", query("a"), "?a=%C3%A9%E2%9C%93", {"a": "é✓"}),
    ("an absent optional parameter is not passed", query("a"), "", {}),
    ("an absent required parameter", query("a", required=True), "", 400),
    ("an integer", query("a", "integer"), "?a=7", {"a": 7}),
    ("a negative integer", query("a", "integer"), "?a=-7", {"a": -7}),
    ("a word for an integer", query("a", "integer"), "?a=seven", 400),
    ("a fraction for an integer", query("a", "integer"), "?a=1.5", 400),
    ("an integer below its minimum", query("a", {"type": "integer", "minimum": 1}), "?a=0", 400),
    ("an exclusive minimum", query("a", {"type": "integer", "minimum": 1, "exclusiveMinimum": True}), "?a=1", 400),
    ("a number", query("a", "number"), "?a=1.5", {"a": 1.5}),
    ("a whole number for a number", query("a", "number"), "?a=2", {"a": 2.0}),
    ("a boolean", query("a", "boolean"), "?a=true", {"a": True}),
    ("a boolean in capitals", query("a", "boolean"), "?a=FALSE", {"a": False}),
    ("one is not a boolean", query("a", "boolean"), "?a=1", 400),
    ("an enumeration", query("a", {"type": "string", "enum": ["x", "y"]}), "?a=y", {"a": "y"}),
    ("a value out of its enumeration", query("a", {"type": "string", "enum": ["x", "y"]}), "?a=z", 400),
    ("a pattern", query("a", {"type": "string", "pattern": "^x+$"}), "?a=xyx", 400),
    ("a length", query("a", {"type": "string", "maxLength": 2}), "?a=xyz", 400),
    ("a default", query("a", {"type": "integer", "default": 5}), "", {"a": 5}),
    ("a default that is null", query("a", {"type": "string", "nullable": True, "default": None}), "", {"a": None}),
    ("a default that the request overrides", query("a", {"type": "integer", "default": 5}), "?a=6", {"a": 6}),
    ("a default array", query("a", {**INTEGERS, "default": [1, 2]}), "", {"a": [1, 2]}),
    ("null where it may be null", query("a", {"type": "integer", "nullable": True}), "?a=null", {"a": None}),
    ("None where it may be null", query("a", {"type": "integer", "nullable": True}), "?a=None", {"a": None}),
    ("null for a string that may not be null", query("a"), "?a=null", {"a": "null"}),
    ("null where it may not be null", query("a", "integer"), "?a=null", 400),
    ("a value given twice: the last", query("a"), "?a=1&a=2", {"a": "2"}),
    ("an exploded array", query("a", INTEGERS), "?a=1&a=2", {"a": [1, 2]}),
    ("an exploded array given as a list", query("a", INTEGERS), "?a=1,2&a=3", {"a": [1, 2, 3]}),
    ("an array of one", query("a", STRINGS), "?a=x", {"a": ["x"]}),
    ("an array that is not exploded", query("a", INTEGERS, explode=False), "?a=1,2", {"a": [1, 2]}),
    ("an array that is not exploded, given twice: the last", query("a", INTEGERS, explode=False), "?a=1,2&a=3,4",
     {"a": [3, 4]}),
    ("a word in an array of integers", query("a", INTEGERS), "?a=1,x", 400),
    ("too many items", query("a", {**INTEGERS, "maxItems": 1}), "?a=1&a=2", 400),
    ("too few items", query("a", {**INTEGERS, "minItems": 3}), "?a=1&a=2", 400),
    ("repeated items", query("a", {**INTEGERS, "uniqueItems": True}), "?a=1&a=1", 400),
    ("an array of booleans", query("a", {"type": "array", "items": {"type": "boolean"}}), "?a=true&a=false",
     {"a": [True, False]}),
    ("an array of numbers", query("a", {"type": "array", "items": {"type": "number"}}), "?a=1.5,2", {"a": [1.5, 2.0]}),
    ("space delimited", query("a", INTEGERS, style="spaceDelimited", explode=False), "?a=1%202", {"a": [1, 2]}),
    ("space delimited, exploded", query("a", INTEGERS, style="spaceDelimited", explode=True), "?a=1&a=2",
     {"a": [1, 2]}),
    ("pipe delimited", query("a", INTEGERS, style="pipeDelimited", explode=False), "?a=1%7C2", {"a": [1, 2]}),
    ("pipe delimited, exploded", query("a", INTEGERS, style="pipeDelimited", explode=True), "?a=1&a=2|3",
     {"a": [1, 2, 3]}),
    ("pipe delimited says nothing of explode: the last", query("a", INTEGERS, style="pipeDelimited"), "?a=1|2&a=3|4",
     {"a": [3, 4]}),
    ("brackets in the name", query("a[]", STRINGS), "?a[]=x&a[]=y", {"a": ["x", "y"]}),
    ("a dollar in the name", query("$top", "integer"), "?$top=3", {"top": 3}),
    ("dots and dashes in the name", query("page.of-all"), "?page.of-all=3", {"pageofall": "3"}),
    ("digits at the front of the name", query("2nd"), "?2nd=x", {"nd": "x"}),
    ("an index in the name", query("filter[size]", "integer"), "?filter[size]=3", {"filter_size": 3}),
    ("a deep object", query("f", FILTER, style="deepObject", explode=True), "?f[size]=3&f[colour]=red",
     {"f": {"size": 3, "colour": "red"}}),
    ("a deep object with an unnamed property", query("f", FILTER, style="deepObject", explode=True), "?f[weight]=3",
     {"f": {"weight": "3"}}),
    ("a wrong type in a deep object", query("f", FILTER, style="deepObject", explode=True), "?f[size]=big", 400),
    ("a deep object of deep objects",
     query("f", {"type": "object", "properties": {"a": FILTER}}, style="deepObject", explode=True),
     "?f[a][size]=3&f[a][colour]=red", {"f": {"a": {"size": 3, "colour": "red"}}}),
    ("the defaults of an object's properties",
     query("f", {"type": "object", "properties": {"a": {"type": "integer", "default": 1}, "b": {"type": "string"}}},
           style="deepObject", explode=True),
     "?f[b]=x", {"f": {"a": 1, "b": "x"}}),
    ("the defaults of an object that is absent",
     query("f", {"type": "object", "properties": {"a": {"type": "integer", "default": 1}}},
           style="deepObject", explode=True),
     "", {"f": {"a": 1}}),
    ("the default of a whole object",
     query("f", {"type": "object", "default": {"z": 1}, "properties": {"a": {"type": "integer", "default": 1}}},
           style="deepObject", explode=True),
     "", {"f": {"z": 1}}),
    ("a required deep object that is absent", query("f", FILTER, style="deepObject", explode=True, required=True), "",
     400),
    ("a deep object without brackets", query("f", FILTER, style="deepObject", explode=True), "?f=size,3", 400),
    ("an empty deep object", query("f", FILTER, style="deepObject", explode=True), "?f=", {"f": {}}),
    ("a date", query("a", {"type": "string", "format": "date"}), "?a=2026-11-01", {"a": "2026-11-01"}),
    ("an address that is none", query("a", {"type": "string", "format": "ipv4"}), "?a=1.2.3.400", 400),
    ("a name without an equals sign", query("a"), "?a", {"a": ""}),
    ("a name without an equals sign for an integer", query("a", "integer"), "?a", 400),
    ("empty pairs", query("a"), "?&&a=1&&", {"a": "1"}),
    ("a semicolon separates nothing", query("a"), "?a=1;b=2", {"a": "1;b=2"}),
    ("bytes that are no text", query("a"), "?a=%ff", {"a": "\ufffd"}),
    ("an escaped name", query("a b"), "?a%20b=1", {"ab": "1"}),
    ("an integer of any length", query("a", "integer"), f"?a={10**30}", {"a": 10**30}),
    ("a parameter that the document does not name", query("a"), "?a=x&b=y", {"a": "x"}),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "given", "string", "expected"), QUERIES, ids=[case[0] for case in QUERIES])
def test_a_query_parameter_reaches_the_handler(serve, problem, shown, given, string, expected) -> None:
    response = serve(get(parameters=[given]), echo).get(f"/{string}")
    if expected == 400:
        assert response.status_code == 400
        assert problem(response)["title"] == "Bad Request"
    else:
        assert (response.status_code, response.json()) == (200, expected)


PATHS: list[tuple[str, dict[str, Any], str, Any]] = [
    # what it shows, the parameter, the rest of the address, what the handler gets
    ("a string", in_path("v"), "x", {"v": "x"}),
    ("an escaped space", in_path("v"), "x%20y", {"v": "x y"}),
    ("an integer", in_path("v", "integer"), "12", {"v": 12}),
    ("a signed integer", in_path("v", "integer"), "-12", {"v": -12}),
    ("a plus before an integer", in_path("v", "integer"), "+12", {"v": 12}),
    ("a word for an integer is another address", in_path("v", "integer"), "twelve", 404),
    ("a fraction for an integer is another address", in_path("v", "integer"), "1.5", 404),
    ("an integer above its maximum", in_path("v", {"type": "integer", "maximum": 10}), "12", 400),
    ("a number", in_path("v", "number"), "1.5", {"v": 1.5}),
    ("a whole number", in_path("v", "number"), "3", {"v": 3.0}),
    ("a negative number", in_path("v", "number"), "-0.5", {"v": -0.5}),
    ("a word for a number is another address", in_path("v", "number"), "many", 404),
    ("a boolean", in_path("v", "boolean"), "true", {"v": True}),
    ("a word for a boolean", in_path("v", "boolean"), "yes", 400),
    ("a slash is another address", in_path("v"), "x/y", 404),
    ("a path with slashes", in_path("v", {"type": "string", "format": "path"}), "x/y/z.txt", {"v": "x/y/z.txt"}),
    ("an array", in_path("v", INTEGERS), "1,2,3", {"v": [1, 2, 3]}),
    ("an array of one", in_path("v", STRINGS), "x", {"v": ["x"]}),
    ("a word in an array of integers", in_path("v", INTEGERS), "1,x", 400),
    ("an enumeration", in_path("v", {"type": "string", "enum": ["x"]}), "y", 400),
    ("null where it may be null", in_path("v", {"type": "string", "nullable": True}), "null", {"v": None}),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "given", "rest", "expected"), PATHS, ids=[case[0] for case in PATHS])
def test_a_path_parameter_reaches_the_handler(serve, problem, shown, given, rest, expected) -> None:
    client = serve(openapi({"/things/{v}": {"get": operation(parameters=[given])}}), echo)
    response = client.get(f"/things/{rest}")
    if isinstance(expected, int):
        assert response.status_code == expected
        problem(response)
    else:
        assert (response.status_code, response.json()) == (200, expected)


def test_a_path_parameter_with_a_dash_arrives_with_an_underscore(serve) -> None:
    document = openapi({"/a/{my-id}": {"get": operation(parameters=[in_path("my-id")])}})
    response = serve(document, lambda my_id: {"my_id": my_id}).get("/a/7")
    assert (response.status_code, response.json()) == (200, {"my_id": "7"})


def test_parameters_of_the_path_item_belong_to_each_operation(serve) -> None:
    document = openapi({"/a/{v}": {"parameters": [in_path("v", "integer")], "get": operation(parameters=[query("q")])}})
    assert serve(document, echo).get("/a/7?q=x").json() == {"v": 7, "q": "x"}


def test_several_parameters_between_literal_text(serve) -> None:
    document = openapi({"/{x}-to-{y}/end": {"get": operation(parameters=[in_path("x", "integer"), in_path("y")])}})
    assert serve(document, echo).get("/3-to-z/end").json() == {"x": 3, "y": "z"}


def test_a_literal_path_written_first_wins_over_a_template(serve) -> None:
    paths = {
        "/things/mine": {"get": operation(operationId="mine")},
        "/things/{v}": {"get": operation(operationId="any", parameters=[in_path("v")])},
    }
    client = serve(openapi(paths), {"mine": lambda: "mine", "any": lambda v: f"any {v}"})
    assert client.get("/things/mine").json() == "mine"
    assert client.get("/things/yours").json() == "any yours"


def test_a_type_in_the_path_chooses_between_templates(serve) -> None:
    paths = {
        "/things/{number}": {"get": operation(operationId="number", parameters=[in_path("number", "integer")])},
        "/things/{word}/": {"get": operation(operationId="word", parameters=[in_path("word")])},
    }
    client = serve(openapi(paths), {"number": lambda number: number, "word": lambda word: word})
    assert client.get("/things/7").json() == 7
    assert client.get("/things/x/").json() == "x"


SWAGGER: list[tuple[str, dict[str, Any], str, Any]] = [
    ("an integer", {"type": "integer"}, "?a=7", {"a": 7}),
    ("a default", {"type": "integer", "default": 3}, "", {"a": 3}),
    ("null where it may be null", {"type": "integer", "x-nullable": True}, "?a=null", {"a": None}),
    ("a wrong type", {"type": "integer"}, "?a=x", 400),
    ("commas by default", INTEGERS, "?a=1,2", {"a": [1, 2]}),
    ("commas", {**INTEGERS, "collectionFormat": "csv"}, "?a=1,2", {"a": [1, 2]}),
    ("commas, given twice: the last", {**INTEGERS, "collectionFormat": "csv"}, "?a=1,2&a=3", {"a": [3]}),
    ("pipes", {**INTEGERS, "collectionFormat": "pipes"}, "?a=1|2", {"a": [1, 2]}),
    ("many", {**INTEGERS, "collectionFormat": "multi"}, "?a=1&a=2", {"a": [1, 2]}),
    ("many, with commas", {**INTEGERS, "collectionFormat": "multi"}, "?a=1,2&a=3", {"a": [1, 2, 3]}),
    ("a required parameter", {"type": "string", "required": True}, "", 400),
]


@pytest.mark.parametrize(("shown", "given", "string", "expected"), SWAGGER, ids=[case[0] for case in SWAGGER])
def test_a_swagger_2_query_parameter_reaches_the_handler(serve, problem, shown, given, string, expected) -> None:
    parameters = [{"in": "query", "name": "a", **given}]
    operations = {
        "get": {"operationId": "handler", "parameters": parameters, "responses": {"200": {"description": ""}}}
    }
    response = serve(swagger({"/": operations}), echo).get(f"/{string}")
    if expected == 400:
        assert problem(response)["status"] == 400
    else:
        assert (response.status_code, response.json()) == (200, expected)


@pytest.mark.parametrize(
    ("parser", "given", "expected"),
    [
        (FirstValueURIParser, {}, [1, 2]),
        (FirstValueURIParser, {"collectionFormat": "multi"}, [1, 2, 3]),
        (AlwaysMultiURIParser, {}, [1, 2, 3]),
        (None, {}, [3]),
    ],
)
def test_a_uri_parser_decides_about_values_given_twice(serve, parser, given, expected) -> None:
    parameters = [{"in": "query", "name": "a", **INTEGERS, **given}]
    operations = {
        "get": {"operationId": "handler", "parameters": parameters, "responses": {"200": {"description": ""}}}
    }
    client = serve(swagger({"/": operations}), echo, uri_parser_class=parser)
    assert client.get("/?a=1,2&a=3").json() == {"a": expected}


def test_a_users_own_uri_parser_is_used_for_query_and_path(serve) -> None:
    class Shouting(OpenAPIURIParser):
        def resolve_query(self, query_data):
            return {name: values[-1].upper() for name, values in query_data.items()}

        def resolve_path(self, path_data):
            return {name: f"<{value}>" for name, value in path_data.items()}

    document = openapi({"/{v}": {"get": operation(parameters=[in_path("v"), query("a")])}})
    assert serve(document, echo, uri_parser_class=Shouting).get("/x?a=quiet").json() == {"v": "<x>", "a": "QUIET"}


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("pageSize", "page_size"),
        ("HTTPCode", "http_code"),
        ("x-request-kind", "x_request_kind"),
        ("filter", "filter_"),
        ("class", "class_"),
        ("ID", "id_"),
        ("plain", "plain"),
        ("userIDs[]", "user_i_ds"),
        ("$orderBy", "order_by"),
    ],
)
def test_pythonic_params_rename(serve, name, argument) -> None:
    response = serve(get(parameters=[query(name)]), echo, pythonic_params=True).get("/", params={name: "x"})
    assert response.json() == {argument: "x"}


def test_pythonic_params_rename_parameters_of_the_path(serve) -> None:
    document = openapi({"/a/{petId}": {"get": operation(parameters=[in_path("petId", "integer")])}})
    assert serve(document, lambda pet_id: pet_id, pythonic_params=True).get("/a/3").json() == 3


def test_names_stay_as_they_are_without_pythonic_params(serve) -> None:
    given = [query("pageSize"), query("filter"), query("class")]
    response = serve(get(parameters=given), echo).get("/?pageSize=1&filter=2&class=3")
    assert response.json() == {"pageSize": "1", "filter": "2", "class": "3"}


def test_pythonic_params_can_be_set_on_the_app(serve) -> None:
    client = serve(get(parameters=[query("pageSize")]), echo, app={"pythonic_params": True})
    assert client.get("/?pageSize=1").json() == {"page_size": "1"}


@pytest.mark.parametrize(
    ("place", "given", "status"),
    [
        ("header", {"X-Count": "7"}, 200),
        ("header", {"X-Count": "seven"}, 400),
        ("header", {}, 400),
        ("cookie", {"Cookie": "X-Count=7"}, 200),
        ("cookie", {"Cookie": "Other=7"}, 400),
    ],
)
def test_headers_and_cookies_are_checked(serve, place, given, status) -> None:
    schema = {"type": "string", "pattern": "^[0-9]+$"}
    client = serve(get(parameters=[parameter(place, "X-Count", schema, required=True)]), lambda: "fine")
    assert client.get("/", headers=given).status_code == status


def test_header_names_have_no_case(serve) -> None:
    client = serve(get(parameters=[parameter("header", "X-Key", required=True)]), lambda: "fine")
    assert client.get("/", headers={"x-kEY": "1"}).status_code == 200


def test_strict_validation_refuses_query_parameters_without_name(serve, problem) -> None:
    client = serve(get(parameters=[query("a")]), echo, strict_validation=True)
    assert client.get("/?a=1").status_code == 200
    refused = client.get("/?a=1&b=2")
    assert "b" in problem(refused)["detail"]
    assert refused.status_code == 400


@pytest.mark.parametrize("parser", [None, OpenAPIURIParser])
def test_strict_validation_knows_the_api_key_in_the_query(serve, module, parser) -> None:
    module("keys", check=lambda key: {"sub": key})
    document = get(parameters=[query("a")], security=[{"key": []}])
    scheme = {"type": "apiKey", "in": "query", "name": "key", "x-apikeyInfoFunc": "keys.check"}
    document["components"] = {"securitySchemes": {"key": scheme}}
    client = serve(document, echo, strict_validation=True, uri_parser_class=parser)
    assert client.get("/?a=1&key=k").status_code == 200
    assert client.get("/?a=1&key=k&b=2").status_code == 400


def test_a_handler_may_take_fewer_arguments_than_the_document_has(serve) -> None:
    client = serve(get(parameters=[query("a"), query("b")]), lambda a: {"a": a})
    assert client.get("/?a=1&b=2").json() == {"a": "1"}


def test_a_handlers_own_default_fills_an_absent_parameter(serve) -> None:
    client = serve(get(parameters=[query("a")]), lambda a="mine": {"a": a})
    assert client.get("/").json() == {"a": "mine"}


def decorated(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return {"decorated": function(*args, **kwargs)}

    return wrapper


class Adder:
    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, a: int) -> int:
        return a + self.number

    def method(self, a: int) -> int:
        return a + self.number

    @classmethod
    def of_class(cls, a: int) -> int:
        return a + 1

    @staticmethod
    def static(a: int) -> int:
        return a + 1


async def asynchronous(a: int) -> int:
    return a + 1


CALLABLES = [
    ("a decorated function", decorated(lambda a: a + 1), {"decorated": 3}),
    ("an asynchronous function", asynchronous, 3),
    ("a callable object", Adder(1), 3),
    ("a bound method", Adder(1).method, 3),
    ("a class method", Adder.of_class, 3),
    ("a static method", Adder.static, 3),
    ("a partial function", functools.partial(lambda a, b: a + b, b=1), 3),
    ("a partial asynchronous function", functools.partial(asynchronous), 3),
    ("a keyword-only argument", lambda *, a: a + 1, 3),
    ("arguments by name beside the rest", lambda a, **rest: [a, rest], [2, {"other": "x"}]),
]


@pytest.mark.parametrize(("shown", "handler", "expected"), CALLABLES, ids=[case[0] for case in CALLABLES])
def test_a_handler_may_be(serve, shown, handler, expected) -> None:
    client = serve(get(parameters=[query("a", "integer"), query("other")]), handler)
    response = client.get("/?a=2&other=x")
    assert (response.status_code, response.json()) == (200, expected)


def test_a_sync_handler_runs_beside_the_event_loop(serve) -> None:
    def handler() -> bool:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return True
        return False

    assert serve(get(), handler).get("/").json() is True
