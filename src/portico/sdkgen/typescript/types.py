"""The plan's types in TypeScript.

What is received and what is sent differ where the document says `readOnly` or `writeOnly` of something required: then a
type is declared twice. Texts of the document leave this file as literals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from portico.sdkgen.plan import (
    Alias,
    Binary,
    Declared,
    ListOf,
    Literals,
    MapOf,
    Named,
    Nullable,
    Operation,
    Record,
    Scalar,
    Sdk,
    TypeRef,
    Union,
)
from portico.sdkgen.typescript import encode
from portico.sdkgen.untrusted import Untrusted

Way = Literal["received", "sent", "argument", "form"]
_SCALARS = {
    "string": "string",
    "boolean": "boolean",
    "integer": "number",
    "int64": "number | bigint",
    "number": "number",
    "decimal": "number | Decimal",
    "date": "string",
    "datetime": "string",
    "uuid": "string",
    "bytes": "string",
    "null": "null",
}
_OPEN = {"string": "(string & {})", "integer": "(number & {})", "boolean": "boolean"}
_MOST_LITERALS = 100  # constants that a type lists; of more, only the type is told


def parts(declared: Declared) -> Iterator[TypeRef]:
    """The types that a declared type is made of."""
    if isinstance(declared, Record):
        yield from (each.type for each in declared.fields)
        if declared.additional is not None:
            yield declared.additional
    elif isinstance(declared, Union):
        yield from declared.members
        yield from (member for _, member in declared.mapping)
    elif isinstance(declared, Alias):
        yield declared.type


def named(reference: TypeRef) -> str | None:
    """The key of the declared type inside of a type, if there is one."""
    while not isinstance(reference, Named):
        if isinstance(reference, ListOf):
            reference = reference.item
        elif isinstance(reference, MapOf):
            reference = reference.value
        elif isinstance(reference, Nullable):
            reference = reference.inner
        else:
            return None
    return reference.key


@dataclass(slots=True)
class Types:
    """The types of one package, as they are received and as they are sent.

    Args:
        sdk: the plan.
    """

    sdk: Sdk
    declared: Mapping[str, Declared] = field(default_factory=dict)
    twice: frozenset[str] = frozenset()  # keys of the types that differ in the two ways
    sent_only: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)
    _uses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _endless: frozenset[str] = frozenset()
    _known: dict[tuple[TypeRef, Way, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.declared = self.sdk.declared()
        self._uses = {
            one.key: tuple(key for each in parts(one) if (key := named(each)) is not None) for one in self.sdk.types
        }
        received = self._reached(_received(self.sdk))
        sent = self._reached(_sent(self.sdk))
        self.sent_only = frozenset(sent - received)
        self.twice = frozenset(self._differing() & sent & received)
        self._endless = frozenset(key for key in self.declared if self._leads_to_itself(key))

    def _reached(self, begin: Iterator[TypeRef]) -> set[str]:
        found: set[str] = set()
        waiting = [key for each in begin if (key := named(each)) is not None]
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting += self._uses.get(key, ())
        return found

    def _differing(self) -> set[str]:
        """The types in which something required goes one way only, or files are, and those that are made of them."""
        users: dict[str, list[str]] = {}
        for key, used in self._uses.items():
            for each in used:
                users.setdefault(each, []).append(key)
        found: set[str] = set()
        waiting = [one.key for one in self.sdk.types if isinstance(one, Record) and _goes_one_way(one)]
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting += users.get(key, ())
        return found

    def is_endless(self, key: str) -> bool:
        """Whether a name stands for itself, with nothing in between: the compiler takes no such type."""
        return key in self._endless

    def _leads_to_itself(self, key: str) -> bool:
        seen: set[str] = set()
        waiting = [key]
        while waiting:
            one = self.declared.get(waiting.pop())
            for each in parts(one) if isinstance(one, Alias | Union) else ():
                while isinstance(each, Nullable):
                    each = each.inner
                if isinstance(each, Named) and each.key not in seen:
                    seen.add(each.key)
                    waiting.append(each.key)
        return key in seen

    def name(self, key: str, way: Way, prefix: str = "") -> str:
        """What a declared type is called."""
        if key in self._endless:
            return "unknown"
        return prefix + self.names[f"input:{key}" if way != "received" and key in self.twice else key]

    def expression(self, reference: TypeRef, way: Way, prefix: str = "") -> str:
        """A type.

        Args:
            reference: of the plan.
            way: whether values are received, sent, or sent as an argument or in a form.
            prefix: before names of declared types.
        """
        known = (reference, way, prefix)
        if known not in self._known:
            self._known[known] = self._expression(reference, way, prefix)
        return self._known[known]

    def _expression(self, reference: TypeRef, way: Way, prefix: str) -> str:
        match reference:
            case Named(key):
                return self.name(key, way, prefix)
            case Scalar():
                return _scalar(reference, way)
            case Nullable(inner):
                return f"{self.expression(inner, way, prefix)} | null"
            case ListOf(item):
                return f"{_grouped(self.expression(item, way, prefix))}[]"
            case MapOf(value):
                return f"{{ [name: string]: {self.expression(value, way, prefix)} }}"
            case Literals():
                return literals(reference.values, reference.kind)
            case Binary():
                return {"form": "Upload", "received": "string"}.get(way, "Bytes")
            case _:
                return "unknown"


def _scalar(scalar: Scalar, way: Way) -> str:
    if scalar.text and scalar.kind in ("int64", "integer", "decimal"):
        return "string | bigint" if way == "argument" and scalar.kind == "int64" else "string"
    if way == "argument" and scalar.kind in ("date", "datetime"):
        return "string | Date"
    return _SCALARS[scalar.kind]


def literals(values: tuple[Untrusted | int | bool, ...], kind: str) -> str:
    """One of some constants; unknown ones are taken too."""
    if len(values) > _MOST_LITERALS:
        return _OPEN[kind].strip("()").split(" ", 1)[0]
    shown = dict.fromkeys(encode.value(each) for each in values)
    return " | ".join((*shown, _OPEN[kind]))


def _grouped(expression: str) -> str:
    return f"({expression})" if " | " in expression or " & " in expression else expression


def _goes_one_way(record: Record) -> bool:
    return any(each.required and (each.read_only or each.write_only) for each in record.fields) or any(
        Binary() in (each.type, _item(each.type)) for each in record.fields
    )


def _item(reference: TypeRef) -> TypeRef:
    while isinstance(reference, Nullable | ListOf):
        reference = reference.inner if isinstance(reference, Nullable) else reference.item
    return reference


def _sent(sdk: Sdk) -> Iterator[TypeRef]:
    for one in sdk.operations:
        yield from (each.type for each in one.parameters)
        if one.body is not None:
            yield from (each.type for each in one.body.contents)
            if one.body.spread is not None:
                yield Named(one.body.spread)


def _received(sdk: Sdk) -> Iterator[TypeRef]:
    for one in sdk.operations:
        yield from (content.type for answer in one.answers for content in answer.contents)
        if one.result is not None:
            yield one.result
        if one.pages is not None:
            yield one.pages.item


def is_silent(one: Operation) -> bool:
    """Whether a good answer may have no content, where others have some."""
    good = [each for each in one.answers if each.status.startswith("2")]
    return any(not each.contents for each in good) and any(each.contents for each in good)
