"""From an operationId to a function: every resolver, and what happens when there is none."""

from __future__ import annotations

from typing import Any

import connexion
import pytest
from connexion.exceptions import ResolverError
from connexion.mock import MockResolver
from connexion.resolver import (
    MethodResolver,
    MethodViewResolver,
    RelativeResolver,
    Resolution,
    Resolver,
    RestyResolver,
)
from tests.portico.gateway.connexion.documents import JSON_ANSWER, in_path, openapi, operation, produces, swagger


def answering(text: str) -> Any:
    def handler(**_: Any) -> str:
        return text

    return handler


def test_an_operation_id_with_dots_is_imported(serve, module) -> None:
    module("shop.orders", place=answering("placed"))
    client = serve(openapi({"/": {"get": operation(operationId="shop.orders.place")}}))
    assert client.get("/").json() == "placed"


def test_an_operation_id_may_name_a_method_of_an_object(serve, module) -> None:
    class Shop:
        def place(self) -> str:
            return "placed"

    module("shop", window=Shop())
    assert serve(openapi({"/": {"get": operation(operationId="shop.window.place")}})).get("/").json() == "placed"


def test_a_controller_in_the_document(serve, module) -> None:
    module("shop", place=answering("placed"))
    client = serve(openapi({"/": {"get": operation(operationId="place", **{"x-openapi-router-controller": "shop"})}}))
    assert client.get("/").json() == "placed"


def test_a_controller_in_a_swagger_2_document(serve, module) -> None:
    module("shop", place=answering("placed"))
    found = {"operationId": "place", "x-swagger-router-controller": "shop", "responses": {"200": {"description": ""}}}
    assert serve(swagger({"/": {"get": found}})).get("/").json() == "placed"


def test_a_function_that_resolves(serve) -> None:
    asked: list[str] = []

    def resolve(operation_id: str) -> Any:
        asked.append(operation_id)
        return answering(operation_id)

    assert serve(openapi({"/": {"get": operation(operationId="place")}}), resolver=resolve).get("/").json() == "place"
    assert set(asked) == {"place"}


def test_a_function_that_resolves_on_the_app(serve) -> None:
    document = openapi({"/": {"get": operation(operationId="place")}})
    assert serve(document, app={"resolver": answering_for}).get("/").json() == "place"


def answering_for(operation_id: str) -> Any:
    return answering(operation_id)


def test_a_resolver_with_a_function(serve) -> None:
    client = serve(openapi({"/": {"get": operation(operationId="place")}}), resolver=Resolver(answering_for))
    assert client.get("/").json() == "place"


@pytest.mark.parametrize("by", ["name", "module"])
def test_a_relative_resolver(serve, module, by) -> None:
    shop = module("shop", place=answering("placed"))
    module("other", place=answering("elsewhere"))
    paths = {
        "/": {"get": operation(operationId="place")},
        "/other": {"get": operation(operationId="place", **{"x-openapi-router-controller": "other"})},
    }
    client = serve(openapi(paths), resolver=RelativeResolver("shop" if by == "name" else shop))
    assert client.get("/").json() == "placed"
    assert client.get("/other").json() == "elsewhere"


def anonymous(**fields: Any) -> dict[str, Any]:
    """An operation without operationId."""
    return {"responses": JSON_ANSWER, **fields}


PETS = {
    "/": {"get": anonymous()},
    "/pets": {"get": anonymous(), "post": anonymous()},
    "/pets/{id}": {"parameters": [in_path("id")], "get": anonymous(), "put": anonymous(), "delete": anonymous()},
    "/pets/{id}/pet-names": {"parameters": [in_path("id")], "get": anonymous()},
    "/named": {"get": anonymous(operationId="api.named")},
    "/controlled": {"get": anonymous(**{"x-openapi-router-controller": "other"})},
}


