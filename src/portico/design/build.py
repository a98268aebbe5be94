"""What building the model has in common for all versions: operations, parameters' merging, security, extensions."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from portico.design.faults import Fault, FaultError
from portico.design.model import (
    EMPTY,
    METHODS,
    Body,
    Dialect,
    Extensions,
    Operation,
    Parameter,
    Requirement,
    Response,
    SecurityScheme,
    Server,
)
from portico.design.names import snake
from portico.design.place import Place
from portico.design.references import References
from portico.design.schemas import Schemas

T = TypeVar("T")

ANY_METHOD = "x-amazon-apigateway-any-method"


class Builder(ABC):
    """Builds the parts of one Api from one document.

    Faults are collected, not raised, so that one reading tells all of them. A part that is faulty in a way that cannot
    be served is an error; a part that can be left out is a warning.
    """

    controller_key = "x-openapi-router-controller"

    def __init__(self, root: Place, dialect: Dialect, references: References) -> None:
        self.root = root
        self.dialect = dialect
        self.references = references
        self.faults: list[Fault] = []
        self.schemas = Schemas(dialect, references, self.faults.append)
        self._shared: dict[tuple[type, str, str], Any] = {}
        self._ids: set[str] = set()

    # --- small readers -------------------------------------------------------------------------------------------

    def report(self, rule: str, place: Place, message: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(rule, place.location, message))

    def text(self, place: Place, key: str) -> str:
        """A text member; "" where it is missing."""
        value = place.value.get(key)
        if value is None or type(value) is str:
            return value or ""
        if type(value) in (int, float) and key in ("version", "title", "summary", "description"):
            return str(value)
        self.report("odd-structure", place.child(key), f"{key} is not a text.")
        return ""

    def flag(self, place: Place, key: str) -> bool:
        """A boolean member; False where it is missing."""
        value = place.value.get(key)
        if value is None or type(value) is bool:
            return bool(value)
        if value in ("true", "false"):
            self.report("odd-structure", place.child(key), f"{key} is a text, not true or false.")
            return bool(value == "true")
        self.report("odd-structure", place.child(key), f"{key} is neither true nor false.")
        return False

    def mapping(self, place: Place, key: str) -> Place | None:
        """A member that is a mapping; None where it is missing."""
        found = place.get(key)
        if found is None or found.value is None:
            return None
        if type(found.value) is not dict:
            self.report("odd-structure", found, f"{key} is not a mapping.")
            return None
        return found

    def entries(self, place: Place, key: str) -> Iterator[Place]:
        """The items of a member that is a list."""
        found = place.get(key)
        if found is None or found.value is None:
            return
        if type(found.value) is not list:
            self.report("odd-structure", found, f"{key} is not a list.")
            return
        yield from found.items()

    def texts(self, place: Place, key: str) -> tuple[str, ...]:
        """The texts of a list."""
        found = place.get(key)
        if found is not None and type(found.value) is str:
            self.report("odd-structure", found, f"{key} is one text, not a list of texts.")
            return (found.value,)
        return tuple(item.value for item in self.entries(place, key) if type(item.value) is str)

    def extensions(self, node: Mapping[str, Any], under: Extensions = EMPTY) -> Extensions:
        """The members whose names begin with `x-`."""
        own = {key: value for key, value in node.items() if key.startswith("x-")}
        if not under:
            return own or EMPTY
        return {**under, **own}

    def follow(self, place: Place) -> Place | None:
        """What a place stands for, references followed; None (and a fault) when it is nothing usable."""
        try:
            found = self.references.follow(place)
        except FaultError as error:
            self.faults.append(error.fault)
            return None
        if type(found.value) is not dict:
            self.report("broken-structure", found, "A mapping is expected here.")
            return None
        return found

    # --- paths and operations ------------------------------------------------------------------------------------

    def operations(self) -> tuple[Operation, ...]:
        """All operations, in the document's order; a path item without a method is none."""
        paths = self.mapping(self.root, "paths")
        result: list[Operation] = []
        for path, place in paths.members() if paths is not None else ():
            if path.startswith("x-"):
                continue
            if not path.startswith("/"):
                self.report("odd-structure", place, f"The path {path!r} does not begin with a slash.")
                path = f"/{path}"
            result.extend(self._path_item(path, place))
        return tuple(result)

    def _path_item(self, path: str, place: Place) -> Iterator[Operation]:
        if place.value is None:
            return
        items = [place]
        if place.reference is not None:
            target = self.follow(place)
            if target is None:
                return
            items.append(target)
        elif type(place.value) is not dict:
            self.report("broken-structure", place, "A path item is not a mapping.")
            return
        shared: dict[tuple[str, str], Parameter | Place] = {}
        extensions: Extensions = EMPTY
        for item in reversed(items):
            shared.update(self.parameter_places(item))
            extensions = self.extensions(item.value, extensions)
        met: set[str] = set()
        for item in items:
            for method, operation in self._methods(item):
                if method in met:
                    continue
                met.add(method)
                if type(operation.value) is not dict:
                    self.report("broken-structure", operation, "An operation is not a mapping.")
                    continue
                yield self._operation(path, method, operation, item, shared, extensions)

    def _methods(self, item: Place) -> Iterator[tuple[str, Place]]:
        if ANY_METHOD in item.value:
            self.report(
                "ignored-extension", item.child(ANY_METHOD), f"{ANY_METHOD} is not honoured: no method is served."
            )
        for key, place in item.members():
            if key in METHODS and (key != "query" or self.dialect == "3.2"):
                yield key, place
        additional = self.mapping(item, "additionalOperations") if self.dialect == "3.2" else None
        for key, place in additional.members() if additional is not None else ():
            yield key.lower(), place

    def _operation(
        self,
        path: str,
        method: str,
        place: Place,
        item: Place,
        shared: Mapping[tuple[str, str], Any],
        extensions: Extensions,
    ) -> Operation:
        node = place.value
        declared = self.text(place, "operationId") or None
        own = self.extensions(node, extensions)
        places = {**shared, **self.parameter_places(place)}
        parameters, body = self.inputs(place, places)
        controller = node.get(self.controller_key)
        return Operation(
            id=declared or self._generated_id(method, path),
            declared_id=declared,
            method=method,
            path=path,
            parameters=parameters,
            body=body,
            responses=self.responses(place),
            security=self.security(place, self.default_security),
            summary=self.text(place, "summary") or self.text(item, "summary"),
            description=self.text(place, "description") or self.text(item, "description"),
            tags=self.texts(place, "tags"),
            deprecated=self.flag(place, "deprecated"),
            servers=self.servers(place) or self.servers(item),
            controller=controller if type(controller) is str else None,
            extensions=own,
            at=place.location,
        )

    def _generated_id(self, method: str, path: str) -> str:
        """`get /products/{productId}` is `get_products_product_id`; a second one of that name gets a number."""
        wish = snake(f"{method} {path}")
        name, count = wish, 1
        while name in self._ids:
            count += 1
            name = f"{wish}_{count}"
        self._ids.add(name)
        return name

    def reserve_ids(self) -> None:
        """Note the declared ids, so that no generated one meets them."""
        paths = self.root.value.get("paths")
        for item in paths.values() if type(paths) is dict else ():
            for operation in item.values() if type(item) is dict else ():
                if type(operation) is dict and type(operation.get("operationId")) is str:
                    self._ids.add(operation["operationId"])

    def parameter_places(self, place: Place) -> dict[tuple[str, str], Place]:
        """The parameters of an operation or a path item by location and name, references followed."""
        result: dict[tuple[str, str], Place] = {}
        for entry in self.entries(place, "parameters"):
            found = self.follow(entry)
            if found is None:
                continue
            name, where = found.value.get("name"), found.value.get("in")
            if type(name) is not str or type(where) is not str:
                self.report("broken-structure", found, "A parameter has no name or does not say where it is.")
                continue
            if (where, name) in result:
                self.report("duplicate-parameter", entry, f"The {where} parameter {name!r} is in this list twice.")
            result[where, name] = found
        return result

    def shared(self, kind: type[T], place: Place) -> T | None:
        """The part already built from that place."""
        return self._shared.get((kind, place.file, place.pointer))

    def share(self, part: T, place: Place) -> T:
        """Keep a part for the next operation that refers to the same place."""
        self._shared[type(part), place.file, place.pointer] = part
        return part

    # --- security ------------------------------------------------------------------------------------------------

    default_security: tuple[Requirement, ...] | None = None

    def security(self, place: Place, default: tuple[Requirement, ...] | None) -> tuple[Requirement, ...] | None:
        """The requirements of an operation or the document. `[]` is open; missing is the default."""
        found = place.get("security")
        if found is None:
            return default
        if type(found.value) is not list:
            self.report("broken-structure", found, "security is not a list of requirements.")
            return default
        requirements = []
        for item in found.items():
            if type(item.value) is not dict:
                self.report("broken-structure", item, "A security requirement is not a mapping.")
                continue
            schemes = {}
            for name, scopes in item.members():
                if scopes.value is not None and type(scopes.value) is not list:
                    self.report("broken-structure", scopes, "The scopes of a requirement are not a list.")
                schemes[name] = tuple(str(scope.value) for scope in scopes.items())
            requirements.append(Requirement(schemes))
        return tuple(requirements)

    # --- what each version does its own way ----------------------------------------------------------------------

    @abstractmethod
    def inputs(
        self, place: Place, parameters: Mapping[tuple[str, str], Place]
    ) -> tuple[tuple[Parameter, ...], Body | None]:
        """The parameters and the body of an operation."""

    @abstractmethod
    def responses(self, place: Place) -> Mapping[str, Response]:
        """The responses of an operation."""

    @abstractmethod
    def security_schemes(self) -> Mapping[str, SecurityScheme]:
        """The security schemes of the document."""

    @abstractmethod
    def servers(self, place: Place) -> tuple[Server, ...]:
        """The servers that a document, a path item or an operation names."""

    def status(self, key: str) -> str:
        """A response's key: "200", "4XX" or "default"."""
        return key.upper() if key[1:].upper() == "XX" else key


def media_type(key: str) -> str:
    """`Application/JSON; charset=utf-8` is `application/json`."""
    return key.partition(";")[0].strip().lower()


def path_of(url: str) -> str:
    """The path of a server's URL, as a base path: "" or "/v1"."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    path = re.sub(r"/{2,}", "/", f"/{path}").rstrip("/")
    return path
