"""What a handler can ask about the request: `connexion.request` and the others of `connexion.context`."""

from __future__ import annotations

import asyncio
from typing import Any

import connexion
import httpx
import pytest
from connexion.context import context, operation, receive, request, scope
from connexion.testing import TestContext
from tests.portico.gateway.connexion import documents
from tests.portico.gateway.connexion.documents import in_path, openapi, query


def saying(text: str) -> Any:
    def handler() -> str:
        return text

    return handler


@pytest.fixture
def app(app_class):
    return app_class("scenario", validate_responses=False, resolver=saying)


def ask(app: Any, handler: Any, *, address: str = "/v1/a/x?q=1", **sent: Any) -> Any:
    item = {"get": documents.operation(parameters=[in_path("v"), query("q", "integer")])}
    app.add_api(openapi({"/a/{v}": item}, base="/v1"), resolver=lambda _name: handler)
    response = app.test_client().get(address, **sent)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_request(app, kind) -> None:
    def tell(**_: Any) -> dict[str, Any]:
        return {
            "method": request.method,
            "path": request.url.path,
            "query": dict(request.query_params) if request.uri_parser else str(request.url.query),
            "agent": request.headers["user-agent"],
            "cookie": request.cookies["c"],
            "type": request.content_type,
            "mimetype": request.mimetype,
        }

    async def asynchronous(**arguments: Any) -> dict[str, Any]:
        return tell(**arguments)

    sent = {"User-Agent": "me", "Cookie": "c=1", "Content-Type": "text/plain; charset=utf-8"}
    assert ask(app, tell if kind == "sync" else asynchronous, headers=sent) == {
        "method": "GET",
        "path": "/v1/a/x",
        "query": "q=1",
        "agent": "me",
        "cookie": "1",
        "type": "text/plain; charset=utf-8",
        "mimetype": "text/plain",
    }


def test_connexion_request_is_the_same(app) -> None:
    assert ask(app, lambda v: connexion.request.url.path) == "/v1/a/x"


def test_the_operation(app) -> None:
    def handler(v: str) -> list[Any]:
        return [
            operation.operation_id,
            operation.method,
            operation.path,
            sorted(parameter["name"] for parameter in operation.parameters),
            operation.produces,
            operation.consumes,
            sorted(operation.responses),
        ]

    assert ask(app, handler) == ["handler", "get", "/a/{v}", ["q", "v"], ["application/json"], [], ["200"]]


def test_the_scope(app) -> None:
    def handler(v: str) -> list[Any]:
        return [scope["path"], scope["path_params"], scope["extensions"]["connexion_routing"]["operation_id"]]

    assert ask(app, handler) == ["/v1/a/x", {"v": "x"}, "handler"]


def test_the_context_is_a_place_for_middlewares(app) -> None:
    class Lending:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                scope.setdefault("extensions", {}).setdefault("connexion_context", {})["lent"] = "a book"
            await self.app(scope, receive, send)

    app.add_middleware(Lending)
    assert ask(app, lambda v, lent: [lent, context["lent"]]) == ["a book", "a book"]


def test_the_receive_channel(app_class) -> None:
    async def handler() -> str:
        return (await receive())["body"].decode()

    app = app_class("scenario", validate_responses=False, resolver=lambda _name: handler)
    app.add_api(documents.post(requestBody=documents.body({"type": "string"}, "text/plain")))
    assert app.test_client().post("/", content=b"hi", headers={"Content-Type": "text/plain"}).json() == "hi"


def test_handlers_are_tested_in_a_context_of_their_own() -> None:
    def handler() -> list[Any]:
        return [context["user"], request.headers["X-A"], operation.method]

    given = TestContext.build_scope(headers=[(b"x-a", b"1")])
    with TestContext(context={"user": "ann"}, scope=given, operation=type("O", (), {"method": "get"})()):
        assert handler() == ["ann", "1", "get"]


def test_there_is_no_context_outside_of_a_request() -> None:
    with pytest.raises(RuntimeError):
        _ = context["user"]


def test_concurrent_requests_have_contexts_of_their_own(app) -> None:
    async def handler(v: str) -> list[str]:
        await asyncio.sleep(0)
        return (
            [v, connexion.request.url.path, context["user"]] if "user" in context else [v, connexion.request.url.path]
        )

    item = {"get": documents.operation(parameters=[in_path("v")])}
    app.add_api(openapi({"/a/{v}": item}), resolver=lambda _name: handler)

    async def all_at_once() -> list[Any]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
            responses = await asyncio.gather(*(client.get(f"/a/{number}") for number in range(20)))
        return [response.json() for response in responses]

    assert asyncio.run(all_at_once()) == [[str(number), f"/a/{number}"] for number in range(20)]
