"""What the runtime must know of operations and of the API: made as its own objects, so that a plan can be tried while
it is generated, and written as the source that makes the same objects.

Texts of the document leave this file inside of these objects, which only `source` writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portico.sdkgen.plan import Body, Content, Operation, Pages, Parameter, Record, Scheme, Sdk
from portico.sdkgen.python import encode
from portico.sdkgen.python.names import Package
from portico.sdkgen.python.runtime import forms
from portico.sdkgen.python.runtime import operation as runtime
from portico.sdkgen.python.runtime import sdk as runtime_sdk
from portico.sdkgen.python.types import Types
from portico.sdkgen.untrusted import Untrusted

_DEFAULTS: Mapping[str, Any] = {
    "parameters": (), "bodies": (), "body_required": False, "properties": (), "result": None, "kind": "none",
    "accept": "*/*", "security": (), "idempotent": False, "idempotency_index": -1, "pages": None, "server": "",
    "unsigned_payload": False, "nonce": False, "exact": False,
}  # fmt: skip


def operation(one: Operation, sdk: Sdk, package: Package, types: Types) -> runtime.Operation:
    """An operation as the runtime has it.

    Args:
        one: of the plan.
        sdk: the plan.
        package: what things are called.
        types: the types in Python.
    """
    arguments = package.arguments[one.key]
    return runtime.Operation(
        one.id.raw,
        one.method,
        one.path.raw,
        parameters=tuple(_parameter(each, arguments, types) for each in one.parameters),
        bodies=tuple(_content(each, types) for each in one.body.contents) if one.body is not None else (),
        body_required=one.body is not None and one.body.required,
        properties=_properties(one.body, arguments, types),
        result=types.expression(one.result) if one.result is not None else None,
        kind=one.result_kind,
        accept=_accept(one),
        security=_security(one),
        idempotent=one.idempotent,
        idempotency_index=_index(one, "header", one.idempotency_header),
        pages=_pages(one, one.pages) if one.pages is not None else None,
        server=_text(one.server),
        unsigned_payload=one.unsigned_payload,
        nonce=one.nonce,
        exact=one.exact_numbers,
    )


def _text(text: Untrusted | None) -> str:
    return "" if text is None else text.raw


def _parameter(one: Parameter, arguments: Mapping[str, str], types: Types) -> runtime.Parameter:
    return runtime.Parameter(
        one.location,
        one.name.raw,
        arguments[one.key],
        types.expression(one.type),
        one.required,
        one.style,
        one.explode,
        one.json and not (one.location == "querystring" and "form" in _text(one.media_type)),
        one.allow_reserved,
    )


def _content(one: Content, types: Types) -> runtime.Content:
    parts = tuple(
        forms.Part(
            part.name.raw,
            types.expression(part.type),
            part.file,
            part.repeated,
            None if part.content_type is None else part.content_type.raw,
            part.style,
            part.explode,
        )
        for part in one.parts
    )
    return runtime.Content(one.media_type.raw, one.kind, types.expression(one.type), parts)


def _properties(body: Body | None, arguments: Mapping[str, str], types: Types) -> tuple[runtime.Property, ...]:
    record = types.declared.get(body.spread) if body is not None and body.spread is not None else None
    if not isinstance(record, Record):
        return ()
    return tuple(
        runtime.Property(
            one.key.raw,
            arguments[f"property:{one.key.raw}"],
            one.required and not one.read_only and one.constant is None,
            _constant(one.constant) if one.required and not one.read_only else None,
        )
        for one in record.fields
    )


def _constant(value: Untrusted | int | bool | None) -> Any:
    return value.raw if isinstance(value, Untrusted) else value


def _accept(one: Operation) -> str:
    """What the document offers, JSON first; anything else as well, since errors may be something else."""
    good = [content for answer in one.answers if answer.status.startswith("2") for content in answer.contents]
    rest = [content for answer in one.answers if not answer.status.startswith("2") for content in answer.contents]
    good.sort(key=lambda content: content.kind != one.result_kind)
    found = dict.fromkeys(
        content.media_type.raw for content in (*good, *rest) if encode.is_media_type(content.media_type.raw)
    )
    return ", ".join(found) or "*/*"


def _security(one: Operation) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]:
    return tuple(
        tuple((need.scheme, tuple(scope.raw for scope in need.scopes)) for need in requirement)
        for requirement in one.requirements
    )


def _index(one: Operation, location: str, name: Untrusted | None) -> int:
    return next((i for i, each in enumerate(one.parameters) if each.location == location and each.name == name), -1)


def _pages(one: Operation, pages: Pages) -> runtime.Pages:
    ways = [tuple(step.raw for step in way) for way in (pages.items, pages.cursor, pages.more)]
    return runtime.Pages(pages.kind, ways[0], _index(one, "query", pages.parameter), ways[1], ways[2], pages.first)


def sdk(plan: Sdk, package: Package) -> runtime_sdk.Sdk:
    """The API as the runtime has it.

    Args:
        plan: of the SDK.
        package: what things are called.
    """
    return runtime_sdk.Sdk(
        package.project,
        plan.version,
        plan.title.raw,
        f"{package.module}.models",
        plan.base_path.raw,
        _text(plan.server),
        {one.key: _scheme(one) for one in plan.schemes},
        plan.client_id or "",
        plan.region,
    )


def _scheme(one: Scheme) -> runtime_sdk.Scheme:
    return runtime_sdk.Scheme(
        one.kind,
        one.location or "",
        _text(one.parameter),
        _text(one.discovery),
        _text(one.authorization_url),
        _text(one.token_url),
        tuple(scope.raw for scope in one.scopes),
    )


def source(one: runtime.Operation) -> Iterator[str]:
    """The source of what makes an operation, an argument a line; lists are several lines.

    Args:
        one: of `operation`.
    """
    yield f"{encode.literal(one.id)}, {encode.literal(one.method)}, {encode.literal(one.path)},"
    for name, default in _DEFAULTS.items():
        value = getattr(one, name)
        if value == default:
            continue
        if name in ("parameters", "bodies", "properties"):
            yield f"{name}=("
            yield from (f"    {named(item)}," for item in value)
            yield "),"
        else:
            yield f"{name}={named(value)},"


def named(value: Any) -> str:
    """The source of a constant, or of a named tuple with what is not its default.

    Args:
        value: the constant.
    """
    if not hasattr(value, "_fields"):
        return encode.constant(value)
    defaults: Mapping[str, Any] = value._field_defaults
    parts = []
    for name, item in zip(value._fields, value, strict=True):
        if name not in defaults:
            parts.append(encode.constant(item))
        elif item != defaults[name] or isinstance(item, bool) != isinstance(defaults[name], bool):
            written = _tuple(item) if name == "parts" else encode.constant(item)
            parts.append(f"{name}={written}")
    return f"{type(value).__name__}({', '.join(parts)})"


def _tuple(items: tuple[Any, ...]) -> str:
    return f"({', '.join(map(named, items))},)"


def sdk_source(one: runtime_sdk.Sdk) -> list[str]:
    """The source of what makes an API, an argument a line.

    Args:
        one: of `sdk`.
    """
    found = [
        f"{name}={encode.constant(getattr(one, name))},"
        for name in one._fields
        if name != "schemes" and getattr(one, name)
    ]
    schemes = [f"    {encode.literal(name)}: {named(scheme)}," for name, scheme in one.schemes.items()]
    return [*found, *(["schemes={", *schemes, "},"] if schemes else [])]