@pytest.mark.parametrize("collection", ["search", "list_all"])
def test_a_resty_resolver(serve, module, collection) -> None:
    module("api", get=answering("root"), named=answering("named"))
    verbs = {verb: answering(verb) for verb in ("get", "put", "post", "delete")}
    module("api.pets", **verbs, **{collection: answering("collection")})
    module("api.pets.pet_names", **{collection: answering("names")})
    module("other", **{collection: answering("controlled")})
    client = serve(openapi(PETS), resolver=RestyResolver("api", collection_endpoint_name=collection))
    answers = {
        ("GET", "/"): "root",
        ("GET", "/pets"): "collection",
        ("POST", "/pets"): "post",
        ("GET", "/pets/1"): "get",
        ("PUT", "/pets/1"): "put",
        ("DELETE", "/pets/1"): "delete",
        ("GET", "/pets/1/pet-names"): "names",
        ("GET", "/named"): "named",
        ("GET", "/controlled"): "controlled",
    }
    assert {at: client.request(*at).json() for at in answers} == answers


class PetsView:
    """A class whose methods answer."""

    made = 0

    def __init__(self, *names: str, kind: str = "pet") -> None:
        PetsView.made += 1
        self.names = names
        self.kind = kind

    def search(self) -> list[str]:
        return [*self.names, self.kind]

    async def get(self, id: str) -> str:
        return f"{self.kind} {id}"

    def post(self) -> tuple[str, int]:
        return self.kind, 201


VIEWED = {
    "/pets": {"get": anonymous(), "post": anonymous()},
    "/pets/{id}": {"parameters": [in_path("id")], "get": anonymous()},
    "/named": {"get": anonymous(operationId="api.more.named")},
}


def test_a_method_resolver(serve, module) -> None:
    module("api", PetsView=PetsView)
    module("api.more", named=answering("named"))
    arguments = {"PetsView": {"args": ("Rex", "Tom"), "kwargs": {"kind": "animal"}}}
    client = serve(openapi(VIEWED), resolver=MethodResolver("api", class_arguments=arguments))
    assert client.get("/pets").json() == ["Rex", "Tom", "animal"]
    assert client.get("/pets/7").json() == "animal 7"
    assert client.post("/pets").status_code == 201
    assert client.get("/named").json() == "named"


def test_a_method_resolver_makes_one_object_of_a_class(serve, module) -> None:
    module("api", PetsView=PetsView)
    module("api.more", named=answering("named"))
    PetsView.made = 0
    assert serve(openapi(VIEWED), resolver=MethodResolver("api")).get("/pets").json() == ["pet"]
    assert PetsView.made == 1


class ItemsView:
    """A view as Flask makes them: one function for all methods."""

    @classmethod
    def as_view(cls, name: str, *args: Any, **kwargs: Any) -> Any:
        def view(**arguments: Any) -> Any:
            return getattr(cls(), connexion.request.method.lower())(**arguments)

        view.view_class = cls  # type: ignore[attr-defined]
        view.__name__ = name
        return view

    def get(self, **arguments: Any) -> Any:
        return {"get": arguments}

    def post(self, **arguments: Any) -> Any:
        return {"post": arguments}


def test_a_method_view_resolver(serve, module) -> None:
    module("api", ItemsView=ItemsView)
    paths = {
        "/items": {"get": anonymous(), "post": anonymous()},
        "/items/{id}": {"parameters": [in_path("id", "integer")], "get": anonymous()},
    }
    client = serve(openapi(paths), resolver=MethodViewResolver("api"))
    assert client.get("/items").json() == {"get": {}}
    assert client.post("/items").json() == {"post": {}}
    assert client.get("/items/7").json() == {"get": {"id": 7}}


def test_a_users_own_resolver_may_override_the_name(serve, module) -> None:
    class Shouting(Resolver):
        def resolve_operation_id(self, operation: Any) -> str:
            return f"shop.{operation.method}_{operation.path.strip('/')}_{operation.operation_id}".upper().lower()

    module("shop", get_a_place=answering("placed"))
    client = serve(openapi({"/a": {"get": operation(operationId="place")}}), resolver=Shouting())
    assert client.get("/a").json() == "placed"


