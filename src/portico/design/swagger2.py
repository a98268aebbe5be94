"""Swagger 2.0 documents become the model: what version 3 says differently is translated here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

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

_JSON = ("application/json",)
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_FLOWS = {"implicit": "implicit", "password": "password", "application": "clientCredentials"}
_FLOWS["accessCode"] = "authorizationCode"
_STYLES: dict[str, Style] = {"ssv": "spaceDelimited", "pipes": "pipeDelimited", "tsv": "tabDelimited"}
_NOT_OF_SCHEMA = frozenset(["name", "in", "description", "required", "allowEmptyValue", "collectionFormat"])


class Swagger2(Builder):
    """Reads Swagger 2.0."""

    controller_key = "x-swagger-router-controller"

    def inputs(
        self, place: Place, parameters: Mapping[tuple[str, str], Place]
    ) -> tuple[tuple[Parameter, ...], Body | None]:
        """Parameters proper; `body` and `formData` parameters become the body."""
        plain: list[Parameter] = []
        bodies: list[Place] = []
        fields: list[Place] = []
        for (where, name), found in parameters.items():
            if where in ("path", "query", "header"):
                plain.append(self._parameter(found, name, cast(In, where)))
            elif where == "body":
                bodies.append(found)
            elif where == "formData":
                fields.append(found)
            else:
                self.report("odd-structure", found, f"The parameter {name!r} is in {where!r}, which no request has.")
        if len(bodies) + bool(fields) > 1:
            self.report("broken-structure", place, "There is more than one body, or a body beside form fields.")
        if bodies:
            return tuple(plain), self._body(place, bodies[0])
        return tuple(plain), self._form(place, fields) if fields else None

    def _parameter(self, place: Place, name: str, where: In) -> Parameter:
        done = self.shared(Parameter, place)
        if done is not None:
            return done
        required = self.flag(place, "required")
        if where == "path" and not required:
            self.report("odd-structure", place, f"The path parameter {name!r} is not required: it always is.")
            required = True
        return self.share(self._value(place, name, where, required), place)

    def _value(self, place: Place, name: str, where: In, required: bool) -> Parameter:
        style, explode = self._style(place, where)
        duplicates: Literal["join", "last"] = "join" if explode else "last"
        return Parameter(
            name=name,
            location=where,
            schema=self._inline(place),
            required=required,
            style=style,
            explode=explode,
            allow_empty=self.flag(place, "allowEmptyValue"),
            duplicates=duplicates,
            description=self.text(place, "description"),
            examples=self._parameter_examples(place),
            extensions=self.extensions(place.value),
            at=place.location,
        )

    def _parameter_examples(self, place: Place) -> tuple[Example, ...]:
        return (Example("", place.value["x-example"]),) if "x-example" in place.value else ()

    def _inline(self, place: Place) -> Schema:
        """The schema that a parameter or header is itself: everything of it that is not about the parameter."""
        if type(place.value.get("schema")) is dict:  # not in the specification, but written
            return self.schemas.use(place.child("schema"))
        node = {key: value for key, value in place.value.items() if key not in _NOT_OF_SCHEMA}
        return self.schemas.use(Place(node, place.file, place.parent, place.token))

    def _style(self, place: Place, where: In) -> tuple[Style, bool]:
        collection = place.value.get("collectionFormat")
        if collection == "multi":
            return "form", True
        default: Style = "form" if where == "query" else "simple"
        return _STYLES.get(collection, default) if type(collection) is str else default, False

    # --- bodies --------------------------------------------------------------------------------------------------

    def _media_types(self, place: Place, key: str) -> tuple[str, ...]:
        own = self.texts(place, key) if place.get(key) is not None else self.texts(self.root, key)
        return tuple(dict.fromkeys(media_type(kind) for kind in own if kind.strip()))

    def _body(self, operation: Place, place: Place) -> Body:
        schema_place = place.get("schema")
        schema = self.schemas.use(schema_place) if schema_place is not None else None
        if schema is not None and place.value.get("x-nullable") is True:
            schema = Schema({"anyOf": [schema.node, {"type": "null"}]}, schema.definitions, schema.location)
        kinds = self._media_types(operation, "consumes") or _JSON
        return Body(
            content={kind: Media(kind, schema) for kind in kinds},
            required=self.flag(place, "required"),
            name=place.value["name"],
            description=self.text(place, "description"),
            extensions=self.extensions(place.value),
            at=place.location,
        )

    def _form(self, operation: Place, fields: list[Place]) -> Body:
        """Form fields become the properties of one object (as Connexion makes of them)."""
        properties: dict[str, Any] = {}
        required: list[str] = []
        encoding: dict[str, Encoding] = {}
        files = False
        for place in fields:
            name = place.value["name"]
            files = files or place.value.get("type") == "file"
            node = dict(cast(dict[str, Any], self._inline(place).node))
            if self.text(place, "description"):
                node["description"] = self.text(place, "description")
            properties[name] = node
            if self.flag(place, "required"):
                required.append(name)
            if place.value.get("type") == "array":
                style, explode = self._style(place, "query")
                encoding[name] = Encoding(style=style, explode=explode)
        node = {"type": "object", "properties": properties, **({"required": required} if required else {})}
        schema = Schema(node, self.schemas.definitions, operation.location)
        return Body(
            content={kind: Media(kind, schema, encoding or EMPTY) for kind in self._form_types(operation, files)},
            required=bool(required),
            unpack_form=True,
            at=operation.location,
        )

    def _form_types(self, operation: Place, files: bool) -> tuple[str, ...]:
        declared = [kind for kind in self._media_types(operation, "consumes") if kind in _FORMS]
        if files:  # a file cannot travel url-encoded
            return ("multipart/form-data",)
        return tuple(declared) or _FORMS[:1]

    def responses(self, place: Place) -> Mapping[str, Response]:
        """The Responses Object, one media type for each that the operation produces."""
        responses = self.mapping(place, "responses")
        kinds = self._media_types(place, "produces") or _JSON
        result: dict[str, Response] = {}
        for key, entry in responses.members() if responses is not None else ():
            if key.startswith("x-") or entry.value is None:
                continue
            found = self.follow(entry)
            if found is not None:
                status = self.status(key)
                result[status] = self._response(status, found, kinds)
        return result or EMPTY

    def _response(self, status: str, place: Place, kinds: tuple[str, ...]) -> Response:
        schema_place = place.get("schema")
        schema = self.schemas.use(schema_place) if schema_place is not None else None
        examples = self.mapping(place, "examples")
        by_kind = {media_type(kind): value for kind, value in examples.value.items()} if examples is not None else {}
        # To Connexion, what `produces` says of a text or a file holds for a response without schema, too.
        has_content = schema is not None or (status not in ("204", "304") and not all("json" in kind for kind in kinds))
        content = {
            kind: Media(kind, schema, examples=(Example("", by_kind[kind]),) if kind in by_kind else ())
            for kind in (kinds if has_content else ())
        }
        return Response(
            status=status,
            description=self.text(place, "description"),
            headers=self._headers(place),
            content=content or EMPTY,
            extensions=self.extensions(place.value),
            at=place.location,
        )

    def _headers(self, place: Place) -> Mapping[str, Parameter]:
        headers = self.mapping(place, "headers")
        result = {}
        for name, entry in headers.members() if headers is not None else ():
            if type(entry.value) is dict and name.lower() != "content-type":
                result[name] = self._value(entry, name, "header", required=False)
        return result or EMPTY

    # --- security and servers ------------------------------------------------------------------------------------

    def security_schemes(self) -> Mapping[str, SecurityScheme]:
        """`securityDefinitions`, in version 3's words."""
        schemes = self.mapping(self.root, "securityDefinitions")
        result = {}
        for name, entry in schemes.members() if schemes is not None else ():
            found = self.follow(entry)
            if found is not None:
                result[name] = self._security_scheme(name, found)
        return result or EMPTY

    def _security_scheme(self, name: str, place: Place) -> SecurityScheme:
        node: dict[str, Any] = place.value
        kind, where = self.text(place, "type"), node.get("in")
        basic = kind == "basic"
        return SecurityScheme(
            name=name,
            type="http" if basic else kind,
            location=where if where in ("query", "header") else None,
            parameter=self.text(place, "name") or None,
            scheme="basic" if basic else None,
            flows=self._flows(place) if kind == "oauth2" else EMPTY,
            description=self.text(place, "description"),
            extensions=self.extensions(node),
            raw=node,
            at=place.location,
        )

    def _flows(self, place: Place) -> Mapping[str, Mapping[str, Any]]:
        flow = _FLOWS.get(self.text(place, "flow"))
        if flow is None:
            return EMPTY
        keys = ("authorizationUrl", "tokenUrl", "scopes")
        return {flow: {"scopes": {}, **{key: place.value[key] for key in keys if key in place.value}}}

    def servers(self, place: Place) -> tuple[Server, ...]:
        """`schemes`, `host` and `basePath` of the document; path items and operations have none of their own."""
        if place is not self.root:
            return ()
        host, base = self.text(place, "host"), self.text(place, "basePath")
        base = f"/{base.strip('/')}" if base.strip("/") else ""
        if not host:
            return (Server(base or "/"),)
        return tuple(Server(f"{scheme}://{host}{base}") for scheme in self.texts(place, "schemes") or ("https",))
