"""Random parameters and random query strings: the gateway reads them as stock Connexion does.

Examples that crash Connexion (500) say nothing; all others must give the same status and the same arguments.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import connexion
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.portico.gateway.connexion.documents import echo, get, in_path, openapi, operation, query, swagger

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


def client(app_class: Any, document: dict[str, Any], **options: Any) -> Any:
    app = app_class("scenario", validate_responses=False)
    app.add_api(document, resolver=lambda _name: echo, **options)
    return app.test_client()


@pytest.fixture(scope="module")
def gateway() -> Any:
    module = pytest.importorskip("portico.gateway")
    return getattr(module, "Gateway", None) or pytest.skip("portico.gateway has no Gateway yet")


def compare(gateway: Any, document: dict[str, Any], paths: list[str], **options: Any) -> None:
    """Asks both for the same, and compares what is not a crash of the one."""
    theirs, ours = client(connexion.AsyncApp, document, **options), client(gateway, document, **options)
    for path in paths:
        expected = theirs.get(path)
        if expected.status_code == 500:
            continue
        got = ours.get(path)
        assert got.status_code == expected.status_code, (path, document["paths"], got.text, expected.text)
        if expected.status_code == 200:
            assert got.json() == expected.json(), (path, document["paths"])


def string(pairs: list[tuple[str, str]]) -> str:
    return "/?" + "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


QUICKLY = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@QUICKLY
@given(declared=parameters(), strings=st.lists(PAIRS, min_size=3, max_size=6), strict=st.booleans())
@example(declared=[query("p", {"type": "array", "items": {"type": "integer"}})], strings=[[("p", "")]], strict=False)
def test_random_queries(gateway, declared, strings, strict) -> None:
    compare(gateway, get(parameters=declared), [string(pairs) for pairs in strings], strict_validation=strict)


@QUICKLY
@given(schema=st.one_of(SCALARS, ARRAYS), words=st.lists(WORDS.filter(bool), min_size=2, max_size=6))
def test_random_paths(gateway, schema, words) -> None:
    document = openapi({"/a/{v}": {"get": operation(parameters=[in_path("v", schema)])}})
    compare(gateway, document, [f"/a/{quote(word, safe='')}" for word in words])


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
def test_random_queries_of_swagger_2(gateway, schema, way, required, strings) -> None:
    schema = {{"nullable": "x-nullable"}.get(key, key): value for key, value in schema.items()}
    declared = {
        "in": "query",
        "name": "p",
        "required": required and not schema.get("x-nullable"),  # see differences.py
        **schema,
        **(way if schema["type"] == "array" else {}),
    }
    answer = {"operationId": "handler", "parameters": [declared], "responses": {"200": {"description": ""}}}
    compare(gateway, swagger({"/": {"get": answer}}), [string(pairs) for pairs in strings])
