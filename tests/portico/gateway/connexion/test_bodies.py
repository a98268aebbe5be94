"""Request bodies that are no forms: JSON, text, bytes, streams; required, absent, null and default."""

from __future__ import annotations

import json
from typing import Any

import connexion
import pytest
from tests.portico.gateway.connexion.documents import body, echo, get, in_path, openapi, operation, post, query, swagger

PET = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
NULLABLE = {**PET, "nullable": True}
WITH_DEFAULT = {**PET, "default": {"name": "nobody"}}
TYPED = {"Content-Type": "application/json"}

BODIES: list[tuple[str, dict[str, Any], Any, Any]] = [
    # what it shows, the request body in the document, what is sent, what the handler gets (a status: refused)
    ("an object", body(PET, required=True), {"name": "Rex", "age": 3}, {"name": "Rex", "age": 3}),
    ("an object without a schema", body(), {"any": [1, None]}, {"any": [1, None]}),
    ("a list", body({"type": "array", "items": {"type": "integer"}}), [1, 2], [1, 2]),
    ("a string", body({"type": "string"}), "text", "text"),
    ("a number", body({"type": "number"}), 1.5, 1.5),
    ("false", body({"type": "boolean"}), False, False),
    ("zero", body({"type": "integer"}), 0, 0),
    ("an empty object", body({"type": "object"}), {}, {}),
    ("an unnamed property", body(PET), {"name": "Rex", "tail": "long"}, {"name": "Rex", "tail": "long"}),
    ("a missing property", body(PET), {"age": 3}, 400),
    ("a wrong type", body(PET), {"name": 7}, 400),
    ("a wrong type inside a list", body({"type": "array", "items": PET}), [{"name": "Rex"}, {"name": 1}], 400),
    ("an unnamed property where none may be", body({**PET, "additionalProperties": False}), {"name": "R", "x": 1}, 400),
    ("an exclusive maximum", body({"type": "integer", "maximum": 5, "exclusiveMaximum": True}), 5, 400),
    ("one of two", body({"oneOf": [{"type": "integer"}, {"type": "string"}]}), "x", "x"),
    ("none of two", body({"oneOf": [{"type": "integer"}, {"type": "string"}]}), [], 400),
    ("all of two", body({"allOf": [PET, {"required": ["age"], "type": "object"}]}), {"name": "x"}, 400),
    ("not", body({"not": {"type": "string"}}), "x", 400),
    ("null where it may be null", body(NULLABLE), None, None),
    ("null inside where it may be null",
     body({"type": "object", "properties": {"a": {"type": "string", "nullable": True}}}), {"a": None}, {"a": None}),
    ("null in a nullable enumeration",
     body({"type": "object", "properties": {"a": {"type": "string", "enum": ["x"], "nullable": True}}}),
     {"a": None}, {"a": None}),
    ("null inside where it may not be null",
     body({"type": "object", "properties": {"a": {"type": "string"}}}), {"a": None}, 400),
    ("null where it may not be null", body(PET, required=True), None, 400),
    ("a number of any length", body({"type": "object"}), {"n": 10**30}, {"n": 10**30}),
    ("a number of any length that is checked", body({"type": "integer", "minimum": 1}), 10**30, 10**30),
    ("deep nesting", body(), {"a": {"a": {"a": [[[[[1]]]]]}}}, {"a": {"a": {"a": [[[[[1]]]]]}}}),
    ("an address that is none",
     body({"type": "object", "properties": {"a": {"type": "string", "format": "ipv4"}}}), {"a": "1"}, 400),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "declared", "sent", "expected"), BODIES, ids=[case[0] for case in BODIES])
def test_a_json_body_reaches_the_handler(serve, problem, shown, declared, sent, expected) -> None:
    client = serve(post(requestBody=declared), lambda body: {"got": body})
    response = client.post("/", content=json.dumps(sent), headers=TYPED)
    if expected == 400 and sent != 400:
        assert problem(response)["status"] == 400
    else:
        assert (response.status_code, response.json()) == (200, {"got": expected})