def test_a_users_own_resolver_may_override_everything(serve) -> None:
    class Own(Resolver):
        def resolve(self, operation: Any) -> Resolution:
            name = f"{operation.method} {operation.path}"
            return Resolution(answering(f"{name} {operation.router_controller}"), name)

    paths = {"/a": {"get": anonymous(), "post": anonymous(**{"x-openapi-router-controller": "c"})}}
    client = serve(openapi(paths), resolver=Own())
    assert client.get("/a").json() == "get /a None"
    assert client.post("/a").json() == "post /a c"


def test_a_resolver_sees_the_operations_details(serve) -> None:
    seen: dict[str, Any] = {}

    class Curious(Resolver):
        def resolve(self, operation: Any) -> Resolution:
            seen.update(at=f"{operation.method} {operation.path}", body=operation.is_request_body_defined)
            seen.update(security=operation.security, schemes=operation.security_schemes)
            return super().resolve(operation)

    serve(openapi({"/": {"get": operation(operationId="x")}}), resolver=Curious(answering_for)).get("/")
    assert seen == {"at": "get /", "body": False, "security": None, "schemes": {}}


@pytest.mark.parametrize("operation_id", ["shop.missing", "missing_module.place", "place"])
def test_a_handler_that_cannot_be_found_stops_the_start(app_class, module, operation_id) -> None:
    module("shop")
    app = app_class("scenario", validate_responses=False)
    with pytest.raises((ResolverError, ImportError, ValueError)):  # noqa: PT012
        app.add_api(openapi({"/": {"get": operation(operationId=operation_id)}}))
        app.test_client().get("/")


def test_resolver_error_answers_for_handlers_that_cannot_be_found(serve, problem, module) -> None:
    module("shop", place=answering("placed"))
    paths = {
        "/a": {"get": operation(operationId="shop.place")},
        "/b": {"get": operation(operationId="shop.missing")},
    }
    client = serve(openapi(paths), resolver_error=501)
    assert client.get("/a").json() == "placed"
    found = problem(client.get("/b"))
    assert (found["status"], found["title"]) == (501, "Not Implemented")


def test_resolver_error_may_be_another_status(serve, module) -> None:
    module("shop")
    client = serve(openapi({"/b": {"get": operation(operationId="shop.missing")}}), app={"resolver_error": 404})
    assert client.get("/b").status_code == 404


EXAMPLES: list[tuple[str, dict[str, Any], int, Any]] = [
    ("an example", {"200": {"description": "", "content": {"application/json": {"example": {"a": 1}}}}}, 200, {"a": 1}),
    ("a named example",
     {"201": {"description": "", "content": {"application/json": {"examples": {"one": {"value": [1]}}}}}}, 201, [1]),
    ("the schema's example",
     {"200": {"description": "", "content": {"application/json": {"schema": {"type": "string", "example": "x"}}}}},
     200, "x"),
    ("no content", {"204": {"description": ""}}, 204, None),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "responses", "status", "expected"), EXAMPLES, ids=[case[0] for case in EXAMPLES])
def test_a_mock_resolver(serve, shown, responses, status, expected) -> None:
    document = openapi({"/": {"get": {"operationId": "nowhere.to_be_found", "responses": responses}}})
    response = serve(document, resolver=MockResolver(mock_all=False)).get("/")
    assert response.status_code == status
    assert (response.json() if response.content else None) == expected


def test_a_mock_resolver_leaves_what_is_written(serve, module) -> None:
    module("shop", place=answering("placed"))
    example = {"200": {"description": "", "content": {"application/json": {"example": "mocked"}}}}
    document = openapi({"/": {"get": {"operationId": "shop.place", "responses": example}}})
    assert serve(document, resolver=MockResolver(mock_all=False)).get("/").json() == "placed"
    assert serve(document, resolver=MockResolver(mock_all=True)).get("/").json() == "mocked"


def test_one_function_may_answer_several_operations(serve) -> None:
    text = operation(operationId="b", responses=produces("text/plain"))
    paths = {"/a": {"get": operation(operationId="a")}, "/b": {"get": text}}
    client = serve(openapi(paths), resolver=lambda _name: answering("same"))
    assert client.get("/a").json() == "same"
    assert client.get("/b").text == "same"
