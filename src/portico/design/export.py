"""An API as an OpenAPI 3.0 or 3.1 document, whatever version it was written in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from portico.design.downgrade import Version, schema
from portico.design.model import (
    METHODS,
    Api,
    Body,
    Encoding,
    Example,
    Media,
    Operation,
    Parameter,
    Requirement,
    Response,
    Schema,
    SecurityScheme,
)
from portico.design.publish import unpack

_NUMBERS = {"3.0": "3.0.4", "3.1": "3.1.1"}
_DEFAULT_STYLE = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}


def export(api: Api, version: Version) -> dict[str, Any]:
    """The API as one document of that version.

    A document of that version already is given as it was written, in one piece. Otherwise it is written anew from the
    model: operations, parameters, bodies, answers, schemas, security and extensions, but not callbacks, links and
    webhooks, and from OpenAPI 3.2 nothing that the older version has no words for (the method `query`, ...).

    Args:
        api: the design.
        version: "3.0" or "3.1".
    """
    if api.dialect == version:
        return unpack(api)
    return _Export(api, version).document()


def _present(**members: Any) -> dict[str, Any]:
    """The members that say something."""
    return {key: value for key, value in members.items() if value not in (None, "", False) and value != {}}


class _Export:
    def __init__(self, api: Api, version: Version) -> None:
        self._api = api
        self._version: Version = version
        self._old = unpack(api)

    def document(self) -> dict[str, Any]:
        api, old = self._api, self._old
        info = {**(old.get("info") or {}), "title": api.title, "version": api.version}
        result: dict[str, Any] = {"openapi": _NUMBERS[self._version], "info": info}
        if self._version == "3.0":
            info.pop("summary", None)
        if api.servers:
            result["servers"] = [_present(url=server.url, description=server.description) for server in api.servers]
        if api.security is not None:
            result["security"] = _requirements(api.security)
        for key in ("tags", "externalDocs"):
            if key in old:
                result[key] = old[key]
        result["paths"] = self._paths()
        components = _present(
            schemas={name: self._schema(api.definitions[name]) for name in api.definitions},
            securitySchemes={name: _scheme(scheme) for name, scheme in api.security_schemes.items()},
        )
        if components:
            result["components"] = components
        return {**result, **api.extensions}

    def _schema(self, model: Schema) -> Any:
        return schema(model.node, self._version)

    def _paths(self) -> dict[str, Any]:
        paths: dict[str, Any] = {}
        for operation in self._api.operations:
            if operation.method in METHODS and operation.method != "query":
                paths.setdefault(operation.path, {})[operation.method] = self._operation(operation)
        return paths

    def _operation(self, operation: Operation) -> dict[str, Any]:
        extensions = dict(operation.extensions)
        for key in ("x-swagger-router-controller", "x-openapi-router-controller"):
            extensions.pop(key, None)
        if operation.controller is not None:
            extensions["x-openapi-router-controller"] = operation.controller
        parameters = [self._parameter(one) for one in operation.parameters if one.location != "querystring"]
        result = _present(
            operationId=operation.declared_id,
            summary=operation.summary,
            description=operation.description,
            tags=list(operation.tags) or None,
            deprecated=operation.deprecated,
            parameters=parameters or None,
            requestBody=self._body(operation.body) if operation.body is not None else None,
        )
        result["responses"] = {status: self._response(response) for status, response in operation.responses.items()}
        if operation.security is not None and operation.security != self._api.security:
            result["security"] = _requirements(operation.security)
        if operation.servers:
            result["servers"] = [_present(url=one.url, description=one.description) for one in operation.servers]
        return {**result, **extensions}

    def _parameter(self, parameter: Parameter) -> dict[str, Any]:
        return {"name": parameter.name, "in": parameter.location, **self._value(parameter)}

    def _value(self, parameter: Parameter) -> dict[str, Any]:
        """A parameter or a header, without its name."""
        result = _present(
            description=parameter.description,
            required=parameter.required,
            deprecated=parameter.deprecated,
            allowEmptyValue=parameter.allow_empty and parameter.location == "query",
            allowReserved=parameter.allow_reserved and parameter.location == "query",
        )
        if parameter.media_type is not None:
            result["content"] = {parameter.media_type: {"schema": self._schema(parameter.schema)}}
            return {**result, **parameter.extensions}
        default = _DEFAULT_STYLE.get(parameter.location, "form")
        style = "form" if parameter.style in ("cookie", "tabDelimited") else parameter.style
        if style != default:
            result["style"] = style
        if parameter.explode != (style == "form"):
            result["explode"] = parameter.explode
        result["schema"] = self._schema(parameter.schema)
        return {**result, **_examples(parameter.examples), **parameter.extensions}

    def _body(self, body: Body) -> dict[str, Any]:
        name = {"x-body-name": body.name} if body.name != "body" else {}
        head = _present(description=body.description, required=body.required)
        return {**head, "content": self._content(body.content), **body.extensions, **name}

    def _content(self, content: Mapping[str, Media]) -> dict[str, Any]:
        result = {}
        for kind, media in content.items():
            described = {"schema": self._schema(media.schema)} if media.schema is not None else {}
            encoding = {name: self._encoding(one) for name, one in media.encoding.items()}
            result[kind] = {**described, **({"encoding": encoding} if encoding else {}), **_examples(media.examples)}
        return result

    def _encoding(self, encoding: Encoding) -> dict[str, Any]:
        result = _present(
            contentType=encoding.content_type,
            style=encoding.style if encoding.style != "tabDelimited" else None,
            headers={name: self._value(header) for name, header in encoding.headers.items()},
        )
        return {**result, "explode": encoding.explode} if encoding.explode is not None else result

    def _response(self, response: Response) -> dict[str, Any]:
        parts = _present(
            headers={name: self._value(header) for name, header in response.headers.items()},
            content=self._content(response.content),
        )
        return {"description": response.description, **parts, **response.extensions}


def _examples(examples: Iterable[Example]) -> dict[str, Any]:
    """`example` for the nameless one, `examples` for the others; a place may have one of the two only."""
    unnamed = [example for example in examples if not example.name]
    named = [example for example in examples if example.name]
    if unnamed and not named:
        return {"example": unnamed[0].value}
    return (
        {"examples": {one.name: {**_present(summary=one.summary), "value": one.value} for one in named}}
        if named
        else {}
    )


def _requirements(requirements: Iterable[Requirement]) -> list[dict[str, list[str]]]:
    return [{name: list(scopes) for name, scopes in one.schemes.items()} for one in requirements]


def _scheme(scheme: SecurityScheme) -> dict[str, Any]:
    result = _present(
        type=scheme.type,
        description=scheme.description,
        name=scheme.parameter,
        scheme=scheme.scheme,
        bearerFormat=scheme.bearer_format,
        flows={name: dict(flow) for name, flow in scheme.flows.items()},
        openIdConnectUrl=scheme.open_id_connect_url,
    )
    if scheme.location is not None:
        result["in"] = scheme.location
    return {**result, **scheme.extensions}