ABSENT: list[tuple[str, dict[str, Any], Any]] = [
    # what it shows, the request body in the document, what the handler gets when nothing is sent
    ("required", body(PET, required=True), 400),
    ("required without schema constraints", body({"type": "object"}, required=True), 400),
    ("with a default", body(WITH_DEFAULT), {"name": "nobody"}),
    ("required, with a default", body(WITH_DEFAULT, required=True), {"name": "nobody"}),
    ("optional and nullable", body(NULLABLE), None),
    ("optional without schema", body(), {}),
    ("optional text", body({"type": "string"}, "text/plain"), {}),
    ("optional bytes", body({"type": "string", "format": "binary"}, "application/octet-stream"), {}),
]


@pytest.mark.parametrize(("shown", "declared", "expected"), ABSENT, ids=[case[0] for case in ABSENT])
def test_a_body_that_is_absent(serve, problem, shown, declared, expected) -> None:
    client = serve(post(requestBody=declared), lambda body: {"got": body})
    response = client.post("/", headers={"Content-Type": next(iter(declared["content"]))})
    if expected == 400:
        assert problem(response)["status"] == 400
    else:
        assert (response.status_code, response.json()) == (200, {"got": expected})


@pytest.mark.parametrize(
    ("declared", "status"),
    [(body(PET, required=True), 400), (body(), 200), (body(NULLABLE), 200)],
)
def test_nothing_is_sent_and_no_content_type(serve, declared, status) -> None:
    assert serve(post(requestBody=declared), lambda: "fine").post("/").status_code == status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b'{"name": "Rex"', 400),
        (b"{name: 1}", 400),
        (b"", 400),
        (b'{"name": "Rex"} x', 400),
        (b'  {"name": "Rex"}  ', 200),
        ('{"name": "Zoë"}'.encode(), 200),
        (b'{"name": "Zo\\u00eb"}', 200),
        (b'{"name": "a", "name": "b"}', 200),
    ],
)
def test_json_that_is_none_is_refused(serve, text, status) -> None:
    client = serve(post(requestBody=body(PET, required=True)), lambda body: body["name"])
    assert client.post("/", content=text, headers=TYPED).status_code == status


def test_the_last_of_two_equal_keys_wins(serve) -> None:
    client = serve(post(requestBody=body(PET)), lambda body: body)
    assert client.post("/", content=b'{"name": "a", "name": "b"}', headers=TYPED).json() == {"name": "b"}


CONTENT_TYPES = [
    # the media type in the document, the Content-Type that is sent, the status
    ("application/json", "application/json", 200),
    ("application/json", "application/json; charset=utf-8", 200),
    ("application/json", "application/json;charset=UTF-8", 200),
    ("application/json", "application/json; profile=x", 200),
    ("application/json", "APPLICATION/JSON", 200),
    ("application/json", "text/plain", 415),
    ("application/json", "application/xml", 415),
    ("application/json", "application/vnd.pets+json", 415),
    ("application/vnd.pets+json", "application/vnd.pets+json", 200),
    ("application/vnd.pets+json", "application/json", 415),
    ("application/*", "application/json", 200),
    ("application/*", "text/plain", 415),
    ("*/*", "application/json", 200),
    ("text/plain", "application/json", 415),
]


@pytest.mark.parametrize(("declared", "sent", "status"), CONTENT_TYPES)
def test_the_content_type_must_be_in_the_document(serve, declared, sent, status) -> None:
    client = serve(post(requestBody=body({"type": "object"}, declared)), lambda: "fine")
    assert client.post("/", content=b'{"a": 1}', headers={"Content-Type": sent}).status_code == status


def test_415_is_a_problem(serve, problem) -> None:
    client = serve(post(requestBody=body(PET)), lambda body: body)
    found = problem(client.post("/", content=b"x", headers={"Content-Type": "text/plain"}))
    assert (found["status"], found["title"], found["type"]) == (415, "Unsupported Media Type", "about:blank")


def test_a_body_in_another_character_set(serve) -> None:
    client = serve(post(requestBody=body(PET)), lambda: "fine")
    headers = {"Content-Type": "application/json;charset=latin-1"}
    assert client.post("/", content='{"name": "Zoë"}'.encode("latin-1"), headers=headers).status_code == 200


def test_vendor_json_is_checked_and_read_as_json(serve) -> None:
    client = serve(post(requestBody=body(PET, "application/vnd.pets+json")), lambda body: body)
    headers = {"Content-Type": "application/vnd.pets+json"}
    assert client.post("/", content=b'{"name": "Rex"}', headers=headers).json() == {"name": "Rex"}
    assert client.post("/", content=b'{"name": 1}', headers=headers).status_code == 400


