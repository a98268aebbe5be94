"""The plan's types in Python: as annotations for people and type checkers, and as expressions for the runtime's codecs.

Texts of the document leave this file as literals, or inside of expressions, which only `encode.constant` writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portico.sdkgen.plan import (
    Alias,
    Binary,
    Declared,
    Enumeration,
    ListOf,
    Literals,
    MapOf,
    Named,
    Nullable,
    Record,
    Scalar,
    TypeRef,
    Union,
)
from portico.sdkgen.python import encode
from portico.sdkgen.untrusted import Untrusted

_MOST_LITERALS = 40  # constants that an annotation lists; of more, only the type is told
_SCALARS = {
    "string": ("str", "str"),
    "boolean": ("bool", "bool"),
    "integer": ("int", "int"),
    "int64": ("int", "int"),
    "number": ("float", "float"),
    "decimal": ("Decimal", "decimal"),
    "date": ("dt.date", "date"),
    "datetime": ("dt.datetime", "datetime"),
    "uuid": ("UUID", "uuid"),
    "bytes": ("bytes", "bytes"),
    "null": ("None", "null"),
}
_TEXTS = {"int64": "int-text", "integer": "int-text", "decimal": "decimal-text"}
_KINDS = {"string": "str", "integer": "int", "boolean": "bool"}


@dataclass(slots=True)
class Types:
    """The types of one package.

    Args:
        declared: the plan's types by their keys.
        names: what they are called.
    """

    declared: Mapping[str, Declared]
    names: Mapping[str, str]
    _fields: dict[TypeRef, str] = field(default_factory=dict)
    _arguments: dict[TypeRef, str] = field(default_factory=dict)
    _rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    _endless: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._endless = {key for key in self.declared if self._leads_to(key, key, set())}

    def _leads_to(self, key: str, goal: str, seen: set[str]) -> bool:
        """Whether a name stands for itself, with nothing in between: it could be anything."""
        found = self.declared.get(key)
        members: Iterable[TypeRef] = ()
        if isinstance(found, Alias):
            members = (found.type,)
        elif isinstance(found, Union):
            members = found.members
        for member in members:
            while isinstance(member, Nullable):
                member = member.inner
            if isinstance(member, Named) and member.key not in seen:
                seen.add(member.key)
                if member.key == goal or self._leads_to(member.key, goal, seen):
                    return True
        return False

    # --- annotations ---------------------------------------------------------------------------------------------

    def of_field(self, ref: TypeRef) -> str:
        """The annotation of a property, within the module of models."""
        found = self._fields.get(ref)
        if found is None:
            found = self._fields[ref] = self._field(ref)
        return found

    def _field(self, ref: TypeRef) -> str:
        match ref:
            case ListOf():
                return f"list[{self.of_field(ref.item)}]"
            case MapOf():
                return f"dict[str, {self.of_field(ref.value)}]"
            case Nullable():
                return _or(self.of_field(ref.inner), "None")
            case Named():
                return "Any" if ref.key in self._endless else self.names[ref.key]
            case Binary():
                return "Upload"
        return self._simple(ref)

    def of_result(self, ref: TypeRef) -> str:
        """The annotation of what an operation gives, outside of the module of models."""
        match ref:
            case ListOf():
                return f"list[{self.of_result(ref.item)}]"
            case MapOf():
                return f"dict[str, {self.of_result(ref.value)}]"
            case Nullable():
                return _or(self.of_result(ref.inner), "None")
            case Named():
                return "Any" if ref.key in self._endless else f"models.{self.names[ref.key]}"
            case Binary():
                return "bytes"
        return self._simple(ref)

    def of_argument(self, ref: TypeRef) -> str:
        """The annotation of what may be given: models, or plain values in their place."""
        found = self._arguments.get(ref)
        if found is None:
            found = self._arguments[ref] = self._argument(ref)
        return found

    def _argument(self, ref: TypeRef) -> str:
        match ref:
            case ListOf():
                return f"Sequence[{self.of_argument(ref.item)}]"
            case MapOf():
                return f"Mapping[str, {self.of_argument(ref.value)}]"
            case Nullable():
                return _or(self.of_argument(ref.inner), "None")
            case Named():
                return "Any" if ref.key in self._endless else self._named_argument(ref.key)
            case Binary():
                return "Upload"
        return self._simple(ref)

    def _named_argument(self, key: str) -> str:
        name, found = f"models.{self.names[key]}", self.declared[key]
        if isinstance(found, Record):
            return f"{name} | Mapping[str, Any]"
        if isinstance(found, Enumeration):
            return f"{name} | {_KINDS[found.kind]}"
        if isinstance(found, Union):
            return f"{name} | Mapping[str, Any]"
        bare = found.type.inner if isinstance(found.type, Nullable) else found.type
        if isinstance(bare, ListOf):
            return f"{name} | Sequence[Any]"
        return f"{name} | Mapping[str, Any]" if isinstance(bare, MapOf | Named) else name

    def _simple(self, ref: TypeRef) -> str:
        if isinstance(ref, Scalar):
            return _SCALARS[ref.kind][0]
        if isinstance(ref, Literals):
            return _literals(ref)
        return "Any"

    def union(self, union: Union) -> str:
        """The annotation that a union stands for."""
        members = [self.of_field(member) for member in union.members]
        members += [self.of_field(member) for _, member in union.mapping]
        if "Any" in members:
            return "Any"
        found = list(dict.fromkeys(part for member in members for part in _alternatives(member)))
        return " | ".join([*found, "Unknown"])

    # --- expressions ---------------------------------------------------------------------------------------------

    def expression(self, ref: TypeRef) -> Any:
        """A type for the runtime (`codec.Codecs.get`)."""
        match ref:
            case Scalar():
                return _TEXTS.get(ref.kind, "str") if ref.text else _SCALARS[ref.kind][1]
            case Binary():
                return "binary"
            case ListOf():
                return ("list", self.expression(ref.item))
            case MapOf():
                return ("map", self.expression(ref.value))
            case Nullable():
                return ("null", self.expression(ref.inner))
            case Literals():
                return _KINDS[ref.kind]
            case Named():
                return "any" if ref.key in self._endless else self.names[ref.key]
        return "any"

    def declaration(self, one: Union | Alias) -> Any:
        """What a name for a type stands for."""
        if one.key in self._endless:
            return "any"
        if isinstance(one, Alias):
            return self.expression(one.type)
        members = tuple(self.expression(member) for member in one.members)
        mapping = tuple((value.raw, self.expression(member)) for value, member in one.mapping)
        return ("union", members, None if one.discriminator is None else one.discriminator.raw, mapping)

    def fields(self, record: Record, names: Mapping[str, str]) -> list[tuple[Any, ...]]:
        """The properties of a record (`model.Field`)."""
        found = self._rows.get(record.key)
        if found is None:
            found = self._rows[record.key] = [self._row(one, names[one.key.raw]) for one in record.fields]
        return found

    def _row(self, one: Any, name: str) -> tuple[Any, ...]:
        row = (one.key.raw, name, _needed(one), self.expression(one.type))
        value = one.constant.raw if isinstance(one.constant, Untrusted) else one.constant
        return row if value is None else (*row, value)

    def declared_as(self, one: Any) -> str:
        """The annotation and the default of a property."""
        annotation = self.of_field(one.type)
        needed = _needed(one)
        if one.constant is not None and needed in (True, "sent"):
            return f"{annotation} = {encode.constant(one.constant)}"
        if needed is True:
            return annotation
        if needed == "received":
            return f"{annotation} = READ_ONLY"
        absent = "Any" if annotation == "Any" else f"{annotation} | Absent"
        return absent if needed == "sent" else f"{absent} = ABSENT"


def _needed(one: Any) -> bool | str:
    """Who must give a property."""
    if not one.required or (one.read_only and one.write_only):
        return False
    return "received" if one.read_only else "sent" if one.write_only else True


def _literals(ref: Literals) -> str:
    kind = _KINDS[ref.kind]
    if ref.kind == "boolean" or len(ref.values) > _MOST_LITERALS:
        return kind
    return f"Literal[{', '.join(map(encode.constant, ref.values))}] | {kind}"


def _or(annotation: str, other: str) -> str:
    return annotation if annotation == "Any" or other in _alternatives(annotation) else f"{annotation} | {other}"


def _alternatives(annotation: str) -> list[str]:
    """The members of an annotation, where none of them holds a bar of its own."""
    return [annotation] if "[" in annotation else annotation.split(" | ")
