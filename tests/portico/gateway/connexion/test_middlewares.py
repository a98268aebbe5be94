"""Middlewares at every position, and lifespans."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import connexion
import pytest
from connexion.middleware import ConnexionMiddleware, MiddlewarePosition
from connexion.middleware.security import SecurityMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from tests.portico.gateway.connexion import documents
from tests.portico.gateway.connexion.documents import get, in_path, openapi, query


def saying(text: str) -> Any:
    def handler() -> str:
        return text

    return handler


def named(name: str) -> dict[str, Any]:
    """A path item whose GET has this operationId."""
    return {"get": documents.operation(operationId=name)}


@pytest.fixture
def app(app_class):
    return app_class("scenario", validate_responses=False, resolver=saying)


class Tracing:
    """A middleware that writes its name and what is known of the request."""

    def __init__(self, app: Any, name: str = "", log: list[Any] | None = None) -> None:
        self.app, self.name, self.log = app, name, log if log is not None else []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            extensions = scope.get("extensions") or {}
            routed = "connexion_routing" in extensions
            user = extensions.get("connexion_context", {}).get("user")
            self.log.append((self.name, routed, user))
        await self.app(scope, receive, send)


POSITIONS = [
    "BEFORE_EXCEPTION",
    "BEFORE_SWAGGER",
    "BEFORE_ROUTING",
    "BEFORE_SECURITY",
    "BEFORE_VALIDATION",
    "BEFORE_CONTEXT",
]


@pytest.fixture
def guarded(app, module):
    """An app whose operation asks for a key and a number."""
    module("guard", key=lambda key: {"sub": key} if key == "k" else None)
    scheme = {"type": "apiKey", "in": "header", "name": "X-Key", "x-apikeyInfoFunc": "guard.key"}
    document = get(security=[{"key": []}], parameters=[query("n", "integer")])
    document["components"] = {"securitySchemes": {"key": scheme}}
    app.add_api(document)
    return app


def test_a_middleware_can_stand_at_every_position(guarded) -> None:
    log: list[Any] = []
    for position in reversed(POSITIONS):
        guarded.add_middleware(Tracing, MiddlewarePosition[position], name=position, log=log)
    assert guarded.test_client().get("/", headers={"X-Key": "k"}).status_code == 200
    assert log == [
        ("BEFORE_EXCEPTION", False, None),
        ("BEFORE_SWAGGER", False, None),
        ("BEFORE_ROUTING", False, None),
        ("BEFORE_SECURITY", True, None),
        ("BEFORE_VALIDATION", True, "k"),
        ("BEFORE_CONTEXT", True, "k"),
    ]


@pytest.mark.parametrize(
    ("path", "headers", "reached"),
    [("/", {}, 4), ("/?n=x", {"X-Key": "k"}, 5), ("/?n=1", {"X-Key": "k"}, 6), ("/x", {}, 6)],
)
def test_a_refused_request_does_not_reach_the_middlewares_behind(guarded, path, headers, reached) -> None:
    log: list[Any] = []
    for position in POSITIONS:
        guarded.add_middleware(Tracing, MiddlewarePosition[position], name=position, log=log)
    guarded.test_client().get(path, headers=headers)
    assert [name for name, _, _ in log] == POSITIONS[:reached]


def test_the_middleware_added_last_stands_nearest(guarded) -> None:
    log: list[Any] = []
    guarded.add_middleware(Tracing, name="first", log=log)
    guarded.add_middleware(Tracing, name="second", log=log)
    guarded.test_client().get("/", headers={"X-Key": "k"})
    assert [name for name, _, _ in log] == ["first", "second"]


def test_a_middleware_may_answer_itself(guarded) -> None:
    class Closed:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                await PlainTextResponse("closed", 503)(scope, receive, send)
            else:
                await self.app(scope, receive, send)

    guarded.add_middleware(Closed, MiddlewarePosition.BEFORE_ROUTING)
    response = guarded.test_client().get("/")
    assert (response.status_code, response.text) == (503, "closed")


def test_a_middleware_may_change_the_answer(guarded) -> None:
    class Stamping:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def stamping(message: Any) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"x-stamp", b"1")]
                await send(message)

            await self.app(scope, receive, stamping)

    guarded.add_middleware(Stamping, MiddlewarePosition.BEFORE_CONTEXT)
    assert guarded.test_client().get("/", headers={"X-Key": "k"}).headers["x-stamp"] == "1"


def test_a_middleware_may_change_the_query_before_validation(app) -> None:
    class Renaming:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await self.app({**scope, "query_string": b"n=7"}, receive, send)

    app.add_api(get(parameters=[query("n", "integer", required=True)]), resolver=lambda _name: lambda n: n)
    app.add_middleware(Renaming, MiddlewarePosition.BEFORE_VALIDATION)
    assert app.test_client().get("/?n=x").json() == 7


@pytest.mark.parametrize("way", ["a new scope", "the same list"])
def test_a_middleware_may_add_a_header_before_security(guarded, way) -> None:
    class Lending:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if way == "a new scope":
                scope = {**scope, "headers": [*scope["headers"], (b"x-key", b"k")]}
            else:
                scope["headers"].append((b"x-key", b"k"))
            await self.app(scope, receive, send)

    guarded.add_middleware(Lending, MiddlewarePosition.BEFORE_SECURITY)
    assert guarded.test_client().get("/").status_code == 200


@pytest.mark.parametrize("position", ["BEFORE_ROUTING", "BEFORE_VALIDATION"])
def test_a_middleware_may_change_the_body_before_validation(app, position) -> None:
    class Filling:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def filled() -> Any:
                message = await receive()
                return {**message, "body": message["body"].replace(b"?", b"7")}

            await self.app(scope, filled, send)

    declared = documents.body({"type": "object", "properties": {"n": {"type": "integer"}}})
    app.add_api(documents.post(requestBody=declared), resolver=lambda _name: lambda body: body)
    app.add_middleware(Filling, MiddlewarePosition[position])
    headers = {"Content-Type": "application/json"}
    assert app.test_client().post("/", content=b'{"n": ?}', headers=headers).json() == {"n": 7}


def test_a_middleware_before_the_context_may_read_the_checked_body(app) -> None:
    seen: list[bytes] = []

    class Reading:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def noted() -> Any:
                message = await receive()
                seen.append(message.get("body", b""))
                return message

            await self.app(scope, noted, send)

    async def handler() -> Any:
        return await connexion.request.json()

    app.add_api(documents.post(requestBody=documents.body({"type": "object"})), resolver=lambda _name: handler)
    app.add_middleware(Reading, MiddlewarePosition.BEFORE_CONTEXT)
    assert app.test_client().post("/", json={"n": 7}).json() == {"n": 7}
    assert b"".join(seen) == b'{"n":7}'


def test_a_middleware_may_change_the_path_before_routing(app) -> None:
    class Moving:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await self.app({**scope, "path": "/new", "raw_path": b"/new"}, receive, send)

    app.add_api(openapi({"/new": named("new")}))
    app.add_middleware(Moving, MiddlewarePosition.BEFORE_ROUTING)
    assert app.test_client().get("/old").json() == "new"


def test_an_exception_in_a_middleware_is_a_problem(guarded, problem) -> None:
    class Broken:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            raise connexion.ProblemException(status=409, title="Clash", detail="in the middleware")

    guarded.add_middleware(Broken, MiddlewarePosition.BEFORE_SECURITY)
    assert problem(guarded.test_client().get("/"))["detail"] == "in the middleware"


def test_a_middleware_of_starlette(guarded) -> None:
    guarded.add_middleware(CORSMiddleware, MiddlewarePosition.BEFORE_EXCEPTION, allow_origins=["https://page.example"])
    response = guarded.test_client().get("/", headers={"Origin": "https://page.example"})
    assert (response.status_code, response.headers["access-control-allow-origin"]) == (401, "https://page.example")


def test_a_middleware_knows_the_operation(app) -> None:
    found: list[Any] = []

    class Asking:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            found.append(scope["extensions"]["connexion_routing"])
            await self.app(scope, receive, send)

    app.add_api(openapi({"/a/{v}": {"get": documents.operation(parameters=[in_path("v")])}}, base="/v1"),
                resolver=lambda _name: lambda v: v)  # fmt: skip
    app.add_middleware(Asking, MiddlewarePosition.BEFORE_CONTEXT)
    app.test_client().get("/v1/a/x")
    assert found == [{"api_base_path": "/v1", "operation_id": "handler"}]


def test_no_middleware_can_be_added_after_the_start(guarded) -> None:
    guarded.test_client().get("/")
    with pytest.raises(RuntimeError):
        guarded.add_middleware(Tracing)


def test_a_list_of_middlewares_of_ones_own(app_class) -> None:
    log: list[Any] = []

    def traced(app: Any) -> Tracing:
        return Tracing(app, "mine", log)

    middlewares = [traced, *ConnexionMiddleware.default_middlewares]
    app = app_class("scenario", middlewares=middlewares, validate_responses=False, resolver=saying)
    app.add_api(get())
    assert app.test_client().get("/").json() == "handler"
    assert log == [("mine", False, None)]


def test_a_list_of_middlewares_without_security(app_class) -> None:
    middlewares = [one for one in ConnexionMiddleware.default_middlewares if one is not SecurityMiddleware]
    app = app_class("scenario", middlewares=middlewares, validate_responses=False, resolver=saying)
    document = get(security=[{"key": []}])
    document["components"] = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
    app.add_api(document)
    assert app.test_client().get("/").status_code == 200


def test_the_gateway_can_be_wrapped_in_another_application(app) -> None:
    log: list[Any] = []
    app.add_api(get())
    assert TestClient(Tracing(app, "outside", log)).get("/").json() == "handler"
    assert log == [("outside", False, None)]


def test_a_lifespan_starts_and_stops_and_shares_its_state(app_class) -> None:
    events: list[str] = []

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
        events.append(type(app).__name__)
        yield {"greeting": "hello"}
        events.append("stopped")

    def handler() -> str:
        return connexion.request.state.greeting

    app = app_class("scenario", lifespan=lifespan, validate_responses=False, resolver=lambda _name: handler)
    app.add_api(get())
    with app.test_client() as client:
        assert client.get("/").json() == "hello"
        assert len(events) == 1
    assert events[1:] == ["stopped"]


def test_a_fault_in_the_lifespan_stops_the_start(app_class) -> None:
    @contextlib.asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        raise RuntimeError("no database")
        yield

    app = app_class("scenario", lifespan=lifespan, validate_responses=False, resolver=saying)
    app.add_api(get())
    with pytest.raises(RuntimeError, match="no database"), app.test_client():
        pass
