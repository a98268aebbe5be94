"""Mocks answer as the document describes, and as the client prefers."""

from __future__ import annotations

import json
import time
from typing import Any
from xml.etree import ElementTree

import pytest

from portico.design import Api, read
from portico.gateway.mock import MockResponder, UnknownPreference
from portico.gateway.prefer import preferences
from portico.gateway.problems import NotAcceptable


def pets(responses: dict[str, Any], **components: Any) -> MockResponder:
    api = api_of(responses, components)
    return MockResponder(api, api.operations[0])


def api_of(responses: dict[str, Any], components: dict[str, Any]) -> Api:
    return read(
        {
            "openapi": "3.0.3",
            "info": {"title": "Pets", "version": "1"},
            "paths": {"/pet": {"get": {"operationId": "getPet", "responses": responses}}},
            "components": {"schemas": components},
        }
    )


def body(content: Any, kind: str = "application/json", **more: Any) -> dict[str, Any]:
    return {"description": "", "content": {kind: content}, **more}


CAT = {"summary": "A cat", "value": {"name": "Minka"}}
DOG = {"value": {"name": "Rex"}}
TWO = {
    "200": body({"schema": {"type": "object"}, "examples": {"cat": CAT, "a dog": DOG}}),
    "404": body({"schema": {"type": "object", "required": ["why"], "properties": {"why": {"type": "string"}}}}),
}


def test_without_a_preference_the_lowest_success_is_answered_with_its_first_example() -> None:
    status, headers, content = pets({"404": TWO["404"], "201": TWO["404"], **TWO}).answer(None, None)
    assert (status, json.loads(content)) == (200, {"name": "Minka"})
    assert headers == {"Content-Type": "application/json", "Portico-Mock": "true"}


def test_a_client_chooses_answer_and_example() -> None:
    status, headers, content = pets(TWO).answer('code=200; foo, EXAMPLE = "a dog", code=404', "*/*")
    assert (status, json.loads(content)) == (200, {"name": "Rex"})
    assert headers["Preference-Applied"] == 'code=200, example="a dog"'


def test_an_answer_without_examples_is_built_from_its_schema() -> None:
    status, headers, content = pets(TWO).answer("code=404", None)
    assert (status, json.loads(content)) == (404, {"why": "why"})
    assert headers["Preference-Applied"] == "code=404"


@pytest.mark.parametrize(
    ("prefer", "detail"),
    [
        ("code=500", "There is no answer '500' here. There are: 200, 404."),
        ("code=2OO", "There is no answer '2OO' here. There are: 200, 404."),
        ("code=99999999999", "There is no answer '99999999999' here. There are: 200, 404."),
        ("code=", "There is no answer '' here. There are: 200, 404."),
        ("example=mouse", "There is no example 'mouse' here. There are: cat, a dog."),
        ("code=404, example=cat", "There is no example 'cat' here. There are: none."),
    ],
)
def test_a_wish_that_the_document_cannot_grant_names_the_choices(prefer: str, detail: str) -> None:
    with pytest.raises(UnknownPreference) as caught:
        pets(TWO).answer(prefer, None)
    assert (caught.value.status, caught.value.detail) == (400, detail)


def test_ranges_and_default_stand_for_the_codes_that_they_cover() -> None:
    responder = pets({"2XX": body({"example": 2}), "4XX": body({"example": 4}), "default": body({"example": 0})})
    assert [responder.answer(prefer, None)[0] for prefer in (None, "code=202", "code=418", "code=503")] == [
        200,
        202,
        418,
        503,
    ]
    assert responder.answer("code=418", None)[2] == b"4\n"
    assert responder.answer("code=503", None)[2] == b"0\n"
    with pytest.raises(UnknownPreference):
        responder.answer("code=101", None)


@pytest.mark.parametrize(
    ("responses", "status"), [({"default": {"description": ""}}, 200), ({"302": {"description": ""}}, 302)]
)
def test_documents_that_name_no_success_are_answered_too(responses: dict[str, Any], status: int) -> None:
    assert pets(responses).answer(None, None)[0] == status


def test_no_content_has_no_body_and_no_type() -> None:
    status, headers, content = pets({"204": {"description": "Gone."}}).answer(None, "application/json")
    assert (status, headers, content) == (204, {"Portico-Mock": "true"}, b"")


