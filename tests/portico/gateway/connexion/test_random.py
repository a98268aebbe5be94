"""Random parameters and random query strings: the gateway reads them as stock Connexion does.

Examples that crash Connexion (500) say nothing; all others must give the same status and the same arguments.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import connexion
from connexion.uri_parsing import OpenAPIURIParser
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.portico.gateway.connexion.documents import body, echo, get, in_path, openapi, operation, post, query, swagger

from portico.gateway import Gateway

SCALARS = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer"},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "string", "nullable": True},
        {"type": "integer", "nullable": True, "minimum": 2},
        {"type": "string", "enum": ["a", "b"]},
        {"type": "integer", "default": 4},
        {"type": "string", "maxLength": 2},
    ]
)
ARRAYS = SCALARS.map(lambda items: {"type": "array", "items": {**items, "default": None, "nullable": None}}).map(
    lambda array: {**array, "items": {key: value for key, value in array["items"].items() if value is not None}}
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "c"]), SCALARS, max_size=3).map(
    lambda properties: {"type": "object", "properties": properties}
)
STYLES = st.sampled_from([{}, {"style": "form"}, {"style": "spaceDelimited"}, {"style": "pipeDelimited"}])
EXPLODES = st.sampled_from([{}, {"explode": True}, {"explode": False}])
WORDS = st.sampled_from(
    [
        *("", "a", "b", "abc", "1", "2", "-3", "+4", "007", "1.5", "1e3", ".5"),
        *("true", "False", "null", "None", "a,b", "1,2", "1|2", "1 2", ","),
    ]
)


@st.composite
def parameters(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for name in draw(st.lists(st.sampled_from(["p", "q", "r[]"]), min_size=1, max_size=2, unique=True)):
        schema = draw(st.one_of(SCALARS, ARRAYS, OBJECTS))
        if schema["type"] == "object":
            found.append(query(name, schema, style="deepObject", explode=True))
        else:
            way = {**draw(STYLES), **draw(EXPLODES)} if schema["type"] == "array" else {}
            found.append(query(name, schema, required=draw(st.booleans()) and not schema.get("nullable"), **way))
    return found


PAIRS = st.lists(st.tuples(st.sampled_from(["p", "q", "r[]", "p[a]", "p[b]", "q[a]", "z"]), WORDS), max_size=4)


class OwnParser(OpenAPIURIParser):
    """A parser of the user's own, that does what Connexion's does."""


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def client(app_class: Any, document: dict[str, Any], **options: Any) -> Any:
    app = app_class("scenario", validate_responses=False)
    app.add_api(document, resolver=lambda _name: echo, **options)
    return app.test_client()


def compare(document: dict[str, Any], paths: list[str], form: bool = False, **options: Any) -> None:
    """Asks both for the same, and compares what is not a crash of the one. A form travels in the body."""

    def ask(app: Any, path: str) -> Any:
        return app.post("/", content=path[2:], headers=FORM) if form else app.get(path)

    theirs, ours = client(connexion.AsyncApp, document, **options), client(Gateway, document, **options)
    for path in paths:
        expected = ask(theirs, path)
        if expected.status_code == 500:
            continue
        got = ask(ours, path)
        assert got.status_code == expected.status_code, (path, document["paths"], got.text, expected.text)
        if expected.status_code == 200:
            assert got.json() == expected.json(), (path, document["paths"])


def string(pairs: list[tuple[str, str]]) -> str:
    return "/?" + "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


QUICKLY = settings(max_examples=40, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@QUICKLY
@given(declared=parameters(), strings=st.lists(PAIRS, min_size=3, max_size=6), strict=st.booleans())
@example(declared=[query("p", {"type": "array", "items": {"type": "integer"}})], strings=[[("p", "")]], strict=False)
def test_random_queries(declared, strings, strict) -> None:
    compare(get(parameters=declared), [string(pairs) for pairs in strings], strict_validation=strict)


@QUICKLY
@given(declared=parameters(), strings=st.lists(PAIRS, min_size=3, max_size=6), strict=st.booleans())
def test_random_queries_by_a_parser_of_ones_own(declared, strings, strict) -> None:
    options = {"strict_validation": strict, "uri_parser_class": OwnParser}
    compare(get(parameters=declared), [string(pairs) for pairs in strings], **options)


@QUICKLY
@given(schema=st.one_of(SCALARS, ARRAYS), words=st.lists(WORDS.filter(bool), min_size=2, max_size=6))
def test_random_paths(schema, words) -> None:
    document = openapi({"/a/{v}": {"get": operation(parameters=[in_path("v", schema)])}})
    compare(document, [f"/a/{quote(word, safe='')}" for word in words])


FORMATS = st.sampled_from(
    [{}, {"collectionFormat": "csv"}, {"collectionFormat": "pipes"}, {"collectionFormat": "multi"}]
)


@QUICKLY
@given(
    schema=st.one_of(SCALARS, ARRAYS),
    way=FORMATS,
    required=st.booleans(),
    strings=st.lists(PAIRS, min_size=3, max_size=6),
)
def test_random_queries_of_swagger_2(schema, way, required, strings) -> None:
    schema = {{"nullable": "x-nullable"}.get(key, key): value for key, value in schema.items()}
    declared = {
        "in": "query",
        "name": "p",
        "required": required and not schema.get("x-nullable"),  # see differences.py
        **schema,
        **(way if schema["type"] == "array" else {}),
    }
    answer = {"operationId": "handler", "parameters": [declared], "responses": {"200": {"description": ""}}}
    compare(swagger({"/": {"get": answer}}), [string(pairs) for pairs in strings])


@QUICKLY
@given(
    properties=st.dictionaries(st.sampled_from(["p", "q"]), st.one_of(SCALARS, ARRAYS), min_size=1),
    explode=EXPLODES,
    required=st.booleans(),
    strings=st.lists(PAIRS.filter(bool), min_size=3, max_size=6),
    strict=st.booleans(),
)
def test_random_forms(properties, explode, required, strings, strict) -> None:
    schema = {"type": "object", "properties": properties, **({"required": ["p"]} if required else {})}
    declared = body(schema, FORM["Content-Type"])
    arrays = [name for name, field in properties.items() if field["type"] == "array"]
    if explode and arrays:
        declared["content"][FORM["Content-Type"]]["encoding"] = {name: {"style": "form", **explode} for name in arrays}
    document = post(requestBody=declared)
    compare(document, [string(pairs) for pairs in strings], form=True, strict_validation=strict)


def in_swagger(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema as a form field of Swagger 2.0, without what Connexion does not check there (see differences.py)."""
    kept = {key: value for key, value in schema.items() if key not in ("enum", "minimum", "maxLength", "items")}
    nested = {"items": in_swagger(schema["items"])} if "items" in schema else {}
    return {{"nullable": "x-nullable"}.get(key, key): value for key, value in kept.items()} | nested


@QUICKLY
@given(
    fields=st.dictionaries(st.sampled_from(["p", "q"]), st.one_of(SCALARS, ARRAYS), min_size=1),
    way=FORMATS.filter(lambda way: way.get("collectionFormat") != "pipes"),
    required=st.booleans(),
    strings=st.lists(PAIRS.filter(bool), min_size=3, max_size=6),
)
def test_random_forms_of_swagger_2(fields, way, required, strings) -> None:
    declared = [
        {"in": "formData", "name": name, "required": required, **in_swagger(field), **(way if "items" in field else {})}
        for name, field in fields.items()
    ]
    answer = {"operationId": "handler", "parameters": declared, "responses": {"200": {"description": ""}}}
    document = swagger({"/": {"post": {**answer, "consumes": [FORM["Content-Type"]]}}})
    compare(document, [string(pairs) for pairs in strings], form=True)
