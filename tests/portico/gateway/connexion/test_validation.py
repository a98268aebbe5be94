"""Checking what comes and what goes: the user's own validators, and responses."""

from __future__ import annotations

from typing import Any

import pytest
from connexion.datastructures import MediaTypeDict
from connexion.exceptions import BadRequestProblem, NonConformingResponse, NonConformingResponseBody
from connexion.lifecycle import ConnexionResponse
from connexion.validators import (
    VALIDATOR_MAP,
    AbstractRequestBodyValidator,
    DefaultsJSONRequestBodyValidator,
    JSONRequestBodyValidator,
    JSONResponseBodyValidator,
    ParameterValidator,
)
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from tests.portico.gateway.connexion.documents import body, get, post, query, swagger

PET = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


def answering(schema: dict[str, Any] | None, media_type: str = "application/json", **fields: Any) -> dict[str, Any]:
    """A document whose GET answers 200 with this."""
    content = {media_type: {} if schema is None else {"schema": schema}}
    return get(responses={"200": {"description": "", "content": content, **fields}})


REQUIRED_HEADER = {"X-A": {"schema": {"type": "string"}, "required": True}}


def having_a(**schema: Any) -> dict[str, Any]:
    """The schema of an object with the property `a`."""
    return {"type": "object", "properties": {"a": schema}}


REPLIES: list[tuple[str, dict[str, Any], Any, int]] = [
    # what it shows, the document, what is returned, the status
    ("a fitting body", answering(PET), {"name": "Rex"}, 200),
    ("a missing property", answering(PET), {"nom": "Rex"}, 500),
    ("a wrong type", answering(PET), {"name": 7}, 500),
    ("a wrong type in a list", answering({"type": "array", "items": PET}), [{"name": 7}], 500),
    ("null where it may be null", answering(having_a(type="string", nullable=True)), {"a": None}, 200),
    ("null where it may not be null", answering(having_a(type="string")), {"a": None}, 500),
    ("a write-only property", answering(having_a(type="string", writeOnly=True)), {"a": "secret"}, 500),
    ("a read-only property", answering(having_a(type="string", readOnly=True)), {"a": "x"}, 200),
    ("no schema", answering(None), {"any": 1}, 200),
    ("a required header", answering(PET, headers=REQUIRED_HEADER),
     ({"name": "x"}, 200, {"x-a": "1"}), 200),
    ("a required header that is missing", answering(PET, headers=REQUIRED_HEADER),
     {"name": "x"}, 500),
    ("an optional header that is missing", answering(PET, headers={"X-A": {"schema": {"type": "string"}}}),
     {"name": "x"}, 200),
    ("a response object that fits", answering(PET), JSONResponse({"name": "x"}), 200),
    ("a response object that does not fit", answering(PET), JSONResponse({"name": 1}), 500),
    ("another content type", answering(PET), PlainTextResponse("x"), 500),
    ("a Connexion response of another type", answering(PET), ConnexionResponse(200, content_type="text/html", body="x"),
     500),
    ("text", answering({"type": "string"}, "text/plain"), "hello", 200),
    ("text that is too short", answering({"type": "string", "minLength": 9}, "text/plain"), "hello", 500),
    ("bytes are not checked", answering({"type": "string", "format": "binary"}, "application/octet-stream"), b"x", 200),
    ("an error with its own schema",
     get(responses={"200": {"description": "", "content": {"application/json": {"schema": PET}}},
                    "404": {"description": "", "content": {"application/json": {"schema": {"type": "string"}}}}}),
     ("gone", 404), 404),
    ("an error that breaks its own schema",
     get(responses={"200": {"description": "", "content": {"application/json": {"schema": PET}}},
                    "404": {"description": "", "content": {"application/json": {"schema": {"type": "string"}}}}}),
     ({"a": 1}, 404), 500),
    ("the default response",
     get(responses={"default": {"description": "", "content": {"application/json": {"schema": PET}}}}), {"a": 1}, 500),
    ("a reference", {**answering({"$ref": "#/components/schemas/Pet"}), "components": {"schemas": {"Pet": PET}}},
     {"name": 1}, 500),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "document", "value", "status"), REPLIES, ids=[case[0] for case in REPLIES])
def test_validate_responses_checks(serve, problem, shown, document, value, status) -> None:
    response = serve(document, lambda: value, validate_responses=True).get("/")
    assert response.status_code == status
    if status == 500:
        assert problem(response)["title"] == "Internal Server Error"


@pytest.mark.parametrize(("shown", "document", "value", "status"), REPLIES, ids=[case[0] for case in REPLIES])
def test_nothing_is_checked_when_validate_responses_is_off(serve, shown, document, value, status) -> None:
    # Connexion does not serialise a body in a type that the document does not have, checked or not
    assert serve(document, lambda: value).get("/").status_code != 500


def test_validate_responses_can_be_set_on_the_app(serve) -> None:
    client = serve(answering(PET), lambda: {"name": 1}, app={"validate_responses": True})
    assert client.get("/").status_code == 500


def test_the_api_wins_over_the_app(serve) -> None:
    client = serve(answering(PET), lambda: {"name": 1}, validate_responses=False, app={"validate_responses": True})
    assert client.get("/").status_code == 200


def test_swagger_2_responses_are_checked(serve) -> None:
    answer = {"200": {"description": "", "schema": {"$ref": "#/definitions/Pet"}}}
    document = swagger({"/": {"get": {"operationId": "handler", "responses": answer}}}, definitions={"Pet": PET})
    assert serve(document, lambda: {"name": "x"}, validate_responses=True).get("/").status_code == 200
    assert serve(document, lambda: {"name": 1}, validate_responses=True).get("/").status_code == 500


