"""Which function answers an operation, and with which arguments: one rule for the gateway and for the stubs.

A document is other people's text, so nothing in it may choose code that is not the project's: an
`x-openapi-router-controller` or a dotted `operationId` is followed only to a module below the project's root. (To
Connexion `operationId: os.system` is a handler.)
"""

from __future__ import annotations

import hashlib
import keyword
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from portico.design.model import Api, Body, Json, Media, Operation, Schema
from portico.design.names import argument_name, handler_name, snake

Kind = Literal["path", "query", "header", "cookie", "querystring", "body", "form", "file"]

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
INJECTED = frozenset({"ctx", "context_", "user", "token_info"})
"""What a handler may ask for although no document provides it: the Context, and what Connexion's security hands on."""

_RESERVED = frozenset({"annotations", "builtins", "typing", "portico"})  # what a generated file imports
_KINDS: tuple[Kind, ...] = ("path", "query", "querystring", "header", "cookie")


@dataclass(frozen=True, slots=True)
class Handler:
    """The function that answers one operation."""

    operation: Operation
    module: str  # importable with the project's root on sys.path: "handlers.shop"
    function: str  # "place_order"; with a dot where a document names a method of a class
    inside: bool  # whether the module lies in the handlers folder, where stubs are written

    def path(self, folder: Path) -> Path:
        """The module's file.

        Args:
            folder: the project's handlers folder.
        """
        path = folder.parent.joinpath(*self.module.split("."))
        return path / "__init__.py" if path.is_dir() else path.with_name(f"{path.name}.py")


def module_name(api_name: str) -> str:
    """The module of `handlers/` for a document: `shop`, and `their_shop` for `specs/their-shop.yaml`."""
    name = re.sub(r"\W", "_", api_name, flags=re.ASCII)
    fits = name.isidentifier() and not keyword.iskeyword(name) and name != "__init__"
    return name if fits else f"_{name}"


def handlers(api: Api, folder: Path) -> tuple[Handler, ...]:
    """The handler of each operation of an API, in the document's order.

    Operation ids that become one Python name (`listPets`, `list_pets`) all get their method and path appended, so that
    adding an operation never hands the handler of one to another.

    Args:
        folder: the project's handlers folder; dotted names are looked up below its parent.
    """
    module = f"{folder.name}.{module_name(api.name)}"
    found = [_dotted(operation, folder) for operation in api.operations]
    names = iter(_names([operation for operation, named in zip(api.operations, found, strict=True) if named is None]))
    return tuple(
        named or Handler(operation, module, next(names), inside=True)
        for operation, named in zip(api.operations, found, strict=True)
    )


def _names(operations: list[Operation]) -> list[str]:
    plain = [_plain(operation) for operation in operations]
    taken = Counter(plain)
    names = [
        name if taken[name] == 1 else f"{name}_{snake(f'{operation.method} {operation.path}')}"
        for name, operation in zip(plain, operations, strict=True)
    ]
    taken = Counter(names)
    return [
        name if taken[name] == 1 else f"{name}_{_digest(operation)}"
        for name, operation in zip(names, operations, strict=True)
    ]


def _plain(operation: Operation) -> str:
    name = handler_name(operation.id)
    return f"{name}_" if name in _RESERVED else name


def _digest(operation: Operation) -> str:
    return hashlib.sha256(f"{operation.id} {operation.method} {operation.path}".encode()).hexdigest()[:6]


def _dotted(operation: Operation, folder: Path) -> Handler | None:
    """The handler that a document names itself, where that lies in the project."""
    name = operation.declared_id or ""
    if operation.controller is None and "." not in name:
        return None
    if operation.controller is not None and not name.replace(".", "").isidentifier():
        name = handler_name(operation.id)
    parts = [*(operation.controller.split(".") if operation.controller else ()), *name.split(".")]
    if not all(part.isidentifier() and not keyword.iskeyword(part) and part[0] != "_" for part in parts):
        return None
    for size in range(len(parts) - 1, 0, -1):
        path = folder.parent.joinpath(*parts[:size])
        if path.with_name(f"{path.name}.py").is_file() or (path / "__init__.py").is_file():
            is_folder = size == 1 and parts[0] == folder.name
            if not is_folder or len(parts) == 2:
                return _handler(operation, parts, size, folder)
    return _handler(operation, parts, len(parts) - 1, folder) if parts[0] == folder.name and len(parts) > 2 else None


