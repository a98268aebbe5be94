"""Operations as the templates show them: functions, and methods of the client."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from portico.sdkgen.plan import Binary, Body, Operation, Parameter, Record
from portico.sdkgen.typescript import encode, metadata
from portico.sdkgen.typescript.models import Property
from portico.sdkgen.typescript.names import Package
from portico.sdkgen.typescript.types import Types, is_silent

_MODELS = "models."
_LATER = {"events": "EventStream", "jsonl": "JsonLines"}


@dataclass(frozen=True, slots=True)
class Method:
    """An operation."""

    name: str
    iterator: str  # "" where there are no pages
    doc: str
    inner_doc: str  # the same inside of a class
    params: str  # the name of the type of its arguments
    optional: str  # "?" where it can be called without any
    arguments: tuple[Property, ...]
    body: str  # a type that the arguments are joined with, or ""
    result: str
    item: str  # of pages
    metadata: str


def shown(one: Operation, package: Package, types: Types, spread: Collection[str] | None) -> Method:
    """An operation.

    Args:
        one: of the plan.
        package: what things are called.
        types: of the package.
        spread: names of the body's properties that are arguments; None: they are none.
    """
    names = package.arguments[one.key]
    arguments = [_argument(each, names[each.key], types) for each in one.parameters]
    body = _body(one, types, spread)
    if one.body is not None and not body:
        arguments.append(Property("", "body", "" if one.body.required else "?", _whole(one.body, types)))
    needed = any(not each.optional for each in arguments) or _is_needed(one, types, spread)
    pages = one.pages
    return Method(
        package.methods[one.key],
        package.iterators.get(one.key, ""),
        _doc(one, ""),
        _doc(one, "  "),
        package.params[one.key],
        "" if needed else "?",
        tuple(arguments),
        body,
        _result(one, types),
        types.expression(pages.item, "received", _MODELS) if pages is not None else "",
        encode.value(metadata.operation(one, package, types, spread)),
    )


def _doc(one: Operation, indent: str) -> str:
    summary, description = encode.lines(one.summary), encode.lines(one.description)
    found = summary if summary == description else [*summary, *([""] if summary and description else []), *description]
    return encode.jsdoc(found or [f"{one.method} {encode.line(one.path)}"], indent, deprecated=one.deprecated)


def _argument(one: Parameter, name: str, types: Types) -> Property:
    optional = not one.required or one.constant is not None
    expression = (
        encode.value(one.constant) if one.constant is not None else types.expression(one.type, "argument", _MODELS)
    )
    doc = encode.jsdoc(encode.lines(one.description), "  ", deprecated=one.deprecated)
    return Property(doc, name, "?" if optional else "", expression)


def _body(one: Operation, types: Types, spread: Collection[str] | None) -> str:
    """The type of the body where its properties are arguments: these, or the whole."""
    if one.body is None or one.body.spread is None or spread is None:
        return ""
    name = types.name(one.body.spread, "form", _MODELS)
    loose = name if one.body.required else f"Partial<{name}>"
    mark = "" if one.body.required else "?"
    return f"(({loose} & {{ body?: undefined }}) | {{ body{mark}: {_whole(one.body, types)} }})"


def _whole(body: Body, types: Types) -> str:
    kinds = {"binary": "Bytes", "text": "string", "events": "Bytes"}
    found = []
    for content in body.contents:
        if content.kind == "jsonl":
            item = types.expression(content.type, "form", _MODELS)
            found.append(f"Iterable<{item}> | AsyncIterable<{item}>")
        elif content.kind in kinds or content.type == Binary():
            found.append(kinds.get(content.kind, "Bytes"))
        else:
            found.append(types.expression(content.type, "form", _MODELS))
    return " | ".join(dict.fromkeys(found))


def _is_needed(one: Operation, types: Types, spread: Collection[str] | None) -> bool:
    """Whether a body whose properties are arguments must be given."""
    if one.body is None or not one.body.required or spread is None:
        return False
    record = types.declared.get(one.body.spread or "")
    return isinstance(record, Record) and any(each.required and not each.read_only for each in record.fields)


def _result(one: Operation, types: Types) -> str:
    if one.result is None or one.result_kind == "none":
        return "undefined"
    if one.result_kind == "binary":
        return "Download"
    if one.result_kind == "text":
        return "string"
    expression = types.expression(one.result, "received", _MODELS)
    if one.result_kind in _LATER:
        return f"{_LATER[one.result_kind]}<{expression}>"
    return f"{expression} | undefined" if is_silent(one) else expression


def of_all(types: Types, package: Package, spreads: Mapping[str, Collection[str]]) -> list[Method]:
    """All operations, in the plan's order."""
    return [shown(one, package, types, spreads.get(one.key)) for one in types.sdk.operations]
