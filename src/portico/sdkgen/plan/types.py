"""Schemas as types of an SDK.

A named schema is one type, wherever it is used; an object inside another is a type of its own, named after the way to
it. Names of values without parts are looked through: `ProductId` is a text. What a type cannot say (patterns, bounds,
conditions) is left to the server, which says it in its answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portico.design.merge import Impossible, Merged, Node, merged
from portico.design.model import Definitions, target
from portico.design.shapes import is_nullable, only_reference, said, says_nothing
from portico.sdkgen.plan.inheritance import descendants
from portico.sdkgen.plan.model import (
    Alias,
    Anything,
    Declared,
    Enumeration,
    Field,
    ListOf,
    Literals,
    MapOf,
    Named,
    Nullable,
    Omission,
    Record,
    Scalar,
    TypeRef,
    Union,
)
from portico.sdkgen.plan.scalars import scalar
from portico.sdkgen.untrusted import Untrusted

DEEPEST = 60  # levels of schemas inside one another, between two named ones
MOST = 1_000_000  # schemas of one document that are looked at: they can multiply
MOST_MEMBERS = 200  # of a union
_VALUES = ("x-enum-varnames", "x-enumNames", "x-enum-names")


@dataclass(frozen=True, slots=True)
class Hint:
    """What a type without a name is called after."""

    key: str
    wish: str

    def inside(self, step: str, word: str) -> Hint:
        """The hint of what stands inside."""
        return Hint(f"{self.key}{step}", f"{self.wish} {word}"[-200:])


@dataclass(slots=True)
class Types:
    """Collects the types of one API.

    Args:
        definitions: its named schemas.
    """

    definitions: Definitions
    declared: dict[str, Declared] = field(default_factory=dict)
    omissions: list[Omission] = field(default_factory=list)
    _nodes: dict[str, Node] = field(default_factory=dict)
    _resolved: dict[str, TypeRef] = field(default_factory=dict)  # of definitions
    _open: set[str] = field(default_factory=set)  # definitions that are being looked at
    _recursive: set[str] = field(default_factory=set)
    _inline: dict[int, tuple[Node, TypeRef]] = field(default_factory=dict)  # by id: the node is kept, so the id is
    _heirs: dict[str, dict[str, str]] = field(default_factory=dict)
    _left: int = MOST

    def __post_init__(self) -> None:
        self._nodes = {name: self.definitions[name].node for name in self.definitions}
        self._heirs = descendants(self._nodes)

    def ref(self, node: Node, hint: Hint, depth: int = 0) -> TypeRef:
        """The type of a schema.

        Args:
            node: what a value must fit.
            hint: what to call it after, where it has no name.
            depth: levels below the last name.
        """
        self._left -= 1
        if isinstance(node, bool):
            return Anything()
        if depth > DEEPEST or self._left < 0:
            return self._omit(hint, "The schema is too deep: its values are of any type.")
        name = only_reference(node)
        if name is not None and name in self._nodes:
            return self._definition(name)
        if id(node) in self._inline:
            return self._inline[id(node)][1]
        found = self._of(node, hint, depth)
        self._inline[id(node)] = (node, found)
        return found

    def record_of(self, ref: TypeRef) -> Record | None:
        """The record that a type is, names looked through."""
        found = self.declared.get(ref.key) if isinstance(ref, Named) else None
        if isinstance(found, Alias):
            return self.record_of(found.type)
        return found if isinstance(found, Record) else None

    def union(self, members: Iterable[TypeRef], hint: Hint) -> TypeRef:
        """One type for several: of each one, null aside; any swallows all.

        Args:
            members: the types.
            hint: what to call it after.
        """
        return self._join(list(members), hint, {}, named=False)

    # --- definitions ---------------------------------------------------------------------------------------------

    def _definition(self, name: str) -> TypeRef:
        if name in self._resolved:
            return self._resolved[name]
        if name in self._open:
            self._recursive.add(name)
            return Named(name)
        self._open.add(name)
        node = self._nodes[name]
        found = self._of(node, Hint(name, name), 0, name=name)
        self._open.discard(name)
        if name in self._recursive and name not in self.declared and found != Named(name):
            self.declared[name] = Alias(name, Untrusted(name), found, _text(node, "description"))
            found = Named(name)
        elif name in self._recursive and isinstance(found, Nullable):
            found = Nullable(Named(name))
        self._resolved[name] = found
        return found

    # --- one schema ----------------------------------------------------------------------------------------------

    def _of(self, node: Node, hint: Hint, depth: int, *, name: str | None = None) -> TypeRef:
        if isinstance(node, bool):
            return Anything()
        if name is not None and (inner := only_reference(node)) in self._nodes and inner is not None:
            return self._definition(inner)
        try:
            whole = merged([node], self._nodes)
        except Impossible:
            return self._omit(hint, "No value fits the schema: its values are of any type.")
        about = _About(node, hint, depth, name)
        heirs = self._heirs.get(name or "")
        if heirs and "discriminator" in node and not whole.choices:
            return self._family(heirs, about)
        return self._merged(whole, about)

    def _merged(self, whole: Merged, about: _About) -> TypeRef:
        node = whole.node
        constants = self._constants(node, about)
        if constants is not None:
            return constants
        choices = [branches for branches in whole.choices if not all(map(says_nothing, branches))]
        if choices:
            return self._choice(node, choices, about)
        kinds = _kinds(node)
        return self._join([self._kind(kind, node, about) for kind in kinds], about.hint, {}, named=False)

    def _kind(self, kind: str, node: Mapping[str, Any], about: _About) -> TypeRef:
        if kind == "array":
            return ListOf(self._items(node, about))
        if kind == "object":
            return self._record(node, about) if node.get("properties") else self._map(node, about)
        return scalar(kind, node)

    def _items(self, node: Mapping[str, Any], about: _About) -> TypeRef:
        places = [*node.get("prefixItems", ()), node.get("items", True)]
        if len(places) > 1 and places[-1] is False:
            places.pop()
        inside = about.hint.inside("[]", "Item")
        return self._join([self.ref(place, inside, about.depth + 1) for place in places], inside, {}, named=False)

    def _map(self, node: Mapping[str, Any], about: _About) -> TypeRef:
        rest = node.get("additionalProperties", True)
        patterns = list(node.get("patternProperties", {}).values())
        values = [part for part in (*patterns, rest) if part is not False and (part is not True or not patterns)]
        inside = about.hint.inside("{}", "Value")
        found = [self.ref(part, inside, about.depth + 1) for part in values]
        return MapOf(self._join(found, inside, {}, named=False) if found else Anything())

    def _record(self, node: Mapping[str, Any], about: _About) -> TypeRef:
        key = self._free(about)
        self.declared[key] = Record(key, Untrusted(""), (), None, Untrusted(""))  # its place in the order
        required = frozenset(node.get("required", ()))
        fields = tuple(
            self._field(name, one, name in required, about)
            for name, one in node["properties"].items()
            if one is not False
        )
        rest = node.get("additionalProperties", True)
        additional = None if rest is False else self.ref(rest, about.hint.inside("{}", "Value"), about.depth + 1)
        self.declared[key] = Record(
            key, about.wish, fields, additional, about.description, about.deprecated, about.is_named
        )
        return Named(key)

    def _field(self, name: str, node: Node, required: bool, about: _About) -> Field:
        found = self.ref(node, about.hint.inside(f".{name}", name), about.depth + 1)
        return Field(
            key=Untrusted(name),
            type=found,
            required=required,
            read_only=self._says(node, "readOnly"),
            write_only=self._says(node, "writeOnly"),
            deprecated=self._says(node, "deprecated"),
            description=self._description(node),
            constant=_constant(node),
        )

    def _says(self, node: Node, keyword: str) -> bool:
        return self._follow(node, keyword) is True

    def _description(self, node: Node) -> Untrusted:
        found = self._follow(node, "description")
        return Untrusted(found if isinstance(found, str) else "")

    def _follow(self, node: Node, keyword: str) -> Any:
        """The value of a keyword, references followed; what is closer wins."""
        for _ in range(8):  # references to references; longer chains are not written
            if not isinstance(node, Mapping):
                return None
            if keyword in node:
                return node[keyword]
            name = only_reference(node)
            node = self._nodes.get(name, False) if name is not None else False
        return None

    # --- constants -----------------------------------------------------------------------------------------------

    def _constants(self, node: Mapping[str, Any], about: _About) -> TypeRef | None:
        values = [node["const"]] if "const" in node else node.get("enum")
        if not values:
            return None
        plain = [value for value in values if value is not None]
        kinds = {type(value) for value in plain}
        if not plain:
            return Scalar("null")
        if len(kinds) != 1 or not kinds <= {str, int, bool}:
            return None  # its type says what it is
        kind = {str: "string", int: "integer", bool: "boolean"}[kinds.pop()]
        distinct = tuple(dict.fromkeys(plain))
        if about.name is None or kind == "boolean" or len(distinct) == 1:
            found: TypeRef = Literals(kind, tuple(_wrapped(value) for value in distinct))  # type: ignore[arg-type]
        else:
            found = self._enumeration(kind, distinct, node, about)
        return Nullable(found) if len(plain) < len(values) or is_nullable(node) else found

    def _enumeration(self, kind: str, values: tuple[Any, ...], node: Mapping[str, Any], about: _About) -> TypeRef:
        said: list[Any] = next((node[name] for name in _VALUES if isinstance(node.get(name), list)), [])
        fits = len(said) == len(values) and all(isinstance(name, str) for name in said)
        names = said if fits else [str(value) for value in values]
        key = self._free(about)
        self.declared[key] = Enumeration(
            key,
            about.wish,
            kind,  # type: ignore[arg-type]
            tuple(_wrapped(value) for value in values),
            tuple(map(Untrusted, names)),
            about.description,
            about.deprecated,
            about.is_named,
        )
        return Named(key)

    # --- choices -------------------------------------------------------------------------------------------------

    def _choice(self, node: dict[str, Any], choices: list[list[Node]], about: _About) -> TypeRef:
        base = {key: value for key, value in node.items() if key not in ("description", "title", "discriminator")}
        says = said(base) - {"required", "not", "type", "nullable"}
        further = self._further(choices, about)
        members: list[TypeRef] = []
        named: dict[str, TypeRef] = {}
        for number, branch in enumerate(choices[0][:MOST_MEMBERS], 1):
            name = target(branch)
            hint = about.hint.inside(f"|{name or number}", name or f"Option {number}")
            parts: list[Node] = [*([base] if says else []), branch, *further]
            whole: Node = {"allOf": parts} if len(parts) > 1 else branch
            found = self.ref(whole, hint, about.depth + 1)
            members.append(found)
            if name is not None:
                named[f"#/$defs/{name}"] = found
        mapping = self._mapping(node.get("discriminator"), named)
        found = self._join(members, about.hint, mapping, named=about.is_named, about=about, node=node)
        return Nullable(found) if is_nullable(node) and not isinstance(found, Nullable | Anything) else found

    def _further(self, choices: list[list[Node]], about: _About) -> list[Node]:
        """The choices that come on top of the first: each member has them too, unless they multiply."""
        if math.prod(map(len, choices)) <= MOST_MEMBERS:
            return [{"anyOf": branches} for branches in choices[1:]]
        self._omit(about.hint, "Only the first of its choices is part of the type; values of the others are kept.")
        return []

    def _mapping(self, discriminator: Any, named: Mapping[str, TypeRef]) -> dict[str, TypeRef]:
        if not isinstance(discriminator, Mapping):
            return {}
        found = {value: named[ref] for value, ref in discriminator["mapping"].items() if ref in named}
        for ref, member in named.items():
            if ref not in discriminator["mapping"].values():
                found.setdefault(ref.removeprefix("#/$defs/"), member)
        return found

    def _family(self, heirs: Mapping[str, str], about: _About) -> TypeRef:
        """A schema that others extend by `allOf`, chosen by its discriminator: any of them."""
        key = self._free(about)
        self.declared[key] = Union(key, Untrusted(""), (), None, (), Untrusted(""))
        mapping = {value: self._definition(name) for value, name in heirs.items()}
        members = tuple(dict.fromkeys(member for member in mapping.values() if member != Named(key)))
        self.declared[key] = Union(
            key,
            about.wish,
            members,
            Untrusted(about.node["discriminator"]["propertyName"]),
            tuple((Untrusted(value), member) for value, member in mapping.items() if member != Named(key)),
            about.description,
            about.deprecated,
            about.is_named,
        )
        return Named(key)

    def _join(
        self,
        members: list[TypeRef],
        hint: Hint,
        mapping: Mapping[str, TypeRef],
        *,
        named: bool,
        about: _About | None = None,
        node: Mapping[str, Any] | None = None,
    ) -> TypeRef:
        plain = list(dict.fromkeys(one.inner if isinstance(one, Nullable) else one for one in members))
        null = Scalar("null") in plain or any(isinstance(one, Nullable) for one in members)
        plain = [one for one in plain if one != Scalar("null")]
        if Anything() in plain or (not plain and not null):
            return Anything()
        if Scalar("number") in plain:
            plain = [one for one in plain if one not in (Scalar("integer"), Scalar("int64"))]
        if not plain:
            return Scalar("null")
        found = plain[0] if len(plain) == 1 else self._union(plain, hint, mapping, named, about, node)
        return Nullable(found) if null and not isinstance(found, Nullable) else found

    def _union(
        self,
        members: list[TypeRef],
        hint: Hint,
        mapping: Mapping[str, TypeRef],
        named: bool,
        about: _About | None,
        node: Mapping[str, Any] | None,
    ) -> TypeRef:
        about = about or _About({}, hint, 0, None)
        key = self._free(about)
        chooser = node["discriminator"]["propertyName"] if node is not None and mapping else None
        self.declared[key] = Union(
            key,
            about.wish,
            tuple(members),
            Untrusted(chooser) if chooser is not None else None,
            tuple((Untrusted(value), _bare(member)) for value, member in mapping.items()),
            about.description,
            about.deprecated,
            named,
        )
        return Named(key)

    def _free(self, about: _About) -> str:
        """The key of a type: a definition's is its name; those of others are not among these."""
        if about.name is not None and about.name not in self.declared:
            return about.name
        key, count = about.hint.key, 1
        while key in self.declared or key in self._nodes:
            count += 1
            key = f"{about.hint.key}~{count}"
        return key

    def _omit(self, hint: Hint, text: str) -> TypeRef:
        self.omissions.append(Omission(Untrusted(hint.wish), text))
        return Anything()


