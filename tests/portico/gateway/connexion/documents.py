"""The smallest documents that say what a scenario needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Document = dict[str, Any]

JSON_ANSWER: Document = {"200": {"description": "fine", "content": {"application/json": {}}}}


def operation(**fields: Any) -> Document:
    """An OpenAPI 3.0 operation that the handler of that name answers with JSON."""
    return {"operationId": "handler", "responses": JSON_ANSWER, **fields}


def openapi(paths: Document, *, base: str = "", **fields: Any) -> Document:
    """An OpenAPI 3.0 document."""
    servers = {"servers": [{"url": base}]} if base else {}
    return {"openapi": "3.0.3", "info": {"title": "scenario", "version": "1"}, **servers, "paths": paths, **fields}


def swagger(paths: Document, **fields: Any) -> Document:
    """A Swagger 2.0 document that produces JSON."""
    about = {"swagger": "2.0", "info": {"title": "scenario", "version": "1"}, "produces": ["application/json"]}
    return {**about, "paths": paths, **fields}


def get(**fields: Any) -> Document:
    """An OpenAPI 3.0 document with nothing but `GET /`."""
    return openapi({"/": {"get": operation(**fields)}})


def post(**fields: Any) -> Document:
    """An OpenAPI 3.0 document with nothing but `POST /`."""
    return openapi({"/": {"post": operation(**fields)}})


def body(schema: Document | None = None, media_type: str = "application/json", **fields: Any) -> Document:
    """An OpenAPI 3.0 request body of one media type."""
    return {"content": {media_type: {} if schema is None else {"schema": schema}}, **fields}


def parameter(place: str, name: str, schema: Document | str = "string", **fields: Any) -> Document:
    """An OpenAPI 3.0 parameter; `schema` may be just its type."""
    schema = {"type": schema} if isinstance(schema, str) else schema
    required = {"required": True} if place == "path" else {}
    return {"in": place, "name": name, "schema": schema, **required, **fields}


def query(name: str, schema: Document | str = "string", **fields: Any) -> Document:
    """An OpenAPI 3.0 query parameter."""
    return parameter("query", name, schema, **fields)


def in_path(name: str, schema: Document | str = "string", **fields: Any) -> Document:
    """An OpenAPI 3.0 path parameter."""
    return parameter("path", name, schema, **fields)


def answers(*statuses: int | str, **content: Document) -> Document:
    """Responses for these statuses, without content."""
    return {str(status): {"description": str(status), **content} for status in statuses}


def produces(*media_types: str) -> Document:
    """A 200 response in these media types."""
    return {"200": {"description": "fine", "content": {media_type: {} for media_type in media_types}}}


def echo(**arguments: Any) -> Document:
    """A handler that answers with every argument that it got."""
    return arguments


Handler = Callable[..., Any]