def _handler(operation: Operation, parts: list[str], size: int, folder: Path) -> Handler:
    module, function = ".".join(parts[:size]), ".".join(parts[size:])
    return Handler(operation, module, function, inside=parts[0] == folder.name)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a handler."""

    name: str  # as the handler receives it, always by keyword; "" where nothing of the name is left
    source: str  # as the document calls it
    kind: Kind
    required: bool
    schema: Schema | None = None
    description: str = ""

    @property
    def nameable(self) -> bool:
        """Whether a handler can name it; `class` reaches only handlers with `**kwargs`, as in Connexion."""
        return self.name.isidentifier() and not keyword.iskeyword(self.name) and self.name != "__debug__"

    @property
    def has_default(self) -> bool:
        """Whether the gateway passes a value although the request has none."""
        return self.schema is not None and isinstance(self.schema.resolved.node, dict) and "default" in self._node

    @property
    def default(self) -> Json:
        """That value."""
        value: Json = self._node.get("default")
        return value

    @property
    def _node(self) -> dict[str, Json]:
        node = self.schema.resolved.node if self.schema is not None else None
        return node if isinstance(node, dict) else {}


def arguments(operation: Operation, *, pythonic: bool) -> tuple[Argument, ...]:
    """What a handler of an operation may take, as Connexion passes it.

    Two values of one name (`id` in the path and in the query string) do not hide each other: the one that comes later
    in path, query, header, cookie, body is called `id_query`, `id_header`, `id_cookie` or `id_body`.

    Args:
        pythonic: whether `pythonic_params` is on.
    """
    found: list[Argument] = []
    names: set[str] = set()
    for argument in _candidates(operation, pythonic):
        name = argument.name
        if name in names:
            name = f"{name}_{argument.kind}"
        if name and name in names:
            continue
        names.add(name)
        found.append(replace(argument, name=name))
    return tuple(found)


def _candidates(operation: Operation, pythonic: bool) -> Iterator[Argument]:
    for kind in _KINDS:
        for parameter in operation.parameters:
            if parameter.location == kind:
                # to Connexion's router, `my-id` is `my_id`
                written = parameter.name.replace("-", "_") if kind == "path" else parameter.name
                name = argument_name(written, pythonic=pythonic)
                required = parameter.required or kind == "path"
                yield Argument(name, parameter.name, kind, required, parameter.schema, parameter.description)
    if operation.body is not None and operation.method != "trace":
        yield from _body_arguments(operation.body, pythonic)


def _body_arguments(body: Body, pythonic: bool) -> Iterator[Argument]:
    media = next((body.content[name] for name in FORMS if name in body.content), None)
    files = file_fields(media) if media is not None else {}
    if body.unpack_form and media is not None and media.schema is not None:
        for field, schema in media.schema.properties.items():
            if field not in files:
                name = argument_name(field, pythonic=pythonic)
                description = str(schema.get("description", ""))
                yield Argument(name, field, "form", field in media.schema.required, schema, description)
    else:
        first = next(iter(body.content.values()), None)
        name = argument_name(body.name, pythonic=pythonic)
        yield Argument(name, body.name, "body", body.required, first.schema if first else None, body.description)
    required = media.schema.required if media is not None and media.schema is not None else frozenset()
    for field, schema in files.items():
        name = argument_name(field, pythonic=pythonic)
        yield Argument(name, field, "file", field in required, schema, str(schema.get("description", "")))


def file_fields(media: Media) -> dict[str, Schema]:
    """The fields of a multipart body that are uploaded files: binary strings, and arrays of them."""
    if media.media_type != "multipart/form-data" or media.schema is None:
        return {}
    return {
        name: schema
        for name, schema in media.schema.properties.items()
        if _is_binary(schema) or (schema.items is not None and _is_binary(schema.items))
    }


def _is_binary(schema: Schema) -> bool:
    """OpenAPI 3.0 says `format: binary`; 3.1 says `contentMediaType` with no encoding."""
    if "string" not in schema.types and schema.types:
        return False
    return schema.get("format") == "binary" or (
        schema.get("contentMediaType") is not None and schema.get("contentEncoding") is None
    )
