"""Pieces of documents for scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JSON = "application/json"


def operation(operation_id: str, **members: Any) -> dict[str, Any]:
    """An operation that answers with any JSON, and whatever else is said."""
    responses = {"200": {"description": "fine", "content": {JSON: {"schema": {}}}}}
    return {"operationId": operation_id, "responses": responses, **members}


def json_body(schema: Mapping[str, Any], *, required: bool = True) -> dict[str, Any]:
    """A request body of JSON."""
    return {"required": required, "content": {JSON: {"schema": schema}}}


def document(paths: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    """A document with these paths."""
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, **members}