def test_each_of_several_media_types_has_its_own_schema(serve) -> None:
    content = {
        "application/json": {"schema": PET},
        "application/vnd.other+json": {"schema": {"type": "object", "required": ["other"]}},
        "text/plain": {"schema": {"type": "string"}},
    }
    client = serve(post(requestBody={"content": content}), lambda body: str(body))

    def send(media_type: str, text: bytes) -> int:
        return client.post("/", content=text, headers={"Content-Type": media_type}).status_code

    assert send("application/json", b'{"name": "x"}') == 200
    assert send("application/json", b'{"other": "x"}') == 400
    assert send("application/vnd.other+json", b'{"other": "x"}') == 200
    assert send("application/vnd.other+json", b'{"name": "x"}') == 400
    assert send("text/plain", b"{") == 200


@pytest.mark.parametrize(
    ("declared", "sent"),
    [
        ("application/octet-stream", "application/octet-stream"),
        ("image/*", "image/png"),
        ("image/png", "image/png"),
        ("*/*", "application/x-anything"),
        ("text/plain", "text/plain"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("application/xml", "application/xml"),
    ],
)
def test_a_body_that_is_not_json_arrives_as_bytes(serve, declared, sent) -> None:
    schema = {"type": "string", "format": "binary"}
    client = serve(post(requestBody=body(schema, declared)), lambda body: [type(body).__name__, body.decode("latin-1")])
    response = client.post("/", content=b"\x00\xff<x>", headers={"Content-Type": sent})
    assert (response.status_code, response.json()) == (200, ["bytes", "\x00ÿ<x>"])


def test_a_body_without_content_type_is_taken_for_what_the_document_says(serve) -> None:
    client = serve(post(requestBody=body(PET, required=True)), lambda: "fine")
    assert client.post("/", content=b'{"name": "Rex"}').status_code == 200
    assert client.post("/", content=b'{"age": 1}').status_code == 400


@pytest.mark.parametrize("method", ["get", "delete", "put", "patch"])
def test_a_body_may_come_with_any_method(serve, method) -> None:
    client = serve(openapi({"/": {method: operation(requestBody=body(PET))}}), lambda body: body)
    response = client.request(method.upper(), "/", content=b'{"name": "Rex"}', headers=TYPED)
    assert (response.status_code, response.json()) == (200, {"name": "Rex"})


def test_a_body_that_the_document_does_not_know_is_ignored(serve) -> None:
    client = serve(get(), echo)
    assert client.request("GET", "/", content=b'{"a": 1}', headers=TYPED).json() == {}


def test_x_body_name_names_the_argument(serve) -> None:
    client = serve(post(requestBody={**body(PET), "x-body-name": "pet"}), lambda pet: pet)
    assert client.post("/", json={"name": "Rex"}).json() == {"name": "Rex"}


def test_x_body_name_becomes_pythonic(serve) -> None:
    client = serve(
        post(requestBody={**body(PET), "x-body-name": "newPet"}), lambda new_pet: new_pet, pythonic_params=True
    )
    assert client.post("/", json={"name": "Rex"}).json() == {"name": "Rex"}


def test_a_handler_with_keywords_gets_body_and_parameters(serve) -> None:
    document = openapi({"/{v}": {"post": operation(parameters=[in_path("v"), query("q")], requestBody=body(PET))}})
    response = serve(document, echo).post("/x?q=y", json={"name": "Rex"})
    assert response.json() == {"v": "x", "q": "y", "body": {"name": "Rex"}}


def test_a_handler_need_not_take_the_body(serve, problem) -> None:
    client = serve(post(requestBody=body(PET, required=True)), lambda: "fine")
    assert client.post("/", json={"name": "Rex"}).json() == "fine"
    assert problem(client.post("/", json={}))["status"] == 400


def test_a_default_body_is_a_new_one_for_each_request(serve) -> None:
    def handler(body: dict) -> dict:
        body["times"] = body.get("times", 0) + 1
        return body

    client = serve(post(requestBody=body({"type": "object", "default": {"name": "nobody"}})), handler)
    for _ in range(2):
        assert client.post("/", headers=TYPED).json() == {"name": "nobody", "times": 1}


SWAGGER_BODY = {"in": "body", "name": "newPet", "required": True, "schema": PET}


def swagger_post(*parameters: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = {"responses": {"200": {"description": "fine"}}}
    return swagger({"/": {"post": {"operationId": "handler", "parameters": list(parameters), **answer, **fields}}})


def test_a_swagger_2_body_has_the_name_of_its_parameter(serve, problem) -> None:
    client = serve(swagger_post(SWAGGER_BODY), lambda newPet: newPet)  # noqa: N803
    assert client.post("/", json={"name": "Rex"}).json() == {"name": "Rex"}
    assert problem(client.post("/", json={"age": 1}))["status"] == 400
    assert problem(client.post("/"))["status"] == 400


def test_a_swagger_2_body_name_becomes_pythonic(serve) -> None:
    client = serve(swagger_post(SWAGGER_BODY), lambda new_pet: new_pet, pythonic_params=True)
    assert client.post("/", json={"name": "Rex"}).json() == {"name": "Rex"}


def test_a_swagger_2_body_may_be_null_by_extension(serve) -> None:
    given = {"in": "body", "name": "body", "schema": {"type": "object"}, "x-nullable": True}
    client = serve(swagger_post(given), lambda body: {"got": body})
    assert client.post("/", content=b"null", headers=TYPED).json() == {"got": None}


def test_swagger_2_consumes_decides_about_content_types(serve) -> None:
    document = swagger_post(SWAGGER_BODY, consumes=["application/vnd.pets+json"])
    client = serve(document, lambda newPet: newPet)  # noqa: N803
    assert client.post("/", json={"name": "Rex"}).status_code == 415
    headers = {"Content-Type": "application/vnd.pets+json"}
    assert client.post("/", content=b'{"name": "Rex"}', headers=headers).json() == {"name": "Rex"}


def test_schemas_may_be_references(serve) -> None:
    document = post(requestBody=body({"$ref": "#/components/schemas/Pet"}, required=True))
    document["components"] = {"schemas": {"Pet": PET}}
    client = serve(document, lambda body: body)
    assert client.post("/", json={"name": "Rex"}).status_code == 200
    assert client.post("/", json={"name": 3}).status_code == 400


def test_request_bodies_and_parameters_may_be_references(serve) -> None:
    shared = {"$ref": "#/components/requestBodies/Pet"}
    document = post(requestBody=shared, parameters=[{"$ref": "#/components/parameters/Page"}])
    document["components"] = {
        "requestBodies": {"Pet": body(PET, required=True)},
        "parameters": {"Page": query("page", "integer")},
    }
    client = serve(document, echo)
    assert client.post("/?page=2", json={"name": "Rex"}).json() == {"page": 2, "body": {"name": "Rex"}}


def test_an_async_handler_can_read_the_body_of_the_request(serve) -> None:
    async def handler() -> dict:
        return await connexion.request.json()

    client = serve(post(requestBody=body(PET)), handler)
    assert client.post("/", content=b'{"name": "Rex"}', headers=TYPED).json() == {"name": "Rex"}


def test_an_async_handler_can_stream_the_body_of_the_request(serve) -> None:
    async def handler() -> int:
        return sum([len(part) async for part in connexion.request.stream()])

    schema = {"type": "string", "format": "binary"}
    client = serve(post(requestBody=body(schema, "application/octet-stream")), handler)
    response = client.post("/", content=b"x" * 300_000, headers={"Content-Type": "application/octet-stream"})
    assert (response.status_code, response.json()) == (200, 300_000)


def test_a_checked_json_body_can_still_be_streamed(serve) -> None:
    async def handler() -> str:
        return b"".join([part async for part in connexion.request.stream()]).decode()

    client = serve(post(requestBody=body(PET)), handler)
    assert client.post("/", content=b'{"name": "Rex"}', headers=TYPED).json() == '{"name": "Rex"}'


def test_a_body_sent_in_chunks(serve) -> None:
    client = serve(post(requestBody=body({"type": "string", "format": "binary"}, "application/octet-stream")),
                   lambda body: len(body))  # fmt: skip
    response = client.post(
        "/", content=iter([b"x" * 10, b"y" * 5]), headers={"Content-Type": "application/octet-stream"}
    )
    assert (response.status_code, response.json()) == (200, 15)
