"""What clients write in the document's styles arrives as they meant it (OpenAPI 3.2, Style Values)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.portico.gateway.designs import document, operation

from portico import design
from portico.design.style import path_text

Serve = Callable[..., TestClient]
POINT = {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}}


@pytest.mark.parametrize("explode", [True, False])
@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
def test_an_object_in_the_path_arrives_as_it_was_sent(serve: Serve, style: str, explode: bool) -> None:
    point = {"name": "at", "in": "path", "required": True, "style": style, "explode": explode, "schema": POINT}
    doc = document({"/{at}": {"get": operation("look", parameters=[point])}})
    client = serve(doc, {"look": lambda at: at})
    written = path_text(design.read(doc).operations[0].parameters[0], {"x": 1, "y": 2})
    assert client.get(f"/{written}").json() == {"x": 1, "y": 2}


@pytest.mark.parametrize("is_async", [True, False])
def test_a_parameter_may_be_called_self(serve: Serve, is_async: bool) -> None:
    async def awaited(**given: Any) -> Any:
        return given

    def called(**given: Any) -> Any:
        return given

    doc = document({"/a": {"get": operation("look", parameters=[{"name": "self", "in": "query", "schema": {}}])}})
    client = serve(doc, {"look": awaited if is_async else called})
    assert client.get("/a?self=me").json()["self"] == "me"
