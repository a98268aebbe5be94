"""Declared types as the templates show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from portico.sdkgen.plan import (
    Alias,
    Anything,
    Declared,
    Enumeration,
    Field,
    Named,
    Record,
    TypeRef,
    Union,
)
from portico.sdkgen.typescript import encode
from portico.sdkgen.typescript.names import Package
from portico.sdkgen.typescript.types import Types, Way
from portico.sdkgen.untrusted import Untrusted

_MOST_VALUES = 500  # of an enumeration; of more, only the type is told


@dataclass(frozen=True, slots=True)
class Property:
    """A property of an interface."""

    doc: str
    name: str
    optional: str  # "?" or ""
    type: str


@dataclass(frozen=True, slots=True)
class Model:
    """A declaration: an interface, or a type for what is not one."""

    doc: str
    name: str
    properties: tuple[Property, ...] = ()
    type: str = ""  # "" for an interface
    constants: tuple[tuple[str, str], ...] = ()  # names and values, of an enumeration


def shown(types: Types, package: Package) -> Iterator[Model]:
    """All declarations, in the plan's order.

    Args:
        types: of the package.
        package: what things are called.
    """
    for one in types.sdk.types:
        first: Way = "form" if one.key in types.sent_only else "received"
        yield _model(one, types, package, first)
        if one.key in types.twice:
            yield _model(one, types, package, "form")


def _model(one: Declared, types: Types, package: Package, way: Way) -> Model:
    name = package.types[f"input:{one.key}" if way != "received" and one.key in types.twice else one.key]
    lines = encode.lines(one.description)
    if name.endswith("Input") and way != "received" and one.key in types.twice:
        lines = [*lines, "As it is sent."]
    doc = encode.jsdoc(lines, deprecated=one.deprecated)
    match one:
        case Record():
            return Model(doc, name, tuple(properties(one, types, way)))
        case Enumeration():
            return _enumeration(one, doc, name, package)
        case Union() | Alias() if types.is_endless(one.key):
            return Model(doc, name, type="unknown")
        case Union():
            return Model(doc, name, type=_union(one, types, way))
        case Alias():
            return Model(doc, name, type=types.expression(one.type, way))


def properties(record: Record, types: Types, way: Way) -> Iterator[Property]:
    """The properties of an interface.

    Args:
        record: of the plan.
        types: of the package.
        way: whether it is received or sent.
    """
    for field in record.fields:
        yield Property(
            encode.jsdoc(encode.lines(field.description), "  ", deprecated=field.deprecated),
            ("readonly " if field.read_only and way == "received" else "") + encode.member(field.key),
            "" if _is_required(field, way) else "?",
            _type(field, types, way),
        )
    if record.additional is not None and not (record.fields and record.additional == Anything()):
        known = record.fields or record.additional == Anything()
        yield Property("", "[name: string]", "", "unknown" if known else types.expression(record.additional, way))


def _is_required(field: Field, way: Way) -> bool:
    return field.required and not (field.write_only if way == "received" else field.read_only)


def _type(field: Field, types: Types, way: Way) -> str:
    return encode.value(field.constant) if field.constant is not None else types.expression(field.type, way)


def _enumeration(one: Enumeration, doc: str, name: str, package: Package) -> Model:
    kind = "string" if one.kind == "string" else "number"
    if len(one.values) > _MOST_VALUES:
        return Model(doc, name, type=kind)
    values = [encode.value(each) for each in one.values]
    constants = tuple(zip(package.values[one.key], values, strict=True))
    return Model(doc, name, type=" | ".join((*dict.fromkeys(values), f"({kind} & {{}})")), constants=constants)


def _union(one: Union, types: Types, way: Way) -> str:
    if one.discriminator is None:
        return " | ".join(dict.fromkeys(types.expression(each, way) for each in one.members)) or "unknown"
    by_member: dict[TypeRef, list[Untrusted]] = {}
    for value, member in one.mapping:
        by_member.setdefault(member, []).append(value)
    members = [_member(each, by_member.get(each, ()), one.discriminator, types, way) for each in one.members]
    members += [
        _member(each, values, one.discriminator, types, way)
        for each, values in by_member.items()
        if each not in one.members
    ]
    unknown = f"UnknownMember<{encode.literal(one.discriminator)}>"
    return " | ".join((*dict.fromkeys(members), unknown))


def _member(member: TypeRef, values: Iterable[Untrusted], discriminator: Untrusted, types: Types, way: Way) -> str:
    """A member of a union, with the values of the discriminator that choose it."""
    expression = types.expression(member, way)
    record = types.declared.get(member.key) if isinstance(member, Named) else None
    own = (
        next((each for each in record.fields if each.key == discriminator), None)
        if isinstance(record, Record)
        else None
    )
    shown = dict.fromkeys(encode.literal(each) for each in values)
    if not shown or (own is not None and own.constant is not None and own.required):
        return expression
    return f"({expression} & {{ {encode.member(discriminator)}: {' | '.join(shown)} }})"
