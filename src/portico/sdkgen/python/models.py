"""Declared types as the template of `models.py` shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from portico.sdkgen.plan import Alias, Declared, Enumeration, Field, Record, Sdk, Union
from portico.sdkgen.python import encode
from portico.sdkgen.python.names import Package
from portico.sdkgen.python.types import Types

_TEXT = 116  # characters of a line of a description


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a model."""

    row: str  # of `_fields_`
    declaration: str
    docstring: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant of an enumeration."""

    name: str
    row: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A declared type."""

    kind: str  # record, enumeration, name
    name: str
    docstring: str
    base: str = ""  # of enumerations
    properties: tuple[Property, ...] = ()
    constants: tuple[Constant, ...] = ()
    additional: str = ""  # the expression of properties without a name
    annotation: str = ""  # of names for types
    expression: str = ""


def shown(sdk: Sdk, package: Package, types: Types) -> Iterator[Shown]:
    """All declared types.

    Args:
        sdk: the plan.
        package: what things are called.
        types: the types in Python.
    """
    for one in sdk.types:
        if isinstance(one, Record):
            yield _record(one, package, types)
        elif isinstance(one, Enumeration):
            yield _enumeration(one, package)
        else:
            yield _name(one, package, types)


def _record(one: Record, package: Package, types: Types) -> Shown:
    names = package.fields[one.key]
    rows = types.fields(one, names)
    properties = tuple(
        Property(encode.constant(row), f"{row[1]}: {types.declared_as(field)}", _field_docstring(field))
        for field, row in zip(one.fields, rows, strict=True)
    )
    additional = "any" if one.additional is None else types.expression(one.additional)
    return Shown(
        "record",
        package.types[one.key],
        _docstring(one),
        properties=properties,
        additional="" if additional == "any" else encode.constant(additional),
    )


def _enumeration(one: Enumeration, package: Package) -> Shown:
    pairs = dict(zip(package.values[one.key], one.values, strict=True))
    constants = tuple(Constant(name, encode.constant((name, value))) for name, value in pairs.items())
    base = "OpenStr" if one.kind == "string" else "OpenInt"
    return Shown("enumeration", package.types[one.key], _docstring(one), base, constants=constants)


def _name(one: Union | Alias, package: Package, types: Types) -> Shown:
    expression = types.declaration(one)
    annotation = (
        "Any" if expression == "any" else types.union(one) if isinstance(one, Union) else types.of_field(one.type)
    )
    return Shown(
        "name",
        package.types[one.key],
        _docstring(one, indent=""),
        annotation=encode.literal(annotation),  # a literal within it is escaped once more
        expression=encode.constant(expression),
    )


def _docstring(one: Declared, indent: str = "    ") -> str:
    found = encode.lines(one.description, _TEXT)
    if one.deprecated:
        found = [*found, *([""] if found else []), "Deprecated."]
    return encode.docstring(found, indent) if found else ""


def _field_docstring(field: Field) -> str:
    found = encode.lines(field.description, _TEXT)
    if field.deprecated:
        found.append("Deprecated.")
    return encode.docstring(found, "    ") if found else ""
