"""Small designs to compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from portico import design
from portico.design import Api

INFO = {"title": "Shop", "version": "1.0.0"}


@pytest.fixture
def api() -> Callable[..., Api]:
    """An API with one operation `POST /orders`, some parts of which are given, written as YAML."""

    def make(operation: Any = "{}", version: str = "3.1.0", **document: Any) -> Api:
        given = yaml.safe_load(operation) if isinstance(operation, str) else operation
        whole = {"operationId": "placeOrder", "security": [], "responses": {"204": {"description": "Done"}}, **given}
        parts = {key: yaml.safe_load(value) if isinstance(value, str) else value for key, value in document.items()}
        return design.read(
            {"openapi": version, "info": INFO, "paths": {"/orders": {"post": whole}}, **parts}, name="shop"
        )

    return make


@pytest.fixture
def with_schema(api: Callable[..., Api]) -> Callable[..., Api]:
    """An API whose one request body, or one answer, has a schema."""

    def make(direction: str, schema: Any, components: str = "{}") -> Api:
        node = yaml.safe_load(schema) if isinstance(schema, str) else schema
        media: dict[str, Any] = {"content": {"application/json": {"schema": node}}}
        request = {"requestBody": media}
        part = request if direction == "request" else {"responses": {"200": {"description": "It", **media}}}
        return api(part, components={"schemas": yaml.safe_load(components)})

    return make
