"""What one schema says by itself: its references and `allOf` taken in, null set apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from portico.design.merge import Impossible, Merged, merged
from portico.design.model import ANNOTATIONS, EMPTY, Definitions, target

Node = Mapping[str, Any] | bool

NULL = "null"
_CHOICES = ("oneOf", "anyOf")
_UNWRAPPED = 8  # choices of one branch inside each other; more are not written
_SAYS_NOTHING = ANNOTATIONS - {"$ref"} | {"discriminator"}


@dataclass(slots=True)
class View:
    """One schema in place of several."""

    node: Mapping[str, Any] = field(default_factory=dict)  # its own keywords; neither $ref nor allOf, oneOf, anyOf, if
    choices: list[list[Node]] = field(default_factory=list)  # oneOf and anyOf, without {"type": "null"}
    conditions: list[Mapping[str, Any]] = field(default_factory=list)  # nodes with `if`
    nullable: bool | None = None  # None: nothing is said of it
    never: bool = False  # no value fits

    @property
    def is_bare(self) -> bool:
        """Whether it says nothing but what its choices say."""
        return all(key in _SAYS_NOTHING or key.startswith("x-") for key in self.node)

    @property
    def properties(self) -> dict[str, Node]:
        """The properties that are named, be it in `required` only."""
        required: dict[str, Node] = dict.fromkeys(self.node.get("required", ()), True)
        return {**required, **self.node.get("properties", EMPTY)}


class Views:
    """The views of one design's schemas, each made once."""

    def __init__(self, definitions: Definitions) -> None:
        self.nodes: dict[str, Node] = {name: definitions[name].node for name in definitions}
        self._known: dict[int, tuple[Node, View]] = {}  # the node is kept, so that its id stays its own

    def of(self, node: Node) -> View:
        """The view of a schema."""
        if isinstance(node, bool):
            return View(never=not node)
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = (node, self._make(node))
        return known[1]

    def _make(self, node: Mapping[str, Any]) -> View:
        try:
            return _view(self._unwrapped(node))
        except Impossible:
            return View(never=True)

    def _unwrapped(self, node: Node) -> Merged:
        """What a node says, with the one branch of a choice that has no other but null."""
        found = merged([node], self.nodes)
        for _ in range(_UNWRAPPED):
            single = [choice for choice in found.choices if len(_without_null(choice)) == 1]
            if not single:
                break
            branch = _without_null(single[0])[0]
            others = [choice for choice in found.choices if choice is not single[0]]
            nullable = len(single[0]) > 1
            found = merged([_plain(found), branch], self.nodes)
            found.choices += others
            found.node = {**found.node, "nullable": True} if nullable else found.node
        return found


def _plain(found: Merged) -> Mapping[str, Any]:
    conditions = {"allOf": [{key: one[key] for key in _CONDITION if key in one} for one in found.conditions]}
    return {**found.node, **(conditions if found.conditions else {})}


_CONDITION = ("if", "then", "else")


def _view(found: Merged) -> View:
    choices = [_without_null(choice) for choice in found.choices]
    nullable = _nullable(found.node)
    if any(len(kept) < len(choice) for kept, choice in zip(choices, found.choices, strict=True)):
        nullable = True
    elif nullable is None and choices:
        nullable = False
    node = {key: value for key, value in found.node.items() if key != "nullable"}
    if node.get("contentEncoding") == "base64" and "format" not in node:
        node["format"] = "byte"  # as OpenAPI 3.0 says it
    if node.get("format") == "byte":
        node.pop("contentEncoding", None)
    return View(node, choices, found.conditions, nullable)


def _nullable(node: Mapping[str, Any]) -> bool | None:
    if node.get("nullable") is True:
        return True
    for keyword in ("type", "enum"):
        if keyword in node:
            return node[keyword] == NULL or (NULL if keyword == "type" else None) in node[keyword]
    return node["const"] is None if "const" in node else None


def _without_null(choice: list[Node]) -> list[Node]:
    return [branch for branch in choice if not _is_null(branch)]


def _is_null(branch: Node) -> bool:
    return isinstance(branch, Mapping) and branch.get("type") in (NULL, [NULL])


def core(node: Node) -> Node:
    """The schema that a node is about, without null beside it, words about it, and an `allOf` of one."""
    for _ in range(_UNWRAPPED):
        if not isinstance(node, Mapping):
            return node
        kept = [key for key in node if key not in _SAYS_NOTHING and not key.startswith("x-")]
        if len(kept) != 1 or kept[0] not in ("allOf", *_CHOICES):
            return node
        parts = _without_null(node[kept[0]])
        if len(parts) != 1:
            return node
        node = parts[0]
    return node


def name_of(node: Node) -> str | None:
    """The definition that a node is nothing but a reference to, and words about it; maybe null beside it."""
    found = core(node)
    if isinstance(found, Mapping) and all(key in ANNOTATIONS or key.startswith("x-") for key in found):
        return target(found)
    return None


def identity(node: Node) -> object:
    """What two nodes share that say the same because they are the same."""
    if isinstance(node, bool):
        return node
    if node.keys() == {"$ref"}:
        return target(node)
    if node.keys() == {"allOf"}:
        parts = frozenset(_parts(node))
        return parts if len(parts) > 1 else next(iter(parts))
    return id(node)


def _parts(node: Mapping[str, Any]) -> Iterator[object]:
    for part in node["allOf"]:
        found = identity(part)
        yield from found if isinstance(found, frozenset) else (found,)
