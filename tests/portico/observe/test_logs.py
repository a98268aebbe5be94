"""The logs: everything in one place, and no secret at any level."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from portico.observe import logs
from portico.observe.scrub import HIDDEN, scrub, scrub_text


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.root
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure("debug", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_error_is_a_json_line_with_its_trace_and_the_request_id(stream: io.StringIO) -> None:
    try:
        raise ValueError("no such flower")
    except ValueError as error:
        logging.getLogger("portico.gateway").error("handler raised", exc_info=error, extra={"request_id": "01JD"})
    (line,) = lines(stream)
    assert line["event"] == "handler raised"
    assert line["level"] == "error"
    assert line["logger"] == "portico.gateway"
    assert line["request_id"] == "01JD"
    assert line["time"].endswith("Z")
    assert "no such flower" in line["exception"]


def test_the_trace_does_not_show_the_values_of_local_variables(stream: io.StringIO) -> None:
    def sign_in(password: str) -> None:
        raise ValueError("no")

    try:
        sign_in("correct horse")
    except ValueError:
        logging.getLogger("handlers.shop").exception("sign-in failed")
    assert "correct horse" not in stream.getvalue().replace('sign_in("correct horse")', "").replace(
        'sign_in(\\"correct horse\\")', ""
    )


def test_warnings_arrive_too(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("this will go", DeprecationWarning, stacklevel=1)
    assert "this will go" in lines(stream)[0]["event"]


@pytest.mark.parametrize("name", ["httpcore.http11", "httpx", "authlib.oauth2", "uvicorn.error", "connexion.security"])
def test_libraries_that_print_requests_are_silent_at_every_level(stream: io.StringIO, name: str) -> None:
    logging.getLogger(name).debug("headers %r", [("authorization", "abc")])
    logging.getLogger(name).info("GET https://shop.example/?key=abc")
    assert stream.getvalue() == ""


def test_connexions_validators_do_not_quote_what_they_refuse(stream: io.StringIO) -> None:
    logging.getLogger("connexion.validators.form_data").error("Validation error: 'hunter2' is too short")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer s3cr3ts3cr3t",
        "authorization=Basic czNjcjN0czNjcjN0",
        "bearer s3cr3ts3cr3t",
        '{"password": "s3cr3ts3cr3t"}',
        "{'client_secret': 's3cr3ts3cr3t'}",
        "GET /?access_token=s3cr3ts3cr3t&page=2",
        "X-Api-Key: s3cr3ts3cr3t",
        "Set-Cookie: s3cr3ts3cr3t",
        "eyJhbGciOiJS.s3cr3ts3cr3t.s3cr3ts3cr3t",
        "postgresql://portico:s3cr3ts3cr3t@db/portico",
        "X-Amz-Signature=s3cr3ts3cr3t",
    ],
)
def test_a_secret_in_a_message_is_hidden(text: str) -> None:
    assert "s3cr3t" not in scrub_text(text)
    assert "czNjcjN0" not in scrub_text(text)
    assert HIDDEN in scrub_text(text)


@pytest.mark.parametrize("text", ["GET /products?page=2", "the token bucket is empty", "3 of 4 workers", "key: value"])
def test_ordinary_messages_stay_as_they_are(text: str) -> None:
    assert scrub_text(text) == text


def test_secrets_are_found_in_nested_values_and_in_representations() -> None:
    class Request:
        def __repr__(self) -> str:
            return "<Request authorization: Bearer s3cr3ts3cr3t>"

    logged = {"headers": {"Authorization": "s3cr3t", "accept": "*/*"}, "parts": [{"api_key": "s3cr3t"}], "r": Request()}
    assert "s3cr3t" not in json.dumps(scrub(logged))
    assert scrub(logged)["headers"]["accept"] == "*/*"


def test_a_value_that_holds_itself_is_no_trap() -> None:
    loop: dict[str, Any] = {}
    loop["again"] = loop
    assert HIDDEN in json.dumps(scrub(loop))


def test_people_read_plain_lines_and_their_terminal_obeys_no_stranger() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    formatter = logs._Formatter(people=True)
    record = logging.LogRecord("portico", logging.ERROR, __file__, 1, "bad name %s", ("\x1b[2J\x9b\u202e",), None)
    text = formatter.format(record)
    assert "\\x1b[2J\\x9b\\u202e" in text
    assert stream.isatty()
