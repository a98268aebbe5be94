"""What goes wrong: problems, exceptions and the user's own error handlers."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin

import connexion
import pytest
from connexion.exceptions import (
    BadRequestProblem,
    ClientProblem,
    Forbidden,
    InternalServerError,
    OAuthProblem,
    ProblemException,
    ServerError,
    Unauthorized,
)
from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from starlette.exceptions import HTTPException
from starlette.websockets import WebSocketDisconnect
from tests.portico.gateway.connexion.documents import body, echo, get, openapi, operation, post, query


def raising(error: BaseException) -> Any:
    """A handler that raises."""

    def handler() -> None:
        raise error

    return handler


class MyError(Exception):
    """A user's own exception."""


class MyOtherError(MyError):
    """A kind of it."""


RAISED: list[tuple[str, BaseException, dict[str, Any]]] = [
    ("a problem", ProblemException(status=418, title="Teapot", detail="short and stout", type="https://x.example/t"),
     {"status": 418, "title": "Teapot", "detail": "short and stout", "type": "https://x.example/t"}),
    ("a problem with more", ProblemException(status=409, title="Clash", detail="d", instance="/i", ext={"other": [7]}),
     {"status": 409, "title": "Clash", "detail": "d", "instance": "/i", "other": [7], "type": "about:blank"}),
    ("a bad request", BadRequestProblem("no"), {"status": 400, "title": "Bad Request", "detail": "no"}),
    ("a client problem", ClientProblem(422, "Odd", detail="no"), {"status": 422, "title": "Odd", "detail": "no"}),
    ("unauthorized", Unauthorized("who?"), {"status": 401, "title": "Unauthorized", "detail": "who?"}),
    ("an OAuth problem", OAuthProblem("token?"), {"status": 401, "title": "Unauthorized", "detail": "token?"}),
    ("forbidden", Forbidden("no"), {"status": 403, "title": "Forbidden", "detail": "no"}),
    ("an HTTP exception", HTTPException(409, "taken"), {"status": 409, "title": "Conflict", "detail": "taken"}),
    ("an HTTP exception without detail", HTTPException(404), {"status": 404, "title": "Not Found"}),
    ("a server error", ServerError(503, "Busy"), {"status": 503, "title": "Busy"}),
    ("an internal error", InternalServerError(), {"status": 500, "title": "Internal Server Error"}),
    ("any exception", MyError("secret"), {"status": 500, "title": "Internal Server Error", "type": "about:blank"}),
    ("a lookup error", KeyError("x"), {"status": 500, "title": "Internal Server Error"}),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(("shown", "error", "expected"), RAISED, ids=[case[0] for case in RAISED])
def test_a_handler_may_raise(serve, problem, kind, shown, error, expected) -> None:
    async def asynchronous() -> None:
        raise error

    found = problem(serve(get(), asynchronous if kind == "async" else raising(error)).get("/"))
    assert {name: found.get(name) for name in expected} == expected


def test_the_text_of_an_exception_is_not_told(serve) -> None:
    assert "secret" not in serve(get(), raising(MyError("secret"))).get("/").text


def test_headers_of_a_problem_are_sent(serve) -> None:
    error = ProblemException(status=429, title="Slow", detail="d", headers={"Retry-After": "7"})
    assert serve(get(), raising(error)).get("/").headers["retry-after"] == "7"


def test_headers_of_an_http_exception_are_sent(serve) -> None:
    error = HTTPException(401, "who?", {"WWW-Authenticate": "Bearer"})
    assert serve(get(), raising(error)).get("/").headers["www-authenticate"] == "Bearer"


def test_an_address_that_the_document_does_not_have(serve, problem) -> None:
    found = problem(serve(get(), lambda: "fine").get("/nowhere"))
    assert (found["status"], found["title"], found["type"]) == (404, "Not Found", "about:blank")


def test_a_method_that_the_path_does_not_have(serve, problem) -> None:
    found = problem(serve(get(), lambda: "fine").post("/"))
    assert (found["status"], found["title"], found["type"]) == (405, "Method Not Allowed", "about:blank")


@pytest.mark.parametrize(
    ("declared", "asked", "found"),
    [("/a", "/a/", "/a"), ("/a/", "/a", "/a/"), ("/a/{v}", "/a/7/?q=1", "/a/7?q=1"), ("/", "", "/")],
)
@pytest.mark.parametrize("base", ["", "/v1"])
def test_a_slash_too_many_or_too_few_is_redirected(serve, base, declared, asked, found) -> None:
    client = serve(openapi({declared: {"get": operation(parameters=[])}}, base=base), echo)
    if not base and not asked:
        return  # there is no such request
    response = client.get(base + asked, follow_redirects=False)
    assert response.status_code == 307
    assert urljoin("http://testserver", response.headers["location"]) == f"http://testserver{base}{found}"


def test_a_websocket_handshake_is_refused(serve) -> None:
    client = serve(get(), lambda: "fine")
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/"):
        pass


def test_nothing_is_redirected_where_nothing_is(serve) -> None:
    client = serve(openapi({"/a": {"get": operation()}}), echo)
    for path in ("/b/", "/a/b", "//a"):
        assert client.get(path, follow_redirects=False).status_code == 404


def test_head_is_answered_where_get_is_declared(serve) -> None:
    client = serve(get(), lambda: ({"a": 1}, 200, {"X-Colour": "red"}))
    response = client.head("/")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["x-colour"] == "red"
    assert response.headers["content-length"] == str(len(client.get("/").content))


def answer(status: int, **members: Any) -> Any:
    """An error handler that answers with this."""

    def handle(request: ConnexionRequest, error: Exception) -> ConnexionResponse:
        return ConnexionResponse(
            status, "application/json", body=json.dumps({"path": request.url.path, "error": str(error), **members})
        )

    return handle


@pytest.fixture
def handling(app_class):
    """Serves `GET /` that raises, and `POST /` with a checked body, with error handlers."""

    def handling(error: BaseException | None, *handlers: tuple[Any, Any]) -> Any:
        app = app_class("scenario", validate_responses=False)
        paths = {
            "/": {
                "get": operation(operationId="fail", parameters=[query("n", "integer")]),
                "post": operation(operationId="fine", requestBody=body({"type": "object"}, required=True)),
            }
        }
        resolver = {"fail": raising(error) if error else lambda: "fine", "fine": lambda: "fine"}.__getitem__
        app.add_api(openapi(paths), resolver=resolver)
        for code_or_class, handler in handlers:
            app.add_error_handler(code_or_class, handler)
        return app.test_client()

    return handling


def test_an_error_handler_by_class(handling) -> None:
    response = handling(MyError("boom"), (MyError, answer(418))).get("/")
    assert (response.status_code, response.json()) == (418, {"path": "/", "error": "boom"})


def test_an_error_handler_by_base_class(handling) -> None:
    response = handling(MyOtherError("boom"), (MyError, answer(418))).get("/")
    assert (response.status_code, response.json()["error"]) == (418, "boom")


def test_the_nearest_class_wins(handling) -> None:
    client = handling(MyOtherError("boom"), (Exception, answer(500, by="any")), (MyOtherError, answer(418, by="too")),
                      (MyError, answer(417, by="mine")))  # fmt: skip
    assert client.get("/").json()["by"] == "too"


def test_an_error_handler_for_every_exception(handling) -> None:
    assert handling(KeyError("x"), (Exception, answer(599))).get("/").status_code == 599


def test_an_error_handler_by_status(handling) -> None:
    client = handling(HTTPException(409, "taken"), (409, answer(410)))
    assert client.get("/").status_code == 410


def test_an_error_handler_by_status_sees_problems_too(handling) -> None:
    error = ProblemException(status=409, title="Clash", detail="taken")
    assert handling(error, (409, answer(410))).get("/").status_code == 410


@pytest.mark.parametrize(
    ("status", "method", "path", "options"),
    [
        (404, "GET", "/nowhere", {}),
        (405, "PATCH", "/", {}),
        (400, "GET", "/?n=x", {}),
        (400, "POST", "/", {"json": []}),
        (415, "POST", "/", {"content": b"x", "headers": {"Content-Type": "text/plain"}}),
    ],
)
def test_an_error_handler_by_status_sees_what_the_gateway_refuses(handling, status, method, path, options) -> None:
    response = handling(None, (status, answer(418))).request(method, path, **options)
    assert (response.status_code, response.json()["path"]) == (418, path.split("?")[0])


def test_an_error_handler_by_class_sees_what_the_gateway_refuses(handling) -> None:
    client = handling(None, (BadRequestProblem, answer(418)))
    assert client.get("/?n=x").status_code == 418
    assert client.post("/", json=[]).status_code == 418


def test_an_error_handler_of_http_exceptions_sees_404(handling) -> None:
    assert handling(None, (HTTPException, answer(418))).get("/nowhere").status_code == 418


def test_an_asynchronous_error_handler(handling) -> None:
    async def handle(request: ConnexionRequest, error: Exception) -> ConnexionResponse:
        return ConnexionResponse(418, "text/plain", body=f"{request.method} {error}")

    response = handling(MyError("boom"), (MyError, handle)).get("/")
    assert (response.status_code, response.text) == (418, "GET boom")


def test_an_error_handler_may_answer_with_a_problem(handling, problem) -> None:
    def handle(_request: ConnexionRequest, error: Exception) -> ConnexionResponse:
        return connexion.problem(404, "No pet", str(error))

    found = problem(handling(MyError("boom"), (MyError, handle)).get("/"))
    assert (found["status"], found["title"], found["detail"]) == (404, "No pet", "boom")


def test_an_error_handler_may_set_headers(handling) -> None:
    def handle(_request: ConnexionRequest, _error: Exception) -> ConnexionResponse:
        return ConnexionResponse(503, "text/plain", body="later", headers={"Retry-After": "3"})

    assert handling(MyError("boom"), (MyError, handle)).get("/").headers["retry-after"] == "3"


def test_no_error_handler_can_be_added_after_the_start(app_class) -> None:
    app = app_class("scenario", validate_responses=False)
    app.add_api(get(), resolver=lambda _name: lambda: "fine")
    app.test_client().get("/")
    with pytest.raises(RuntimeError):
        app.add_error_handler(404, answer(418))
    with pytest.raises(RuntimeError):
        app.add_api(post(), base_path="/other")


def test_an_exception_in_one_request_does_not_touch_the_next(handling) -> None:
    client = handling(MyError("boom"), (MyError, answer(418)))
    assert [client.get("/").status_code, client.post("/", json={}).status_code, client.get("/").status_code] == [
        418,
        200,
        418,
    ]
