"""What no client can send is left out of a plan, and told."""

from __future__ import annotations

import json

import pytest
from tests.portico.sdkgen.plan.conftest import Plan

ANSWER = {"responses": {"204": {"description": "done"}}}


def document(parameters: list[dict[str, object]]) -> str:
    return json.dumps({"paths": {"/a": {"get": {"operationId": "act", "parameters": parameters, **ANSWER}}}})


@pytest.mark.parametrize("name", ["Host", "transfer-encoding", "Content-Length", "Connection", "X-A\r\nx-evil", "a b"])
def test_headers_that_say_where_a_request_goes_or_ends_are_no_parameters(plan: Plan, name: str) -> None:
    given: list[dict[str, object]] = [
        {"name": one, "in": "header", "schema": {"type": "string"}} for one in (name, "X-Shop")
    ]
    sdk = plan(document(given))
    assert [each.name.raw for each in sdk.operations[0].parameters] == ["X-Shop"]
    assert [one.place.raw for one in sdk.omissions] == [f"GET /a: {name}"]


@pytest.mark.parametrize(("style", "left"), [("form", ["a; b"]), ("cookie", [])])
def test_cookies_whose_names_would_be_several_are_no_parameters(plan: Plan, style: str, left: list[str]) -> None:
    sdk = plan(
        document([{"name": "a; b", "in": "cookie", "style": style, "schema": {"type": "string"}}]), openapi="3.2.0"
    )
    assert [each.name.raw for each in sdk.operations[0].parameters] == left
    assert len(sdk.omissions) == 1 - len(left)


@pytest.mark.parametrize(
    ("location", "name", "kind"),
    [
        ("header", "X-API-Key", "key"),
        ("header", "Authorization", "key"),
        ("header", "Host", "none"),
        ("header", "Transfer-Encoding", "none"),
        ("header", "X-K\r\nx-evil", "none"),
        ("cookie", "session", "key"),
        ("cookie", "a; x\r\ny", "none"),
        ("query", "a; b", "key"),
    ],
)
def test_keys_are_sent_where_a_request_can_have_them(plan: Plan, location: str, name: str, kind: str) -> None:
    scheme = {"type": "apiKey", "in": location, "name": name}
    sdk = plan(json.dumps({"components": {"securitySchemes": {"key": scheme}}}))
    assert [one.kind for one in sdk.schemes] == [kind]
    assert len(sdk.omissions) == (kind == "none")