@dataclass(frozen=True, slots=True)
class _About:
    """What is known of a schema beside its keywords."""

    node: Mapping[str, Any]
    hint: Hint
    depth: int
    name: str | None  # of the definition that it is

    @property
    def wish(self) -> Untrusted:
        return Untrusted(self.hint.wish)

    @property
    def description(self) -> Untrusted:
        return _text(self.node, "description") or _text(self.node, "title")

    @property
    def deprecated(self) -> bool:
        return self.node.get("deprecated") is True

    @property
    def is_named(self) -> bool:
        return self.name is not None


def _kinds(node: Mapping[str, Any]) -> list[str]:
    declared = node.get("type")
    if declared is not None:
        return [declared] if isinstance(declared, str) else list(declared)
    if "properties" in node or isinstance(node.get("additionalProperties"), Mapping):
        return ["object"]
    if "items" in node or "prefixItems" in node:
        return ["array"]
    return ["string"] if str(node.get("format")) in ("date", "date-time", "uuid", "byte", "binary") else ["any"]


def _text(node: Node, keyword: str) -> Untrusted:
    found = node.get(keyword) if isinstance(node, Mapping) else None
    return Untrusted(found if isinstance(found, str) else "")


def _constant(node: Node) -> Untrusted | int | bool | None:
    """The only value that a schema allows, if it says so itself."""
    if not isinstance(node, Mapping):
        return None
    values: list[Any] = [node["const"]] if "const" in node else node.get("enum") or []
    single = values[0] if len(values) == 1 else None
    return _wrapped(single) if isinstance(single, str | int) else None


def _wrapped(value: str | int | bool) -> Untrusted | int | bool:
    return Untrusted(value) if isinstance(value, str) else value


def _bare(member: TypeRef) -> TypeRef:
    return member.inner if isinstance(member, Nullable) else member
