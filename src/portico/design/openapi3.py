"""OpenAPI 3.0, 3.1 and 3.2 documents become the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

from portico.design.build import Builder, media_type
from portico.design.model import (
    EMPTY,
    Body,
    Encoding,
    Example,
    In,
    Media,
    Parameter,
    Response,
    Schema,
    SecurityScheme,
    Server,
    Style,
)
from portico.design.place import Place

_DEFAULT_STYLE: dict[str, Style] = {
    "path": "simple",
    "query": "form",
    "header": "simple",
    "cookie": "form",
    "querystring": "form",
}


class OpenApi3(Builder):
    """Reads OpenAPI 3.x."""

    def inputs(
        self, place: Place, parameters: Mapping[tuple[str, str], Place]
    ) -> tuple[tuple[Parameter, ...], Body | None]:
        """Parameters, and `requestBody`."""
        built = [self.parameter(found) for found in parameters.values()]
        return tuple(parameter for parameter in built if parameter is not None), self.body(place)

    def parameter(self, place: Place) -> Parameter | None:
        """One Parameter Object."""
        done = self.shared(Parameter, place)
        if done is not None:
            return done
        where, name = place.value["in"], place.value["name"]
        allowed = get_args(In) if self.dialect == "3.2" else get_args(In)[:4]
        if where not in allowed:
            self.report("odd-structure", place, f"The parameter {name!r} is in {where!r}, which no request has.")
            return None
        return self.share(self._value(place, name, cast(In, where)), place)

    def _value(self, place: Place, name: str, where: In) -> Parameter:
        """A Parameter or Header Object: they differ in name and place only."""
        schema, kind = self._schema_or_content(place)
        style = self._style(place, where)
        explode = place.value.get("explode")
        exploded = explode if type(explode) is bool else style in ("form", "cookie")
        required = self.flag(place, "required")
        if where == "path" and not required:
            self.report("odd-structure", place, f"The path parameter {name!r} is not required: it always is.")
            required = True
        return Parameter(
            name=name,
            location=where,
            schema=schema,
            required=required,
            style=style,
            explode=exploded,
            media_type=kind,
            allow_reserved=self.flag(place, "allowReserved"),
            allow_empty=self.flag(place, "allowEmptyValue"),
            duplicates="join" if exploded else "last",
            deprecated=self.flag(place, "deprecated"),
            description=self.text(place, "description"),
            examples=self.examples(place),
            extensions=self.extensions(place.value),
            at=place.location,
        )

    def _schema_or_content(self, place: Place) -> tuple[Schema, str | None]:
        content = self.mapping(place, "content")
        if content is not None:
            for key, media in content.members():
                schema = media.get("schema")
                return (self.schemas.use(schema) if schema is not None else self._anything(place)), media_type(key)
        schema = place.get("schema")
        return (self.schemas.use(schema) if schema is not None else self._anything(place)), None

    def _anything(self, place: Place) -> Schema:
        return Schema({}, self.schemas.definitions, place.location)

    def _style(self, place: Place, where: In) -> Style:
        style = place.value.get("style")
        if style is None:
            return _DEFAULT_STYLE[where]
        if style not in get_args(Style):
            self.report("odd-structure", place.child("style"), f"{style!r} is not a style.")
            return _DEFAULT_STYLE[where]
        return cast(Style, style)

    def examples(self, place: Place) -> tuple[Example, ...]:
        """`example` and `examples` of a parameter or a media type."""
        result = []
        if "example" in place.value:
            result.append(Example("", place.value["example"]))
        named = self.mapping(place, "examples") if type(place.value.get("examples")) is dict else None
        for name, entry in named.members() if named is not None else ():
            found = self.follow(entry) if entry.reference is not None else entry
            if found is None or type(found.value) is not dict:
                continue
            for key in ("dataValue", "value"):
                if key in found.value:
                    result.append(Example(name, found.value[key], self.text(found, "summary")))
                    break
        return tuple(result)

    def body(self, place: Place) -> Body | None:
        """The Request Body Object of an operation."""
        entry = place.get("requestBody")
        found = self.follow(entry) if entry is not None and entry.value is not None else None
        if found is None:
            return None
        done = self.shared(Body, found)
        if done is not None:
            return done
        name = found.value.get("x-body-name")
        return self.share(
            Body(
                content=self.content(found),
                required=self.flag(found, "required"),
                name=name if type(name) is str else "body",
                description=self.text(found, "description"),
                extensions=self.extensions(found.value),
                at=found.location,
            ),
            found,
        )

    def content(self, place: Place) -> Mapping[str, Media]:
        """The media types of a body."""
        content = self.mapping(place, "content")
        result: dict[str, Media] = {}
        for key, entry in content.members() if content is not None else ():
            found = self.follow(entry) if entry.value is not None else Place({}, entry.file, entry.parent, entry.token)
            kind = media_type(key)
            if found is not None and kind not in result:
                result[kind] = self._media(kind, found)
        return result or EMPTY

    def _media(self, kind: str, place: Place) -> Media:
        schema, item = place.get("schema"), place.get("itemSchema") if self.dialect == "3.2" else None
        encoding = self.mapping(place, "encoding")
        return Media(
            media_type=kind,
            schema=self.schemas.use(schema) if schema is not None else None,
            encoding={
                name: self._encoding(entry) for name, entry in encoding.members() if type(entry.value) is dict
            } if encoding is not None else EMPTY,
            examples=self.examples(place),
            item_schema=self.schemas.use(item) if item is not None else None,
        )  # fmt: skip

    def _encoding(self, place: Place) -> Encoding:
        style, explode = place.value.get("style"), place.value.get("explode")
        kind = place.value.get("contentType")
        return Encoding(
            content_type=kind if type(kind) is str else None,
            style=cast(Style, style) if style in get_args(Style) else None,
            explode=explode if type(explode) is bool else None,
            headers=self.headers(place),
        )

    def headers(self, place: Place) -> Mapping[str, Parameter]:
        """The Header Objects of a response or an encoding."""
        headers = self.mapping(place, "headers")
        result: dict[str, Parameter] = {}
        for name, entry in headers.members() if headers is not None else ():
            found = self.follow(entry)
            if found is not None and name.lower() != "content-type":  # OpenAPI 3.0.4, Response Object: ignored
                result[name] = self._value(found, name, "header")
        return result or EMPTY

    def responses(self, place: Place) -> Mapping[str, Response]:
        """The Responses Object of an operation."""
        responses = self.mapping(place, "responses")
        result: dict[str, Response] = {}
        for key, entry in responses.members() if responses is not None else ():
            if key.startswith("x-") or entry.value is None:
                continue
            found = self.follow(entry)
            if found is not None:
                status = self.status(key)
                result[status] = self._response(status, found)
        return result or EMPTY

    def _response(self, status: str, place: Place) -> Response:
        done = self.shared(Response, place)
        if done is not None and done.status == status:
            return done
        return self.share(
            Response(
                status=status,
                description=self.text(place, "description"),
                headers=self.headers(place),
                content=self.content(place),
                extensions=self.extensions(place.value),
                at=place.location,
            ),
            place,
        )

    def security_schemes(self) -> Mapping[str, SecurityScheme]:
        """`components.securitySchemes`."""
        components = self.mapping(self.root, "components")
        schemes = self.mapping(components, "securitySchemes") if components is not None else None
        result = {}
        for name, entry in schemes.members() if schemes is not None else ():
            found = self.follow(entry)
            if found is not None:
                result[name] = self._security_scheme(name, found)
        return result or EMPTY

    def _security_scheme(self, name: str, place: Place) -> SecurityScheme:
        node: dict[str, Any] = place.value
        scheme, where = node.get("scheme"), node.get("in")
        flows = self.mapping(place, "flows")
        return SecurityScheme(
            name=name,
            type=self.text(place, "type"),
            location=where if where in ("query", "header", "cookie") else None,
            parameter=self.text(place, "name") or None,
            scheme=scheme.lower() if type(scheme) is str else None,
            bearer_format=self.text(place, "bearerFormat") or None,
            flows={key: flow.value for key, flow in flows.members() if type(flow.value) is dict} if flows else EMPTY,
            open_id_connect_url=self.text(place, "openIdConnectUrl") or None,
            description=self.text(place, "description"),
            extensions=self.extensions(node),
            raw=node,
            at=place.location,
        )

    def servers(self, place: Place) -> tuple[Server, ...]:
        """Server Objects, their variables filled in by their defaults."""
        result = []
        for entry in self.entries(place, "servers"):
            if type(entry.value) is not dict:
                self.report("odd-structure", entry, "A server is not a mapping.")
                continue
            url = self.text(entry, "url")
            variables = self.mapping(entry, "variables")
            for name, variable in variables.members() if variables is not None else ():
                default = variable.value.get("default") if type(variable.value) is dict else None
                url = url.replace(f"{{{name}}}", str(default) if default is not None else "")
            result.append(Server(url, self.text(entry, "description")))
        return tuple(result)
