"""An operation as a Python function that nobody has written yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import jsonschema_rs

from portico.design.handlers import FORMS, Argument, Handler, arguments, file_fields
from portico.design.model import Media, Operation, Response, Schema
from portico.design.names import class_name
from portico.stubs.text import paragraphs, quoted, sentence
from portico.stubs.types import Types, union

_LINE = 88  # characters
_LONGEST_DEFAULT = 40  # characters; the gateway passes the document's default in any case
_PLACES = {
    "path": "in the path",
    "query": "in the query string",
    "querystring": "the whole query string",
    "header": "header",
    "cookie": "cookie",
    "body": "the request's body",
    "form": "field of the form",
    "file": "uploaded file",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """One argument of a stub."""

    name: str
    annotation: str
    default: str | None  # as source; None where the argument must be given
    where: str  # what it is in the request
    description: str = ""


@dataclass(frozen=True, slots=True)
class Stub:
    """One function."""

    handler: Handler
    taken: tuple[Taken, ...]  # those that must be given first
    others: tuple[Argument, ...]  # what is reachable by **others only
    returns: str

    @property
    def name(self) -> str:
        """The function's name."""
        return self.handler.function

    @property
    def about(self) -> list[str]:
        """The docstring, in lines."""
        return list(_about(self.handler.operation, self.taken, self.others))


def stub(handler: Handler, types: Types, *, pythonic: bool) -> Stub:
    """The function for an operation.

    Args:
        handler: where it goes.
        types: takes in the types that it needs.
        pythonic: whether `pythonic_params` is on.
    """
    operation = handler.operation
    title = class_name(operation.id)
    found = arguments(operation, pythonic=pythonic)
    taken = [_taken(argument, operation, types, title) for argument in found if argument.nameable]
    ordered = sorted(taken, key=lambda one: one.default is not None)
    others = tuple(argument for argument in found if argument.name and not argument.nameable)
    returns = types.named(_returns(operation, types, f"{title}Answer"), f"{title}Answer")
    return Stub(handler, tuple(ordered), others, returns)


def _taken(argument: Argument, operation: Operation, types: Types, title: str) -> Taken:
    hint = title + class_name(argument.name).lstrip("_")
    annotation = _annotation(argument, operation, types, hint)
    where = _PLACES[argument.kind] if argument.kind == "body" else f"`{argument.source}`, {_PLACES[argument.kind]}"
    default = None if argument.required else _default(argument, annotation) or "None"
    if default == "None":
        annotation = union([annotation, "None"])
    room = _LINE - len(f"    {argument.name}: , " + (f" = {default}" if default else ""))
    return Taken(argument.name, types.named(annotation, hint, room), default, where, argument.description)


def _annotation(argument: Argument, operation: Operation, types: Types, hint: str) -> str:
    if argument.kind == "file":
        is_list = argument.schema is not None and "array" in argument.schema.types
        return "list[UploadFile]" if is_list else "UploadFile"
    if argument.kind == "body" and operation.body is not None:
        return union(_body(media, types, hint) for media in operation.body.content.values()) or "Any"
    return types.annotation(argument.schema, hint) if argument.schema is not None else "Any"


def _body(media: Media, types: Types, hint: str) -> str:
    """What a handler gets of a body: JSON and forms are read, anything else is bytes."""
    if media.schema is None:
        return "dict[str, Any]" if media.media_type in FORMS else "Any" if _may_be_json(media.media_type) else "bytes"
    files = file_fields(media)
    if files and isinstance(media.schema.resolved.node, dict):
        node = media.schema.resolved.node
        rest = {key: value for key, value in node["properties"].items() if key not in files}
        needed = [key for key in node.get("required", ()) if key not in files]
        return types.annotation(media.schema.child({**node, "properties": rest, "required": needed}), f"{hint}Form")
    if media.media_type in FORMS or _may_be_json(media.media_type):
        return types.annotation(media.schema, hint)
    return "bytes"


def _may_be_json(media_type: str) -> bool:
    return media_type.endswith(("/json", "+json")) or media_type in ("*/*", "application/*")


def _default(argument: Argument, annotation: str) -> str | None:
    """The document's default as source, where it is one that cannot be changed by accident and has the right type."""
    value = argument.default
    if not argument.has_default or not isinstance(value, (bool, int, float, str)) or argument.kind == "body":
        return None
    if (
        argument.schema is None
        or not _fits(argument.schema, value)
        or isinstance(value, float) != (annotation == "float")
    ):
        return None
    source = quoted(value) if isinstance(value, str) else repr(value)
    return source if len(source) <= _LONGEST_DEFAULT else None


def _fits(schema: Schema, value: object) -> bool:
    node = schema.resolved.node
    try:
        return isinstance(node, dict) and bool(jsonschema_rs.is_valid({"type": node["type"], **_enum(node)}, value))
    except (KeyError, ValueError):
        return False


def _enum(node: dict[str, object]) -> dict[str, object]:
    return {"enum": node["enum"]} if "enum" in node else {}


def _returns(operation: Operation, types: Types, hint: str) -> str:
    """What a handler returns when all goes well: a body means 200, None means 204, a tuple says its status."""
    parts = []
    for status, response in _successes(operation):
        name = hint if status in (200, 204) else f"{hint}{status}"
        body = union(_answer(media, types, name) for media in response.content.values()) or "None"
        plain = status == 204 if body == "None" else status == 200
        parts.append(body if plain else f"tuple[{body}, Literal[{status}]]")
    return " | ".join(dict.fromkeys(parts)) if "Any" not in parts else "Any"


def _successes(operation: Operation) -> Iterator[tuple[int, Response]]:
    exact = sorted(int(key) for key in operation.responses if len(key) == 3 and key.isdigit() and key[0] == "2")
    if exact:
        yield from ((status, operation.responses[str(status)]) for status in exact)
        return
    named = next((key for key in ("2XX", "default") if key in operation.responses), None)
    if named is not None:
        yield (200 if operation.responses[named].content else 204), operation.responses[named]
    else:
        yield 200, Response("200", content={"*/*": Media("*/*")})  # redirections and errors only: the handler knows


def _answer(media: Media, types: Types, hint: str) -> str:
    if _may_be_json(media.media_type):
        return types.annotation(media.schema, hint) if media.schema is not None else "Any"
    return "str" if media.media_type.startswith("text/") else "bytes" if _is_binary(media) else "str | bytes"


def _is_binary(media: Media) -> bool:
    return media.media_type.startswith(("image/", "audio/", "video/", "font/")) or media.media_type in (
        "application/octet-stream",
        "application/pdf",
        "application/zip",
    )


def _about(operation: Operation, taken: Sequence[Taken], others: Sequence[Argument]) -> Iterator[str]:
    summary = sentence(operation.summary or operation.description) or f"Answer {operation.id}."
    yield summary
    if operation.summary and operation.description.strip() != operation.summary.strip():
        yield from ("", *paragraphs(operation.description))
    if operation.deprecated:
        yield from ("", "Deprecated: the document asks clients not to use it any more.")
    if taken or others:
        yield from (
            "",
            "Args:",
            *(f"    {one.name}: {one.where}. {sentence(one.description)}".rstrip() for one in taken),
        )
        if others:
            names = ", ".join(f"`{argument.source}`" for argument in others)
            yield f"    **others: {names}, which Python cannot name, and all else that the request says."
    yield from ("", "Answers:")
    for status, response in operation.responses.items():
        yield f"    {status}: {sentence(response.description)}"
    yield from ("", f"{operation.method.upper()} {operation.path}")
