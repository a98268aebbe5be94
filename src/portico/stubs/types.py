"""Schemas as Python types: what `handlers/<api>_types.py` declares.

    object with properties      TypedDict, optional ones NotRequired
    other object                dict[str, T]
    array                       list[T]
    enum, const                 Literal
    oneOf, anyOf                a union
    allOf                       one type of all parts
    a named schema              a type of that name

A property that travels one way only (`readOnly`, `writeOnly`) is NotRequired, since one type serves both ways.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portico.design.merge import Impossible, Merged, Node, merged
from portico.design.model import Definitions, Schema, target
from portico.design.names import class_name
from portico.design.shapes import is_nullable, only_reference, said, says_nothing
from portico.stubs.text import quoted

IMPORTED = ("Any", "Literal", "NotRequired", "TypeAlias", "TypedDict", "UploadFile", "Union")
DEEPEST = 30  # levels of schemas inside one another, without a name between

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
MOST = 200_000  # schemas that are looked at for one document


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A TypedDict."""

    name: str
    fields: Mapping[str, tuple[str, bool]]  # the key: its type, and whether it is required
    description: str = ""

    @property
    def as_class(self) -> bool:
        """Whether the class syntax can say it: every key a name, and none hides a type that is used."""
        used = set().union(*(names_in(annotation) for annotation, _ in self.fields.values()), {"NotRequired"})
        return all(_is_field(key) and key not in used for key in self.fields)


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name for a type."""

    name: str
    annotation: str
    description: str = ""


@dataclass(slots=True)
class Types:
    """Collects the types of one API.

    Args:
        definitions: its named schemas.
        reserved: names that no type may have.
    """

    definitions: Definitions
    reserved: Collection[str] = ()
    declared: dict[str, Dictionary | Alias] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)  # of definitions
    _inline: dict[int, tuple[str, Node]] = field(default_factory=dict)  # by the id of the schema, which is kept
    _left: int = MOST
    _taken: set[str] = field(default_factory=set)
    _nullable: set[str] = field(default_factory=set)  # types of definitions that null fits too
    _nodes: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._taken = {*self.reserved, *IMPORTED, *dir(builtins)}
        self._nodes = {name: self.definitions[name].node for name in self.definitions}
        for name in sorted(self.definitions):
            self._names[name] = self._free(class_name(name))

    def annotation(self, schema: Schema, hint: str) -> str:
        """The type of a schema.

        Args:
            schema: what a value must fit.
            hint: what to call a type that must be declared and has no name.
        """
        return self._of(schema.node, hint, 0)

    def named(self, annotation: str, hint: str, room: int = 60) -> str:
        """An annotation as it is, or under a name where it has more characters than there is room for."""
        if len(annotation) <= min(room, 60) or re.fullmatch(r"\w+", annotation):
            return annotation
        return self._declare_alias(hint, annotation)

    def _of(self, node: Node, hint: str, depth: int) -> str:
        self._left -= 1
        if isinstance(node, bool) or depth > DEEPEST or self._left < 0:
            return "Any"
        reference = only_reference(node)
        if reference in self._names:
            return self._definition(reference)
        try:
            whole = merged([node], self._nodes)
        except Impossible:
            return "Any"
        if _is_dictionary(whole):
            return _with_null(self._inline_dictionary(node, whole, hint, depth), is_nullable(whole.node))
        return self._merged(whole, hint, depth)

    def _definition(self, name: str) -> str:
        """The name of a definition's type, declared at its first use."""
        mine = self._names[name]
        if mine not in self.declared:
            self.declared[mine] = Alias(mine, "Any")  # recursion finds the name taken
            self._declare(self._nodes[name], mine)
        return _with_null(mine, mine in self._nullable)

    def _declare(self, node: Node, name: str) -> None:
        description = str(node.get("description", "")) if isinstance(node, Mapping) else ""
        try:
            whole = merged([node], self._nodes)
        except Impossible:
            return
        if isinstance(node, Mapping) and only_reference(node) is None and _is_dictionary(whole):
            if is_nullable(whole.node):
                self._nullable.add(name)
            self._dictionary(whole, name, 0)
        else:
            self.declared[name] = Alias(name, self._of(node, name, 0), description)

    def _merged(self, whole: Merged, hint: str, depth: int) -> str:
        node = whole.node
        literal = _literal(node)
        if literal is not None:
            return literal
        choice = next((branches for branches in whole.choices if not all(map(says_nothing, branches))), None)
        if choice is not None:
            return self._union(node, choice, hint, depth)
        return union(self._of_type(kind, node, hint, depth) for kind in _kinds(node))

    def _union(self, node: dict[str, Any], branches: list[Node], hint: str, depth: int) -> str:
        base = {key: value for key, value in node.items() if key not in ("description", "title", "discriminator")}
        parts = []
        for number, branch in enumerate(branches, 1):
            name = target(branch)
            own = f"{hint}{class_name(name) if name is not None else number}"
            together: Node = {"allOf": [base, branch]} if said(base) - {"required", "not", "type"} else branch
            parts.append(self._of(together, own, depth + 1))
        return union(parts)

    def _of_type(self, kind: str, node: Mapping[str, Any], hint: str, depth: int) -> str:
        if kind == "array":
            return f"list[{self._items(node, hint, depth)}]"
        if kind == "object":
            rest = node.get("additionalProperties", True)
            patterns = list(node.get("patternProperties", {}).values())
            values = [part for part in (*patterns, rest) if part is not False and (part is not True or not patterns)]
            return f"dict[str, {union(self._of(part, f'{hint}Value', depth + 1) for part in values) or 'Any'}]"
        return _SCALARS.get(kind, "Any")

    def _items(self, node: Mapping[str, Any], hint: str, depth: int) -> str:
        places = [*node.get("prefixItems", ()), node.get("items", True)]
        if len(places) > 1 and places[-1] is False:
            places.pop()
        return union(self._of(place, f"{hint}Item", depth + 1) for place in places)

    def _inline_dictionary(self, node: Node, whole: Merged, hint: str, depth: int) -> str:
        """A schema without a name is one type, wherever it is met again: so recursion ends."""
        if id(node) not in self._inline:
            name = self._free(hint)
            self._inline[id(node)] = (name, node)
            self.declared[name] = Alias(name, "Any")
            self._dictionary(whole, name, depth)
        return self._inline[id(node)][0]

    def _dictionary(self, whole: Merged, name: str, depth: int) -> None:
        required = set(whole.node.get("required", ()))
        fields = {}
        for key, node in whole.node.get("properties", {}).items():
            one_way = isinstance(node, Mapping) and (node.get("readOnly") is True or node.get("writeOnly") is True)
            annotation = self._of(node, f"{name}{class_name(key).lstrip('_')}", depth + 1)
            fields[key] = (annotation, key in required and not one_way)
        self.declared[name] = Dictionary(name, fields, str(whole.node.get("description", "")))

    def _declare_alias(self, hint: str, annotation: str) -> str:
        name = self._free(hint)
        self.declared[name] = Alias(name, annotation)
        return name

    def _free(self, name: str) -> str:
        free, number = (name if name not in self._taken else f"{name}_"), 2
        while free in self._taken:
            free, number = f"{name}_{number}", number + 1
        self._taken.add(free)
        return free


