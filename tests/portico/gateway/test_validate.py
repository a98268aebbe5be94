"""Requests that do not fit the document: every fault is told, each with its place."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.portico.gateway.designs import JSON, document, json_body, operation

from portico.config import Config
from portico.config import Gateway as GatewaySettings

Serve = Callable[..., TestClient]

NUMBERED = {"type": "object", "properties": {"n": {"type": "integer"}}}
ORDER = {
    "type": "object",
    "required": ["items", "email"],
    "additionalProperties": False,
    "properties": {
        "email": {"type": "string", "format": "email"},
        "items": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "properties": {"n": {"type": "integer"}}},
        },
    },
}
QUERY = [
    {"name": "page", "in": "query", "required": True, "schema": {"type": "integer", "minimum": 1}},
    {"name": "X-Trace", "in": "header", "schema": {"type": "string", "maxLength": 3}},
    {"name": "mood", "in": "cookie", "schema": {"enum": ["good", "bad"]}},
]
DOC = document({"/orders": {"post": operation("order", requestBody=json_body(ORDER), parameters=QUERY)}})


async def order(**_arguments: Any) -> dict[str, bool]:
    return {"ok": True}


def faults(answer: Any) -> set[tuple[str, str]]:
    assert answer.status_code == 400, answer.text
    return {(fault["in"], fault["pointer"]) for fault in answer.json()["errors"]}


def test_every_fault_of_a_request_is_told_at_once(serve: Serve) -> None:
    client = serve(DOC, {"order": order})
    client.cookies.set("mood", "so-so")
    body = {"items": [{"n": 1}, {"n": "two"}], "email": "nobody", "a/b": 1}
    answer = client.post("/orders?page=0", json=body, headers={"X-Trace": "long"})
    assert faults(answer) == {
        ("query", "/page"),
        ("header", "/X-Trace"),
        ("cookie", "/mood"),
        ("body", "/items/1/n"),
        ("body", "/email"),
        ("body", ""),
    }


def test_a_missing_required_parameter_is_named(serve: Serve) -> None:
    answer = serve(DOC, {"order": order}).post("/orders", json={"items": [{}], "email": "a@b.example"})
    assert faults(answer) == {("query", "/page")}
    assert "Missing query parameter 'page'" in answer.json()["detail"]


def test_faults_are_bounded(serve: Serve) -> None:
    client = serve(DOC, {"order": order})
    body = {"items": [{"n": "x" * 1_000}] * 500, "email": "a@b.example"}
    answer = client.post("/orders?page=1", json=body)
    assert len(answer.json()["errors"]) == 100
    assert len(answer.content) < 100_000


def test_a_million_faults_do_not_hold_the_server_up(serve: Serve) -> None:
    choices = {"anyOf": [{"type": "object", "required": ["a"]}, {"type": "integer"}]}
    doc = document({"/m": {"post": operation("order", requestBody=json_body({"type": "array", "items": choices}))}})
    client = serve(doc, {"order": order})
    began = time.process_time()
    answer = client.post("/m", content=b"[" + b"{}," * 999_999 + b"{}]", headers={"Content-Type": JSON})
    assert faults(answer) == {("body", "/0")}
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b'{"a":}',
        b"NaN",
        b"[1,]",
        b"'a'",
        b"\xff\xfe",
        b'"\xff"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 10_000,
        b"1e999",
        b"{} {}",
        b"\x00",
        b'"\\ud800"',
    ],
    ids=lambda text: repr(text[:12]),
)
def test_what_is_not_json_is_a_400(serve: Serve, text: bytes) -> None:
    client = serve(document({"/e": {"post": operation("order", requestBody=json_body({}))}}), {"order": order})
    assert faults(client.post("/e", content=text, headers={"Content-Type": JSON})) == {("body", "")}


def test_json_may_have_a_byte_order_mark_or_another_charset(serve: Serve) -> None:
    async def echo(body: Any) -> Any:
        return body

    client = serve(document({"/e": {"post": operation("echo", requestBody=json_body({}))}}), {"echo": echo})
    text = '{"a": "ä"}'
    for content, kind in ((text.encode("utf-8-sig"), JSON), (text.encode("latin-1"), f"{JSON}; charset=iso-8859-1")):
        assert client.post("/e", content=content, headers={"Content-Type": kind}).json() == {"a": "ä"}
    wrong = client.post("/e", content=text.encode(), headers={"Content-Type": f"{JSON}; charset=nonsense"})
    assert wrong.status_code == 415


def test_an_optional_body_may_be_missing(serve: Serve) -> None:
    doc = document({"/e": {"post": operation("order", requestBody=json_body(ORDER, required=False))}})
    assert serve(doc, {"order": order}).post("/e").status_code == 200


def test_read_only_is_not_required_of_requests_nor_write_only_given_in_answers(serve: Serve) -> None:
    user = {
        "type": "object",
        "required": ["id", "password"],
        "properties": {"id": {"type": "string", "readOnly": True}, "password": {"type": "string", "writeOnly": True}},
    }
    answers = {"200": {"description": "fine", "content": {JSON: {"schema": user}}}}
    doc = document({"/u": {"post": {"operationId": "u", "requestBody": json_body(user), "responses": answers}}})

    async def careful(body: Any) -> dict[str, str]:
        return {"id": "7"}

    async def careless(body: Any) -> dict[str, str]:
        return {"id": "7", "password": body["password"]}

    assert serve(doc, {"u": careful}).post("/u", json={"password": "p"}).json() == {"id": "7"}
    assert serve(doc, {"u": careless}).post("/u", json={"password": "p"}).status_code == 500


def test_a_client_that_accepts_nothing_of_it_gets_406_and_the_handler_is_not_called(serve: Serve) -> None:
    called = []

    async def hello() -> dict[str, str]:
        called.append(1)
        return {}

    client = serve(document({"/h": {"get": operation("h")}}), {"h": hello})
    assert client.get("/h", headers={"Accept": "text/html"}).status_code == 406
    assert client.get("/h", headers={"Accept": "application/json;q=0"}).status_code == 406
    assert not called
    for accept in ("*/*", "application/*", "text/html, application/json;q=0.1", "", "garbage,,;;=,*/*"):
        assert client.get("/h", headers={"Accept": accept}).status_code == 200


WRONG = {
    "description": "fine",
    "content": {JSON: {"schema": {"type": "object", "properties": {"n": {"type": "integer"}}}}},
}


@pytest.mark.parametrize(("mode", "status"), [("enforce", 500), ("log", 200), ("off", 200)])
def test_an_answer_that_breaks_the_document(
    serve: Serve, caplog: pytest.LogCaptureFixture, mode: Any, status: int
) -> None:
    async def wrong() -> dict[str, str]:
        return {"n": "the secret"}

    doc = document({"/w": {"get": {"operationId": "w", "responses": {"200": WRONG}}}})
    settings = Config(gateway=GatewaySettings(validate_responses=mode))
    with caplog.at_level(logging.ERROR):
        answer = serve(doc, {"w": wrong}, settings).get("/w")
    assert answer.status_code == status
    if status == 500:
        assert "secret" not in answer.text
    logged = " ".join(record.getMessage() for record in caplog.records)
    assert ("/n" in logged and "/properties/n/type" in logged) is (mode != "off")
    assert "the secret" not in logged


def test_values_that_only_become_json_when_written_are_checked_as_written(serve: Serve) -> None:
    import datetime
    import decimal
    import uuid

    schema = {
        "type": "object",
        "properties": {
            "at": {"type": "string", "format": "date-time"},
            "on": {"type": "string", "format": "date"},
            "id": {"type": "string", "format": "uuid"},
            "price": {"type": "number"},
        },
    }
    answers = {"200": {"description": "fine", "content": {JSON: {"schema": schema}}}}

    async def values() -> dict[str, Any]:
        return {
            "at": datetime.datetime(2026, 1, 2, 3, 4, 5),
            "on": datetime.date(2026, 1, 2),
            "id": uuid.UUID(int=7),
            "price": decimal.Decimal("1.5"),
        }

    doc = document({"/v": {"get": {"operationId": "v", "responses": answers}}})
    assert serve(doc, {"v": values}).get("/v").json() == {
        "at": "2026-01-02T03:04:05Z",
        "on": "2026-01-02",
        "id": "00000000-0000-0000-0000-000000000007",
        "price": 1.5,
    }


def test_a_stub_answers_501_and_a_mock_says_that_it_is_one(serve: Serve) -> None:
    from portico import NotWritten

    async def stub() -> None:
        raise NotWritten

    doc = document({"/w": {"get": {"operationId": "w", "responses": {"200": WRONG}}}})
    assert serve(doc, {"w": stub}).get("/w").status_code == 501
    answer = serve(doc, {"w": stub}, mock=True).get("/w")
    assert answer.status_code == 200
    assert "portico-mock" in answer.headers
    assert serve(doc, {}, mock=True).get("/w").status_code == 200


def test_schemas_that_reach_much_of_a_document_are_checked_alike(serve: Serve) -> None:
    """They share one validator; places are told as if each had its own."""
    chain = {
        f"S{n}": {"type": "object", "properties": {"next": {"$ref": f"#/components/schemas/S{n + 1}"}}}
        for n in range(99)
    }
    chain["S99"] = {"type": "integer"}
    fine = {"200": {"description": "fine", "content": {JSON: {"schema": {"$ref": "#/components/schemas/S97"}}}}}
    start = {"$ref": "#/components/schemas/S0"}
    paths = {
        "/a": {
            "post": {"operationId": "a", "requestBody": json_body(start), "responses": {"200": {"description": ""}}}
        },
        "/b": {"get": {"operationId": "b", "responses": fine}},
    }
    value: Any = "no number"
    for _ in range(99):
        value = {"next": value}

    async def wrong() -> dict[str, Any]:
        return {"next": {"next": "no number"}}

    client = serve(document(paths, components={"schemas": chain}), {"a": order, "b": wrong})
    answer = client.post("/a", json=value)
    assert faults(answer) == {("body", "/next" * 99)}
    assert answer.json()["detail"] == '"no number" is not of type "integer"'
    assert client.get("/b").status_code == 500
    large = client.post("/a", json={"next": {"next": 1}, "more": [0] * 3_000})
    assert faults(large) == {("body", "/next/next")}


def test_a_mock_says_what_the_document_says_even_where_its_example_breaks_its_schema(serve: Serve) -> None:
    fine = {"description": "fine", "content": {JSON: {"schema": NUMBERED, "example": {"n": "seven"}}}}
    doc = document({"/w": {"get": {"operationId": "w", "responses": {"200": fine}}}})
    answer = serve(doc, {}, mock=True).get("/w", headers={"Prefer": "code=200"})
    assert (answer.status_code, answer.json()) == (200, {"n": "seven"})
