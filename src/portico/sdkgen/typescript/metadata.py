"""What the runtime must know of operations, as object literals: the types are in runtime/types.d.ts."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from portico.sdkgen.plan import (
    Alias,
    Content,
    Enumeration,
    ListOf,
    Literals,
    MapOf,
    Named,
    Nullable,
    Operation,
    Pages,
    Parameter,
    Part,
    Record,
    Scalar,
    Scheme,
    Sdk,
    TypeRef,
)
from portico.sdkgen.typescript.names import Package
from portico.sdkgen.typescript.types import Types, is_silent
from portico.sdkgen.untrusted import Untrusted

Made = dict[str, Any]
_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+*-]{1,100}/[A-Za-z0-9!#$&^_.+*-]{1,100}")
_PROBLEM = "application/problem+json"
_SHAPES = {
    "boolean": "boolean",
    "integer": "number",
    "int64": "number",
    "number": "number",
    "decimal": "number",
}


def api(sdk: Sdk, package: Package) -> Made:
    """What a client knows of its API."""
    found: Made = {"name": package.client, "basePath": sdk.base_path}
    if sdk.server is not None:
        found["server"] = sdk.server
    found["userAgent"] = f"{package.file}/{sdk.version} portico-sdk/1"
    if sdk.client_id is not None:
        found["clientId"] = sdk.client_id
    return {**found, "region": sdk.region, "schemes": {one.name: _scheme(one) for one in sdk.schemes}}


def _scheme(one: Scheme) -> Made:
    found = {
        "kind": one.kind,
        "in": one.location,
        "name": one.parameter,
        "discovery": one.discovery,
        "authorizationUrl": one.authorization_url,
        "tokenUrl": one.token_url,
        "scopes": one.scopes,
    }
    return {name: value for name, value in found.items() if value}


def operation(one: Operation, package: Package, types: Types, spread: Collection[str] | None) -> Made:
    """What the runtime knows of an operation.

    Args:
        one: of the plan.
        package: what things are called.
        types: of the package.
        spread: names of the body's properties that are arguments; None: they are none.
    """
    names = package.arguments[one.key]
    found: Made = {"id": one.id, "method": one.method, "path": one.path}
    if one.server is not None:
        found["server"] = one.server
    if one.parameters:
        found["parameters"] = [_parameter(each, names[each.key]) for each in one.parameters]
    if one.body is not None:
        found["body"] = _body(one, types, spread)
    found |= _answer(one, types)
    if one.requirements:
        found["security"] = [[Untrusted(need.scheme) for need in each] for each in one.requirements]
    if one.idempotency_header is not None:
        found["idempotencyHeader"] = one.idempotency_header
    if one.pages is not None:
        found["pages"] = _pages(one.pages, names)
    if one.unsigned_payload:
        found["unsignedPayload"] = True
    return found


def _parameter(one: Parameter, name: str) -> Made:
    found: Made = {"argument": name, "name": one.name, "in": one.location, "style": one.style}
    date = _date(one.type)
    flags = {"explode": one.explode, "required": one.required, "reserved": one.allow_reserved, "json": one.json}
    found |= {flag: True for flag, given in flags.items() if given}
    if date is not None:
        found["date"] = date
    if one.constant is not None:
        found["constant"] = one.constant
    return found


def _date(reference: TypeRef) -> str | None:
    while isinstance(reference, Nullable | ListOf):
        reference = reference.inner if isinstance(reference, Nullable) else reference.item
    return reference.kind if isinstance(reference, Scalar) and reference.kind in ("date", "datetime") else None


def _body(one: Operation, types: Types, spread: Collection[str] | None) -> Made:
    assert one.body is not None  # noqa: S101  the caller has looked
    found: Made = {"required": True} if one.body.required else {}
    found["contents"] = [_content(each) for each in one.body.contents]
    record = types.declared.get(one.body.spread) if one.body.spread is not None else None
    if spread is not None and isinstance(record, Record):
        found["spread"] = {each.key: each.required and not each.read_only for each in record.fields}
    return found


def media_type(text: Untrusted) -> str:
    """A media type that a header can have."""
    return text.raw if _TYPE.fullmatch(text.raw) else "application/octet-stream"


def _content(one: Content) -> Made:
    found: Made = {"type": media_type(one.media_type), "kind": one.kind}
    parts = {each.name: made for each in one.parts if (made := _part(each))}
    return {**found, "parts": parts} if parts else found


def _part(one: Part) -> Made:
    found: Made = {flag: True for flag, given in (("file", one.file), ("repeated", one.repeated)) if given}
    if one.content_type is not None and _TYPE.fullmatch(one.content_type.raw.split(",")[0].strip()):
        found["type"] = one.content_type.raw.split(",")[0].strip()
    if one.style is not None:
        found["style"] = one.style
    if one.explode is not None:
        found["explode"] = one.explode
    return found


def _answer(one: Operation, types: Types) -> Made:
    good = [each for each in one.answers if each.status.startswith("2")] or [
        each for each in one.answers if each.status == "default"
    ]
    accepted = dict.fromkeys(media_type(content.media_type) for each in good for content in each.contents)
    found: Made = {}
    if accepted:
        ordered = sorted(accepted, key=lambda name: (name != "application/json", "json" not in name))
        found["accept"] = ", ".join((*ordered[:20], _PROBLEM))
    if one.result_kind != "none":
        found["result"] = one.result_kind
    shape = shape_of(one, types)
    if shape is not None:
        found["shape"] = shape
    return {**found, "exact": True} if one.exact_numbers else found


def shape_of(one: Operation, types: Types) -> str | None:
    """The only JSON type that answers to an operation have; None: there are several, or nobody knows."""
    if one.result is None or is_silent(one) or one.result_kind not in ("json", "events"):
        return None
    return _shape(one.result, types, set())


def _shape(reference: TypeRef, types: Types, seen: set[str]) -> str | None:
    """The only JSON type that values have; None: there are several, or nobody knows."""
    match reference:
        case ListOf():
            return "array"
        case MapOf():
            return "object"
        case Scalar():
            return (
                "string"
                if reference.text
                else _SHAPES.get(reference.kind, "string" if reference.kind != "null" else None)
            )
        case Literals():
            return "number" if reference.kind == "integer" else reference.kind
        case Named(key) if key not in seen:
            return _shape_of(key, types, seen | {key})
        case _:
            return None


def _shape_of(key: str, types: Types, seen: set[str]) -> str | None:
    match types.declared.get(key):
        case Record():
            return "object"
        case Enumeration(kind=kind):
            return "string" if kind == "string" else "number"
        case Alias(type=inner):
            return _shape(inner, types, seen)
        case _:
            return None


def _pages(one: Pages, names: Any) -> Made:
    found: Made = {"kind": one.kind, "items": list(one.items)}
    if one.parameter is not None:
        found["argument"] = names[f"query:{one.parameter.raw}"]
    if one.cursor:
        found["cursor"] = list(one.cursor)
    if one.more:
        found["more"] = list(one.more)
    if one.first != 1:
        found["first"] = one.first
    return found