def test_the_client_chooses_the_media_type() -> None:
    both = {
        "200": {"description": "", "content": {"application/json": {"example": {"a": 1}}, "text/csv": {"example": "a"}}}
    }
    assert pets(both).answer(None, "text/csv, application/json;q=0.5")[1]["Content-Type"] == "text/csv; charset=utf-8"
    assert pets(both).answer(None, None)[1]["Content-Type"] == "application/json"
    with pytest.raises(NotAcceptable):
        pets(both).answer(None, "image/png")


def test_a_named_example_brings_its_media_type() -> None:
    content = {
        "application/json": {"examples": {"one": {"value": 1}}},
        "text/plain": {"examples": {"two": {"value": "zwei"}}},
    }
    responder = pets({"200": {"description": "", "content": content}})
    assert responder.answer("example=two", None)[2] == b"zwei"
    with pytest.raises(NotAcceptable):
        responder.answer("example=two", "application/json")


def test_xml_is_written_as_the_document_names_it() -> None:
    pet = {
        "type": "object",
        "properties": {
            "id": {"type": "integer", "example": 7, "xml": {"attribute": True}},
            "name": {"type": "string", "example": "<&>"},
            "tags": {"type": "array", "xml": {"wrapped": True}, "items": {"type": "string", "example": "t"}},
        },
    }
    responder = pets({"200": body({"schema": {"$ref": "#/components/schemas/Pet"}}, "application/xml")}, Pet=pet)
    root = ElementTree.fromstring(responder.answer(None, None)[2])  # noqa: S314 — our own
    assert (root.tag, root.get("id"), root.findtext("name"), root.findtext("tags/tags")) == ("Pet", "7", "<&>", "t")


def test_files_have_some_content_of_their_type() -> None:
    binary = {"schema": {"type": "string", "format": "binary"}}
    assert pets({"200": body(binary, "image/png")}).answer(None, None)[2].startswith(b"\x89PNG")
    assert pets({"200": body(binary, "image/*")}).answer(None, None)[1]["Content-Type"] == "image/png"
    assert pets({"200": body(binary, "application/pdf")}).answer(None, None)[2] == b"content"


def test_headers_of_the_document_are_answered_but_never_those_that_are_the_gateways() -> None:
    text = {"schema": {"type": "string"}}
    headers = {
        "X-Total": {"schema": {"type": "integer", "minimum": 42}},
        "X-Tags": {"schema": {"type": "array", "items": {"type": "string"}}, "example": ["a", "b"]},
        "X-Evil": {"schema": {"type": "string"}, "example": "a\r\nSet-Cookie: x=1\x00é"},
        "Bad Name:\r\n": text,
        "Content-Length": text,
        "Transfer-Encoding": text,
        "Access-Control-Allow-Origin": {"schema": {"type": "string"}, "example": "*"},
        "Portico-Mock": text,
    }
    found = pets({"204": {"description": "", "headers": headers}}).answer(None, None)[1]
    assert found == {"X-Total": "42", "X-Tags": "a,b", "X-Evil": "a??Set-Cookie: x=1??", "Portico-Mock": "true"}


def test_what_a_client_prefers_cannot_smuggle_a_header() -> None:
    responder = pets({"200": body({"examples": {'x"\r\nSet-Cookie: a=b': {"value": 1}}})})
    headers = responder.answer('example="x\\"\r\nSet-Cookie: a=b"', None)[1]
    assert headers["Preference-Applied"] == 'example="x\\"??Set-Cookie: a=b"'


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (None, {}),
        ("", {}),
        ("respond-async, wait=10", {"respond-async": "", "wait": "10"}),
        ('Lenient; foo="a,b", code = 404', {"lenient": "", "code": "404"}),
        ('example="a \\"b\\""', {"example": 'a "b"'}),
        ("code=404, code=200", {"code": "404"}),
        (", ,,code=1", {"code": "1"}),
        ('example="never closed', {"example": ""}),
        ("=", {}),
    ],
)
def test_the_prefer_header_is_read_as_rfc_7240_writes_it(header: str | None, found: dict[str, str]) -> None:
    assert preferences(header) == found


@pytest.mark.parametrize("header", ['"' * 5_000, 'a="' + "\\" * 60_000, "," * 60_000, "a;" * 60_000, "a=" * 60_000])
def test_a_hostile_prefer_header_costs_little(header: str) -> None:
    started = time.process_time()
    preferences(header)
    assert time.process_time() - started < 0.2


def test_answers_are_made_once() -> None:
    responder = pets(TWO)
    responder.answer(None, None)
    started = time.process_time()
    for _ in range(1_000):
        responder.answer("code=404", "application/json")
    assert (time.process_time() - started) / 1_000 < 0.000_3
