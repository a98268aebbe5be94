"""Requests that fuzzing found: each once stopped the server or was answered with a 500."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.portico.gateway.designs import document, json_body, operation

Serve = Callable[..., TestClient]

CLOSED = {"type": "object", "properties": {"a": {}}, "additionalProperties": False}
FORM = {"content": {"multipart/form-data": {"schema": {"type": "object"}}}}
DOC = document(
    {
        "/json": {"post": operation("take", requestBody=json_body(CLOSED))},
        "/form": {"post": operation("take", requestBody=FORM)},
    }
)


async def take(**_arguments: Any) -> dict[str, bool]:
    return {"ok": True}


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "unicode_escape", "zlib_codec", "nonsense", "../x", "a" * 5_000]
)
@pytest.mark.parametrize("path", ["/json", "/form"])
def test_text_in_an_encoding_that_only_python_knows_is_refused_before_it_is_read(
    serve: Serve, path: str, charset: str
) -> None:
    client = serve(DOC, {"take": take})
    body = (
        b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
        + b"a" * 900_000
        + b"-"
        + b"b" * 900_000
        + b"\r\n--X--"
    )
    kind = "application/json" if path == "/json" else "multipart/form-data; boundary=X"
    began = time.monotonic()
    answer = client.post(path, content=body, headers={"Content-Type": f"{kind}; charset={charset}"})
    assert answer.status_code == 415
    assert time.monotonic() - began < 2  # punycode takes hours for this


@pytest.mark.parametrize("charset", ["utf-8", "UTF-16", "latin-1", "windows-1252"])
def test_text_in_a_common_encoding_is_read(serve: Serve, charset: str) -> None:
    client = serve(DOC, {"take": take})
    headers = {"Content-Type": f"application/json; charset={charset}"}
    assert client.post("/json", content='{"a": "é"}'.encode(charset), headers=headers).status_code == 200


def test_a_body_that_is_too_deep_to_say_where_it_is_wrong_is_still_the_clients_fault(serve: Serve) -> None:
    client = serve(DOC, {"take": take})
    body = b'{"wrong":' * 300 + b"1" + b"}" * 300
    answer = client.post("/json", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "nested too deeply" in answer.json()["detail"]
