"""What is told, shown and kept of what went wrong: whole between processes, harmless on a terminal, without secrets."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from tests.portico.sdkgen.python.conftest import Clock, Server, json_answer, options
from tests.portico.sdkgen.python.shop import Shop

from portico.sdkgen.python.runtime import errors
from portico.sdkgen.python.runtime.headers import Headers
from portico.sdkgen.python.runtime.hooks import CallEvent, Hooks
from portico.sdkgen.python.runtime.redact import Redaction
from portico.sdkgen.python.runtime.request import Received, Request
from portico.sdkgen.python.runtime.signing import Signature

HEADERS = Headers([("X-Request-Id", "r-1"), ("Retry-After", "3")])
PROBLEM = errors.Problem.read({"title": "No", "detail": "not today", "errors": [1]})
ALL = [
    errors.NotFound("getThing", 404, HEADERS, b"{}", PROBLEM, 3.0),
    errors.UnexpectedAnswer("getThing", "the answer has no n", pointer="/n", status=200, body=b"{}"),
    errors.ConnectionFailed("getThing: lost", reached=False),
    errors.TimedOut("getThing: late"),
    errors.SignInFailed("no", error="access_denied", description="not today"),
    errors.NotSignedIn("call login()"),
    errors.BadArgument("n: no"),
    errors.DoesNotFit("no number").inside("n").inside(1),
]


@pytest.mark.parametrize("error", ALL, ids=lambda error: type(error).__name__)
def test_errors_go_from_process_to_process(error: errors.SdkError) -> None:
    for found in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301
        assert type(found) is type(error)
        assert str(found) == str(error)
        one, other = vars(found), dict(vars(error))
        assert one.pop("headers", {}) == other.pop("headers", {})
        assert one == other


@pytest.mark.parametrize("character", ["\x1b", "\n", "\r", "\x00", "\x9b", "\u2028", "\u202e", "\u2066"])
def test_texts_of_servers_steer_no_terminal(server: Server, character: str) -> None:
    told = f"a{character}[2Jb"
    server.says(json_answer('{"detail": %s, "request_id": %s}' % ((json.dumps(told),) * 2), 404))
    with pytest.raises(errors.NotFound) as caught:
        Shop(server.url).get_thing("a")
    assert str(caught.value).isprintable()
    assert caught.value.problem.detail == told
    for error in (
        errors.UnexpectedAnswer("x", told, pointer=f"/{told}"),
        errors.SignInFailed(told),
        errors.DoesNotFit(told).inside(told),
    ):
        assert str(error).isprintable()


def test_text_forms_show_no_secret() -> None:
    shown = [
        Signature("AKIDEXAMPLE", "SECRET", "SECRET", "us-east-1"),
        Request("GET", "https", "x.example", 443, "/?key=SECRET", {"authorization": "SECRET"}, b"SECRET"),
        Received(200, Headers([("set-cookie", "SECRET")]), b"SECRET"),
    ]
    assert "SECRET" not in repr(shown)


@pytest.mark.parametrize("name", ["Location", "Content-Location", "Link"])
def test_hooks_see_no_secret_in_addresses_of_answers(server: Server, ticking: Clock, name: str) -> None:
    server.says(json_answer('{"n": 1}', **{name: "/x?X-Amz-Signature=SECRET&a=1#access_token=SECRET&b=2"}))
    told: list[CallEvent] = []
    Shop(server.url, hooks=Hooks(after_response=told.append), **options(ticking)).get_thing("a")
    shown = "/x?X-Amz-Signature=[redacted]&a=1#access_token=[redacted]&b=2"
    assert told[0].headers[name.lower()] == shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/a", "/a"),
        ("/a?b=c&code=d", "/a?b=c&code=[redacted]"),
        ("/a?%63ode=d&code", "/a?%63ode=[redacted]&code"),
        ("</a?code=d>; rel=next, </b?c=d>; rel=prev", "</a?code=[redacted]>; rel=next, </b?c=d>; rel=prev"),
    ],
)
def test_addresses_are_shown_without_their_secrets(url: str, shown: str) -> None:
    assert Redaction().url(url) == shown
