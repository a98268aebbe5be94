"""An operation of the model behind the interface of Connexion's operations.

Resolvers, URI parsers, validators and `connexion.context.operation` were written against it. Everything is worked out
when it is asked for, since hardly anybody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connexion.datastructures import MediaTypeDict, NoContent
from connexion.operations import AbstractOperation
from connexion.resolver import Resolution, Resolver
from connexion.uri_parsing import OpenAPIURIParser, Swagger2URIParser

from portico.design import examples
from portico.design.model import Api, Direction, Media, Operation, Parameter, Schema

DEPTH = 4  # levels of properties and items; schemas may contain themselves

_COLLECTION_FORMATS = {"spaceDelimited": "ssv", "pipeDelimited": "pipes", "tabDelimited": "tsv"}


class ConnexionOperation(AbstractOperation):  # type: ignore[misc]
    """What Connexion calls an operation, read from the model."""

    def __init__(self, api: Api, operation: Operation, resolver: Resolver, uri_parser_class: Any = None) -> None:
        self.api = api
        self.model = operation
        self._uri_parser_class = uri_parser_class or (Swagger2URIParser if self._is_swagger2 else OpenAPIURIParser)
        self._resolver = resolver
        self._operation_id = operation.declared_id
        self._router_controller = operation.controller
        self._randomize_endpoint = None

    def resolve(self) -> Resolution:
        """Find the handler.

        Raises:
            ResolverError: there is none.
        """
        self._resolution = self._resolver.resolve(self)
        self._operation_id = self._resolution.operation_id
        return self._resolution

    def replace_function(self, function: Callable[..., Any], operation_id: str) -> None:
        """Answer with another function, as where a handler is missing."""
        self._resolution = Resolution(function, operation_id)

    @property
    def _is_swagger2(self) -> bool:
        return self.api.dialect == "2.0"

    @property
    def method(self) -> str:
        """The HTTP method, lower case."""
        return self.model.method

    @property
    def path(self) -> str:
        """The path template, without the base path."""
        return self.model.path

    @property
    def security(self) -> list[dict[str, list[str]]] | None:
        """The security requirements as the document writes them."""
        if self.model.security is None:
            return None
        return [{name: list(scopes) for name, scopes in any_of.schemes.items()} for any_of in self.model.security]

    @property
    def security_schemes(self) -> dict[str, Any]:
        """The document's security schemes by name."""
        return {name: dict(scheme.raw) for name, scheme in self.api.security_schemes.items()}

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """The parameters in the document's own form."""
        return [self._parameter(parameter) for parameter in self.model.parameters]

    def _parameter(self, parameter: Parameter) -> dict[str, Any]:
        written = {"name": parameter.name, "in": parameter.location, "required": parameter.required}
        if not self._is_swagger2:
            style = {"style": parameter.style, "explode": parameter.explode}
            return {**written, **style, "schema": plain(parameter.schema)}
        multi = parameter.duplicates == "join"
        collection = {"collectionFormat": "multi" if multi else _COLLECTION_FORMATS.get(parameter.style, "csv")}
        return {**written, **plain(parameter.schema), **collection}

    @property
    def consumes(self) -> list[str]:
        """The media types of the request body."""
        return list(self.model.body.content) if self.model.body else []

    @property
    def produces(self) -> list[str]:
        """The media types of all responses."""
        return [media for response in self.model.responses.values() for media in response.content]

    @property
    def responses(self) -> dict[str, dict[str, Any]]:
        """The responses by status code."""
        return {
            status: {
                "description": response.description,
                "headers": {name: {"required": header.required} for name, header in response.headers.items()},
                "content": {name: _media(media) for name, media in response.content.items()},
            }
            for status, response in self.model.responses.items()
        }

    @property
    def request_body(self) -> dict[str, Any]:
        """The request body in the form of OpenAPI 3."""
        body = self.model.body
        if body is None:
            return {}
        content = {name: _media(media) for name, media in body.content.items()}
        return {"required": body.required, "x-body-name": body.name, "content": content}

    def body_name(self, _content_type: str | None = None) -> str:
        """The handler's argument for the body."""
        return self.model.body.name if self.model.body else "body"

    def body_definition(self, content_type: str | None = None) -> dict[str, Any]:
        """The media type object for a content type."""
        content = MediaTypeDict(self.request_body.get("content", {}))
        definition: dict[str, Any] = content.get(content_type or next(iter(content), ""), {})
        return definition

    def body_schema(self, content_type: str | None = None) -> dict[str, Any]:
        """The schema of the body for a content type."""
        schema: dict[str, Any] = self.body_definition(content_type).get("schema", {})
        return schema

    def response_schema(self, status_code: str | int | None = None, content_type: str | None = None) -> dict[str, Any]:
        """The schema of a response for a status code and a content type."""
        content = MediaTypeDict(self.response_definition(status_code).get("content", {}))
        schema: dict[str, Any] = content.get(content_type, {}).get("schema", {})
        return schema

    def example_response(self, status_code: str | int | None = None, content_type: str | None = None) -> Any:
        """An example answer and its status code (Connexion's MockResolver asks)."""
        status = str(status_code or min(self.model.responses, default="200"))
        number = int(status) if status.isdigit() else 200
        response = self.model.responses.get(status)
        if response is None or not response.content:
            return (NoContent, number) if number == 204 else ("No example response or response schema defined.", number)
        media = response.content.get(content_type or "") or next(iter(response.content.values()))
        if media.examples:
            return media.examples[0].value, number
        return (examples.example(media.schema) if media.schema else None), number

    def get_path_parameter_types(self) -> dict[str, str]:
        """What kind of path parameter each is: "path" takes slashes."""
        return path_types(self.model)

    def with_definitions(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema as it is: ours carry their definitions."""
        return schema

    @classmethod
    def from_spec(cls, *_args: Any, **_kwargs: Any) -> Any:
        """Not how these are made."""
        raise TypeError("a ConnexionOperation is made from the model")


def path_types(operation: Operation) -> dict[str, str]:
    """The JSON types of the path parameters; "path" where one takes all the rest of the path."""
    types = {}
    for parameter in operation.parameters:
        if parameter.location == "path":
            declared = parameter.schema.types
            is_rest = declared == ("string",) and parameter.schema.get("format") == "path"
            types[parameter.name] = "path" if is_rest else declared[0] if len(declared) == 1 else ""
    return types


def plain(schema: Schema, depth: int = 0) -> dict[str, Any]:
    """A schema as Connexion's own code expects it: one `type`, `nullable` beside it, references followed a little."""
    node: dict[str, Any] = dict(schema.resolved.document(Direction.REQUEST))
    if depth > DEPTH:
        return node
    declared = node.get("type")
    if isinstance(declared, list):
        node["type"] = next((name for name in declared if name != "null"), "null")
        node["nullable"] = "null" in declared
    properties = node.get("properties")
    if isinstance(properties, Mapping):
        node["properties"] = {name: plain(child, depth + 1) for name, child in schema.properties.items()}
    items = schema.items
    if items is not None and schema.types == ("array",):
        node["items"] = plain(items, depth + 1)
    return node


def _media(media: Media) -> dict[str, Any]:
    encoding = {
        name: {
            key: value
            for key, value in (("contentType", way.content_type), ("style", way.style), ("explode", way.explode))
            if value is not None
        }
        for name, way in media.encoding.items()
    }
    shown = {"example": media.examples[0].value} if media.examples else {}
    return {"schema": plain(media.schema) if media.schema else {}, "encoding": encoding, **shown}
