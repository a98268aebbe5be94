"""Form bodies: URL-encoded and multipart, fields and files, in both versions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.portico.gateway.connexion.documents import body, echo, post, swagger

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
FILE = {"type": "string", "format": "binary"}
INTEGERS = {"type": "array", "items": {"type": "integer"}}


def form(properties: dict[str, Any], media_type: str = URLENCODED, **fields: Any) -> dict[str, Any]:
    """A document whose POST takes a form; `encoding` goes to the media type, the rest to the schema."""
    encoding = fields.pop("encoding", None)
    declared = body({"type": "object", "properties": properties, **fields}, media_type, required=True)
    if encoding:
        declared["content"][media_type]["encoding"] = encoding
    return post(requestBody=declared)


FORMS: list[tuple[str, dict[str, Any], str, Any]] = [
    # what it shows, the properties (and more of the schema), what is sent, what the handler gets
    ("a string", form({"a": {"type": "string"}}), "a=x+y%26", {"a": "x y&"}),
    ("an integer", form({"a": {"type": "integer"}}), "a=7", {"a": 7}),
    ("a number", form({"a": {"type": "number"}}), "a=1.5", {"a": 1.5}),
    ("a boolean", form({"a": {"type": "boolean"}}), "a=true", {"a": True}),
    ("null where it may be null", form({"a": {"type": "string", "nullable": True}}), "a=null", {"a": None}),
    ("a word for an integer", form({"a": {"type": "integer"}}), "a=x", 400),
    ("a missing field", form({"a": {"type": "string"}}, required=["a"]), "b=1", 400),
    ("an unnamed field", form({"a": {"type": "string"}}), "a=1&b=2", {"a": "1", "b": "2"}),
    ("an unnamed field where none may be", form({"a": {"type": "string"}}, additionalProperties=False), "b=2", 400),
    ("a repeated field", form({"a": INTEGERS}), "a=1&a=2", {"a": [1, 2]}),
    ("a repeated field with commas", form({"a": INTEGERS}), "a=1,2&a=3", {"a": [1, 2, 3]}),
    ("a field given twice is joined", form({"a": {"type": "string"}}), "a=1&a=2", {"a": "1,2"}),
    ("an unnamed field given twice is joined", form({"a": {"type": "string"}}), "b=1&b=2", {"b": "1,2"}),
    ("an array of strings", form({"a": {"type": "array", "items": {"type": "string"}}}), "a=x&a=y", {"a": ["x", "y"]}),
    ("an array that is not exploded", form({"a": INTEGERS}, encoding={"a": {"style": "form", "explode": False}}),
     "a=1,2", {"a": [1, 2]}),
    ("an enumeration", form({"a": {"type": "string", "enum": ["x"]}}), "a=y", 400),
    ("a JSON field by its encoding",
     form({"a": {"type": "object", "properties": {"n": {"type": "integer"}}}},
          encoding={"a": {"contentType": "application/json"}}),
     "a=%7B%22n%22%3A3%7D", {"a": {"n": 3}}),
    ("the default of the whole form", form({"a": {"type": "string"}}, default={"a": "x"}), "b=1", {"a": "x", "b": "1"}),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "document", "sent", "expected"), FORMS, ids=[case[0] for case in FORMS])
def test_a_form_field_reaches_the_handler(serve, problem, shown, document, sent, expected) -> None:
    response = serve(document, lambda body: body).post("/", content=sent, headers={"Content-Type": URLENCODED})
    if expected == 400:
        assert problem(response)["status"] == 400
    else:
        assert (response.status_code, response.json()) == (200, expected)


def test_a_form_is_one_argument_named_body(serve) -> None:
    assert serve(form({"a": {"type": "integer"}}), echo).post("/", data={"a": "1"}).json() == {"body": {"a": 1}}


def test_strict_validation_refuses_form_fields_without_name(serve, problem) -> None:
    client = serve(form({"a": {"type": "string"}}), lambda body: body, strict_validation=True)
    assert client.post("/", data={"a": "1"}).json() == {"a": "1"}
    assert "b" in problem(client.post("/", data={"a": "1", "b": "2"}))["detail"]


def test_a_form_that_is_required_and_absent(serve, problem) -> None:
    client = serve(form({"a": {"type": "string"}}), lambda body: body)
    assert problem(client.post("/", headers={"Content-Type": URLENCODED}))["status"] == 400


async def read(file: Any) -> list[Any]:
    return [file.filename, file.content_type, (await file.read()).decode()]


def test_one_file_is_an_argument_with_the_name_of_its_property(serve) -> None:
    async def handler(photo: Any) -> list:
        return await read(photo)

    client = serve(form({"photo": FILE}, MULTIPART, required=["photo"]), handler)
    response = client.post("/", files={"photo": ("p.txt", b"pixels", "text/plain")})
    assert (response.status_code, response.json()) == (200, ["p.txt", "text/plain", "pixels"])


def test_a_file_that_is_required_and_absent(serve, problem) -> None:
    client = serve(form({"photo": FILE}, MULTIPART, required=["photo"]), lambda photo: "fine")
    assert problem(client.post("/", files={"other": b"x"}))["status"] == 400


def test_several_files_under_one_name(serve) -> None:
    async def handler(photos: list) -> list:
        return [await read(photo) for photo in photos]

    client = serve(form({"photos": {"type": "array", "items": FILE}}, MULTIPART), handler)
    sent = [("photos", (f"{n}.txt", f"file {n}".encode(), "text/plain")) for n in range(3)]
    response = client.post("/", files=sent)
    assert (response.status_code, response.json()) == (200, [[f"{n}.txt", "text/plain", f"file {n}"] for n in range(3)])


def test_one_file_under_a_name_of_several_is_still_a_list(serve) -> None:
    async def handler(photos: list) -> list:
        return [await read(photo) for photo in photos]

    client = serve(form({"photos": {"type": "array", "items": FILE}}, MULTIPART), handler)
    assert client.post("/", files=[("photos", ("a", b"x", "text/plain"))]).json() == [["a", "text/plain", "x"]]


def test_two_files_where_one_is_declared_are_refused(serve, problem) -> None:
    client = serve(form({"photo": FILE}, MULTIPART), lambda photo: "fine")
    assert problem(client.post("/", files=[("photo", b"x"), ("photo", b"y")]))["status"] == 400


def test_a_file_where_a_word_is_declared_is_refused(serve, problem) -> None:
    client = serve(form({"name": {"type": "string"}}, MULTIPART), lambda body: "fine")
    assert problem(client.post("/", files={"name": ("a", b"x", "text/plain")}))["status"] == 400


def test_files_and_fields_together(serve) -> None:
    async def handler(body: dict, photo: Any) -> dict:
        return {"body": body, "photo": await read(photo)}

    document = form({"title": {"type": "string"}, "width": {"type": "integer"}, "photo": FILE}, MULTIPART)
    response = serve(document, handler).post(
        "/", data={"title": "Sea", "width": "3"}, files={"photo": ("p", b"x", "image/png")}
    )
    assert response.json() == {"body": {"title": "Sea", "width": 3}, "photo": ["p", "image/png", "x"]}


def test_a_json_part_by_its_encoding(serve, problem) -> None:
    meta = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    encoding = {"meta": {"contentType": "application/json"}}
    client = serve(form({"meta": meta, "photo": FILE}, MULTIPART, encoding=encoding), lambda body, photo: body)
    photo = {"photo": ("p", b"x", "image/png")}
    assert client.post("/", data={"meta": json.dumps({"n": 3})}, files=photo).json() == {"meta": {"n": 3}}
    assert problem(client.post("/", data={"meta": json.dumps({"n": "x"})}, files=photo))["status"] == 400


def test_multipart_fields_have_types(serve, problem) -> None:
    client = serve(form({"a": {"type": "integer"}, "b": INTEGERS}, MULTIPART), lambda body: body)
    sent = [("a", (None, "1")), ("b", (None, "2")), ("b", (None, "3"))]
    assert client.post("/", files=sent).json() == {"a": 1, "b": [2, 3]}
    assert problem(client.post("/", files=[("a", (None, "x"))]))["status"] == 400


def test_one_operation_takes_json_and_forms(serve) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    content = {media_type: {"schema": schema} for media_type in ("application/json", URLENCODED, MULTIPART)}
    client = serve(post(requestBody={"content": content}), lambda body: body)
    assert client.post("/", json={"a": 1}).json() == {"a": 1}
    assert client.post("/", data={"a": "1"}).json() == {"a": 1}
    assert client.post("/", files=[("a", (None, "1"))]).json() == {"a": 1}


def swagger_form(*fields: dict[str, Any], consumes: str = URLENCODED) -> dict[str, Any]:
    parameters = [{"in": "formData", **field} for field in fields]
    answers = {"200": {"description": "fine"}}
    operation = {"operationId": "handler", "consumes": [consumes], "parameters": parameters, "responses": answers}
    return swagger({"/": {"post": operation}})


def test_swagger_2_form_fields_are_arguments_of_their_own(serve, problem) -> None:
    document = swagger_form({"name": "a", "type": "string", "required": True}, {"name": "b", "type": "integer"})
    client = serve(document, echo)
    assert client.post("/", data={"a": "x", "b": "3"}).json() == {"a": "x", "b": 3}
    assert problem(client.post("/", data={"b": "3"}))["status"] == 400
    assert problem(client.post("/", data={"a": "x", "b": "y"}))["status"] == 400


def test_swagger_2_form_fields_go_to_handlers_that_name_them(serve) -> None:
    document = swagger_form({"name": "firstName", "type": "string"}, {"name": "b", "type": "integer"})
    assert serve(document, lambda firstName: firstName).post("/", data={"firstName": "x", "b": "3"}).json() == "x"  # noqa: N803
    client = serve(document, lambda first_name: first_name, pythonic_params=True)
    assert client.post("/", data={"firstName": "x"}).json() == "x"


def test_swagger_2_form_fields_given_twice(serve) -> None:
    client = serve(swagger_form({"name": "a", "type": "string"}), echo)
    response = client.post("/", content="a=1&a=2&b=3&b=4", headers={"Content-Type": URLENCODED})
    assert response.json() == {"a": "2", "b": ["3", "4"]}


def test_swagger_2_form_defaults(serve) -> None:
    document = swagger_form({"name": "a", "type": "string", "default": "mine"}, {"name": "b", "type": "string"})
    assert serve(document, echo).post("/", data={"b": "x"}).json() == {"a": "mine", "b": "x"}


def test_swagger_2_files_and_fields(serve) -> None:
    async def handler(title: str, photo: Any) -> list:
        return [title, await read(photo)]

    fields = {"name": "title", "type": "string"}, {"name": "photo", "type": "file", "required": True}
    client = serve(swagger_form(*fields, consumes=MULTIPART), handler)
    response = client.post("/", data={"title": "Sea"}, files={"photo": ("p", b"x", "image/png")})
    assert response.json() == ["Sea", ["p", "image/png", "x"]]


@pytest.mark.parametrize(
    ("given", "sent", "expected"),
    [({"collectionFormat": "multi"}, "a=1&a=2", [1, 2]), ({}, "a=1,2", [1, 2])],
)
def test_swagger_2_form_arrays(serve, given, sent, expected) -> None:
    document = swagger_form({"name": "a", **INTEGERS, **given})
    response = serve(document, lambda a: a).post("/", content=sent, headers={"Content-Type": URLENCODED})
    assert (response.status_code, response.json()) == (200, expected)
