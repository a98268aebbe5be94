"""What every request meets and every answer carries."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import logging
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import brotli
import pytest
from starlette.responses import Response
from starlette.testclient import TestClient
from tests.portico.gateway.designs import document, json_body, operation

from portico.config import Config, Cors, Server
from portico.config import Gateway as GatewaySettings
from portico.gateway import Gateway
from portico.observe import AccessLog, Metrics

Serve = Callable[..., TestClient]


async def hello() -> dict[str, str]:
    return {"message": "hello"}


HELLO = document({"/hello": {"get": operation("hello")}, "/items/{id}": {"put": operation("put_item")}})
HANDLERS: dict[str, Callable[..., Any]] = {"hello": hello, "put_item": hello}


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


def test_every_answer_has_a_request_id_of_its_own(serve: Serve) -> None:
    client = serve(HELLO, HANDLERS)
    ids = {client.get(path).headers["x-request-id"] for path in ("/hello", "/hello", "/nowhere")}
    assert len(ids) == 3


def test_a_request_id_that_comes_in_goes_out(serve: Serve) -> None:
    client = serve(HELLO, HANDLERS)
    assert client.get("/hello", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"] == "abc-1"


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "<script>", "a\tb", "ü"])
def test_a_request_id_that_could_harm_a_log_is_replaced(serve: Serve, given: str) -> None:
    answer = serve(HELLO, HANDLERS).get("/hello", headers={"X-Request-Id": given.encode()})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


def test_an_unknown_path_is_a_404_problem(serve: Serve) -> None:
    assert problem(serve(HELLO, HANDLERS).get("/nowhere"), 404)["title"] == "Not Found"


def test_a_wrong_method_is_a_405_that_names_the_right_ones(serve: Serve) -> None:
    answer = serve(HELLO, HANDLERS).post("/hello")
    problem(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_options_tells_the_methods(serve: Serve) -> None:
    answer = serve(HELLO, HANDLERS).options("/items/7")
    assert (answer.status_code, answer.headers["allow"]) == (204, "OPTIONS, PUT")


def test_head_is_get_without_a_body(serve: Serve) -> None:
    client = serve(HELLO, HANDLERS)
    answer = client.head("/hello")
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["content-length"] == client.get("/hello").headers["content-length"]


def test_a_slash_too_many_is_redirected_with_its_query(serve: Serve) -> None:
    answer = serve(HELLO, HANDLERS).get("/hello/?a=1", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/hello?a=1")


def test_a_redirect_never_leaves_the_origin(serve: Serve) -> None:
    client = serve(document({"/{a}/{b}": {"get": operation("hello")}}), {"hello": hello})
    answer = client.get("//evil.example/x/", follow_redirects=False)
    assert "evil.example" not in answer.headers.get("location", "")


SHOP = "https://shop.example"
CORS = Config(cors=Cors(allow_origins=(SHOP,), allow_credentials=True))


@pytest.mark.parametrize("path", ["/hello", "/nowhere", "/items/7"])
def test_cors_is_on_every_answer_errors_included(serve: Serve, path: str) -> None:
    answer = serve(HELLO, HANDLERS, CORS).get(path, headers={"Origin": SHOP})
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "X-Request-Id" in answer.headers["access-control-expose-headers"]
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{SHOP}.evil.example", "http://shop.example"])
def test_another_origin_gets_no_cors(serve: Serve, origin: str) -> None:
    answer = serve(HELLO, HANDLERS, CORS).get("/hello", headers={"Origin": origin})
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" in answer.headers["vary"]


def test_a_preflight_is_answered_before_any_security(serve: Serve) -> None:
    doc = document({"/items": {"post": operation("hello", security=[{"key": []}])}}, components=KEY)
    headers = {"Origin": SHOP, "Access-Control-Request-Method": "POST"}
    answer = serve(doc, HANDLERS, CORS).options("/items", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "Authorization" in answer.headers["access-control-allow-headers"]


def test_any_origin_with_credentials_is_refused_at_start(serve: Serve) -> None:
    settings = Config(cors=Cors(allow_origins=("*",), allow_credentials=True))
    gateway = Gateway(__name__, settings=settings)
    with pytest.raises(ValueError, match="name origins"):
        gateway.compile()


KEY = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
ECHO = document({"/echo": {"post": operation("echo", requestBody=json_body({}))}})


async def echo(body: Any) -> Any:
    return {"got": body}


def test_a_body_over_the_limit_is_refused(serve: Serve) -> None:
    client = serve(ECHO, {"echo": echo}, Config(server=Server(body_limit=100)))
    assert "100 bytes" in problem(client.post("/echo", json="x" * 200), 413)["detail"]
    assert client.post("/echo", json="x" * 50).status_code == 200


def test_a_body_over_the_limit_is_refused_though_nothing_announced_it(serve: Serve) -> None:
    client = serve(ECHO, {"echo": echo}, Config(server=Server(body_limit=100)))
    parts = (b"x" * 60 for _ in range(10))
    problem(client.post("/echo", content=parts, headers={"Content-Type": "application/json"}), 413)


def test_a_stream_that_the_handler_reads_is_limited_too(serve: Serve) -> None:
    import connexion

    async def upload() -> dict[str, int]:
        return {"size": sum([len(part) async for part in connexion.request.stream()])}

    body = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
    doc = document({"/up": {"post": operation("upload", requestBody=body)}})
    client = serve(doc, {"upload": upload}, Config(server=Server(body_limit=100)))
    headers = {"Content-Type": "application/octet-stream"}
    assert client.post("/up", content=b"x" * 90, headers=headers).json() == {"size": 90}
    problem(client.post("/up", content=b"x" * 101, headers=headers), 413)


def test_a_handler_that_takes_too_long_is_a_504(serve: Serve) -> None:
    async def slow() -> None:
        await asyncio.Event().wait()

    client = serve(HELLO, {**HANDLERS, "hello": slow}, Config(server=Server(handler_timeout=0.05)))
    problem(client.get("/hello"), 504)


async def test_a_body_that_never_ends_is_a_408() -> None:
    gateway = Gateway(__name__, settings=Config(server=Server(body_timeout=0.05)))
    gateway.add_api(ECHO, resolver=lambda _name: echo)
    sent: list[Any] = []
    parts = iter([{"type": "http.request", "body": b"[1,", "more_body": True}])

    async def receive() -> Any:
        for part in parts:
            return part
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")]
    scope = {"type": "http", "method": "POST", "path": "/echo", "query_string": b"", "headers": headers}
    await asyncio.wait_for(gateway(scope, receive, send), 5)
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["title"] == "Request Timeout"


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_a_compressed_body_is_refused_openly(serve: Serve, encoding: str) -> None:
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    answer = serve(ECHO, {"echo": echo}).post("/echo", content=b"\x1f\x8b", headers=headers)
    assert encoding in problem(answer, 415)["detail"]


def test_a_handler_that_raises_is_a_500_that_tells_nothing_but_the_id(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> None:
        raise KeyError("the password is swordfish")

    answer = serve(HELLO, {**HANDLERS, "hello": broken}).get("/hello")
    body = problem(answer, 500)
    assert "swordfish" not in answer.text
    assert body.keys() == {"type", "title", "status", "detail", "request_id"}
    record = next(record for record in caplog.records if record.exc_info)
    assert body["request_id"] in record.getMessage()
    assert "swordfish" in str(record.exc_info[1]) if record.exc_info else False


@pytest.mark.parametrize(
    "headers",
    [{"X-Echo": "a\r\nSet-Cookie: b=c"}, {"X-Echo": "a\0"}, {"X: Y": "a"}, {"Content-Type": "text/a\r\nX: 1"}],
)
def test_a_header_that_would_break_out_is_a_500_and_no_header(serve: Serve, headers: dict[str, str]) -> None:
    async def split() -> Any:
        return {}, 200, headers

    async def response() -> Any:
        return Response(b"x", 200, headers)

    for handler in (split, response):
        answer = serve(HELLO, {**HANDLERS, "hello": handler}).get("/hello")
        problem(answer, 500)
        assert "set-cookie" not in answer.headers


def test_text_above_a_size_is_compressed_for_those_who_can_read_it(serve: Serve) -> None:
    async def long() -> dict[str, str]:
        return {"message": "hello " * 1_000}

    client = serve(HELLO, {**HANDLERS, "hello": long})
    plain = client.get("/hello", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding"
    for accepted, name, unpack in (("gzip", "gzip", gzip.decompress), ("gzip, br", "br", brotli.decompress)):
        with client.stream("GET", "/hello", headers={"Accept-Encoding": accepted}) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == name
        assert int(answer.headers["content-length"]) == len(raw) < len(plain.content) / 5
        assert unpack(raw) == plain.content
    refused = client.get("/hello", headers={"Accept-Encoding": "gzip;q=0, br;q=0"})
    assert "content-encoding" not in refused.headers


def test_short_answers_stay_as_they_are(serve: Serve) -> None:
    assert "content-encoding" not in serve(HELLO, HANDLERS).get("/hello").headers


def test_requests_are_counted_and_written_down_without_their_query() -> None:
    metrics, stream = Metrics(), io.StringIO()
    log = AccessLog(stream)
    gateway = Gateway(__name__, metrics=metrics, access_log=log)
    gateway.add_api(HELLO, resolver=lambda _name: hello, name="greetings")
    with TestClient(gateway) as client:
        answer = client.get("/hello?token=secret")
        client.get("/nowhere")
    log.close()
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first["operation"] == "greetings.hello"
    assert (first["method"], first["path"], first["status"], first["bytes"]) == (
        "GET",
        "/hello",
        200,
        len(answer.content),
    )
    assert first["request_id"] == answer.headers["x-request-id"]
    assert (second["path"], second["status"], second["operation"]) == ("/nowhere", 404, "")
    assert "secret" not in stream.getvalue()
    tally = metrics.tally("greetings", "hello", "GET")
    assert (tally.statuses, tally.in_flight) == ({200: 1}, 0)


def test_a_client_that_goes_away_is_no_error(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    async def gone() -> None:
        gateway = Gateway(__name__)
        gateway.add_api(ECHO, resolver=lambda _name: echo)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"5")]
        scope = {"type": "http", "method": "POST", "path": "/echo", "query_string": b"", "headers": headers}

        async def receive() -> Any:
            return {"type": "http.disconnect"}

        async def send(_message: Any) -> None:
            raise AssertionError("nobody is there to be answered")

        await gateway(scope, receive, send)

    asyncio.run(gone())
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_an_answer_that_breaks_off_closes_the_connection(serve: Serve) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"half"
        raise RuntimeError("broken")

    async def stream() -> Any:
        return half()

    doc = HELLO | {"paths": {"/hello": {"get": operation("hello")}}}
    gateway = Gateway(__name__)
    gateway.add_api(doc, resolver=lambda _name: stream)
    with pytest.raises(RuntimeError, match="broken"):
        TestClient(gateway).get("/hello")


def test_a_mounted_application_answers_where_no_operation_does(serve: Serve) -> None:
    async def page(scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    async def longer(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    gateway = Gateway(__name__, settings=CORS)
    gateway.add_api(HELLO, resolver=lambda _name: hello)
    gateway.mount("/", page)
    gateway.mount("/docs/more", longer)
    client = TestClient(gateway)
    answer = client.get("/anything", headers={"Origin": SHOP})
    assert (answer.text, answer.headers["access-control-allow-origin"]) == ("/anything", SHOP)
    assert "x-request-id" in answer.headers
    assert client.get("/hello").json() == {"message": "hello"}
    assert client.get("/docs/more/x").status_code == 204
    assert client.get("/docs/moreover").text == "/docs/moreover"


def test_strict_settings_reach_the_gateway(serve: Serve) -> None:
    settings = Config(gateway=GatewaySettings(validate_responses="off"))
    doc = document({"/hello": {"get": {"operationId": "hello", "responses": {"200": CAT}}}})
    assert serve(doc, HANDLERS, settings).get("/hello").status_code == 200
    assert serve(doc, HANDLERS).get("/hello").status_code == 500


CAT = {
    "description": "a cat",
    "content": {"application/json": {"schema": {"type": "object", "required": ["cat"]}}},
}