def names_in(annotation: str) -> set[str]:
    """The names that an annotation uses; what stands in string literals is none."""
    bare = re.sub(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", "", annotation)
    return set(re.findall(r"[^\W\d]\w*", bare))


def union(parts: Iterable[str]) -> str:
    """The parts joined, each once, None last, Any swallowing all."""
    found = list(dict.fromkeys(member for part in parts for member in members(part)))
    if "Any" in found:
        return "Any"
    if "float" in found and "int" in found:
        found.remove("int")
    return " | ".join(sorted(found, key=lambda part: part == "None"))


def members(annotation: str) -> list[str]:
    """The members of a union, split at its top level."""
    if "|" not in annotation:
        return [annotation] if annotation else []
    parts, depth, start = [], 0, 0
    bare = re.sub(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", lambda found: "_" * len(found[0]), annotation)
    for place, letter in enumerate(bare):
        depth += (letter in "[(") - (letter in "])")
        if letter == "|" and depth == 0:
            parts.append(annotation[start:place].strip())
            start = place + 1
    return [*parts, annotation[start:].strip()]


def _with_null(annotation: str, nullable: bool) -> str:
    return union([annotation, "None"]) if nullable else annotation


def _is_dictionary(whole: Merged) -> bool:
    """An object whose keys are known, and nothing else but null."""
    node = whole.node
    kinds = set(_kinds(node)) - {"null"}
    informative = [branches for branches in whole.choices if not all(map(says_nothing, branches))]
    return bool(node.get("properties")) and kinds == {"object"} and not informative and _literal(node) is None


def _kinds(node: Mapping[str, Any]) -> list[str]:
    declared = node.get("type")
    if declared is not None:
        return [declared] if isinstance(declared, str) else list(declared)
    if "properties" in node or isinstance(node.get("additionalProperties"), Mapping):
        return ["object"]
    return ["array"] if "items" in node or "prefixItems" in node else ["any"]


def _literal(node: Mapping[str, Any]) -> str | None:
    """An enumeration of values that Literal can name: texts, integers, booleans and null (PEP 586)."""
    values = [node["const"]] if "const" in node else node.get("enum")
    if not values or not all(value is None or type(value) in (str, int, bool) for value in values):
        return None
    distinct = dict.fromkeys((type(value), value) for value in values if value is not None)
    texts = ", ".join(quoted(value) if kind is str else repr(value) for kind, value in distinct)
    return union([f"Literal[{texts}]"] * bool(texts) + ["None"] * (None in values))


def _is_field(key: str) -> bool:
    """Whether a class can have it: a double underscore would be mangled, other forms of letters normalised."""
    return (
        key.isidentifier()
        and not keyword.iskeyword(key)
        and not key.startswith("__")
        and unicodedata.normalize("NFKC", key) == key
    )