def test_a_stream_of_bytes_passes(serve) -> None:
    document = answering({"type": "string", "format": "binary"}, "application/octet-stream")
    response = serve(
        document,
        lambda: StreamingResponse(iter([b"a", b"b"]), media_type="application/octet-stream"),
        validate_responses=True,
    ).get("/")
    assert (response.status_code, response.content) == (200, b"ab")


def test_an_error_handler_sees_what_does_not_conform(app_class) -> None:
    app = app_class("scenario", validate_responses=True, resolver=lambda _name: lambda: {"name": 1})
    app.add_api(answering(PET))
    app.add_error_handler(NonConformingResponse, lambda _request, _error: ConnexionResponse(418, body="caught"))
    assert app.test_client().get("/").status_code == 418


# ---- the user's own validators


def test_defaults_are_filled_in_by_their_validator(serve) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer", "default": 7}, "b": {"type": "string"}}}
    validators = {"body": {"application/json": DefaultsJSONRequestBodyValidator}}
    client = serve(post(requestBody=body(schema)), lambda body: body, validator_map=validators)
    assert client.post("/", json={"b": "x"}).json() == {"a": 7, "b": "x"}
    assert client.post("/", json={"a": 1}).json() == {"a": 1}
    assert client.post("/", json={"a": "x"}).status_code == 400


def test_a_body_validator_of_ones_own(serve, problem) -> None:
    class Polite(JSONRequestBodyValidator):
        def _validate(self, body: Any) -> None:
            if not body.get("please"):
                raise BadRequestProblem("say please")
            super()._validate(body)

    validators = {"body": MediaTypeDict({"*/*json": Polite})}
    client = serve(post(requestBody=body(PET)), lambda body: "fine", validator_map=validators)
    assert problem(client.post("/", json={"name": "x"}))["detail"] == "say please"
    assert client.post("/", json={"name": "x", "please": True}).json() == "fine"
    assert client.post("/", json={"please": True}).status_code == 400


def test_a_body_validator_for_another_media_type(serve, problem) -> None:
    class Lines(AbstractRequestBodyValidator):
        async def _parse(self, stream: Any, scope: Any) -> list[str]:
            return b"".join([part async for part in stream]).decode().splitlines()

        def _validate(self, body: Any) -> None:
            if len(body) < self._schema["minItems"]:
                raise BadRequestProblem("too few lines")

    validators = {"body": {"text/csv": Lines}}
    document = post(requestBody=body({"type": "array", "items": {}, "minItems": 2}, "text/csv"))
    client = serve(document, lambda body: body.decode(), app={"validator_map": validators})
    headers = {"Content-Type": "text/csv"}
    assert client.post("/", content=b"a\nb", headers=headers).json() == "a\nb"
    assert problem(client.post("/", content=b"a", headers=headers))["detail"] == "too few lines"


def test_a_body_validator_may_change_the_body(serve) -> None:
    class Upper(JSONRequestBodyValidator):
        MUTABLE_VALIDATION = True

        def _validate(self, body: Any) -> None:
            body["name"] = body["name"].upper()

    client = serve(post(requestBody=body(PET)), lambda body: body, validator_map={"body": {"application/json": Upper}})
    assert client.post("/", json={"name": "rex"}).json() == {"name": "REX"}


def test_without_a_validator_a_body_is_not_checked(serve) -> None:
    client = serve(post(requestBody=body(PET)), lambda body: body, validator_map={"body": {}})
    assert client.post("/", json={"name": 7}).json() == {"name": 7}


def test_a_parameter_validator_of_ones_own(serve, problem) -> None:
    class Even(ParameterValidator):
        def validate_query_parameter(self, param: Any, request: Any) -> str | None:
            value = request.query_params.get(param["name"])
            return super().validate_query_parameter(param, request) or ("not even" if value % 2 else None)

    client = serve(get(parameters=[query("n", "integer")]), lambda n: n, validator_map={"parameter": Even})
    assert client.get("/?n=2").json() == 2
    assert problem(client.get("/?n=3"))["detail"] == "not even"
    assert client.get("/?n=x").status_code == 400


def test_a_parameter_validator_may_be_laxer(serve) -> None:
    class Lax(ParameterValidator):
        def validate(self, scope: Any) -> None:
            """Lets everything pass."""

    given = query("n", {"type": "integer", "minimum": 5})
    assert serve(get(parameters=[given]), lambda n: n, validator_map={"parameter": Lax}).get("/?n=3").json() == 3


def test_a_response_validator_of_ones_own(serve) -> None:
    class Short(JSONResponseBodyValidator):
        def _validate(self, body: Any) -> None:
            if len(body) > 1:
                raise NonConformingResponseBody("too long")

    validators = {"response": {"application/json": Short}}
    values = iter([[1], [1, 2]])
    client = serve(answering(PET), lambda: next(values), validator_map=validators, validate_responses=True)
    assert [client.get("/").status_code, client.get("/").status_code] == [200, 500]


def test_the_map_of_validators_is_not_changed_by_a_users_own(serve) -> None:
    before = {kind: dict(found) if isinstance(found, dict) else found for kind, found in VALIDATOR_MAP.items()}
    serve(get(), lambda: "fine", validator_map={"body": {}}).get("/")
    assert {kind: dict(found) if isinstance(found, dict) else found for kind, found in VALIDATOR_MAP.items()} == before
