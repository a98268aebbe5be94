"""What a normalised schema demands of a value that travels in one direction.

    readOnly     a request need not hold it, though it is required
    writeOnly    a response need not hold it, though it is required, and must not
    discriminator  its property chooses the one branch that counts

Parts that need no change are not copied.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Any

_VALUES = frozenset(("enum", "const", "default", "examples", "discriminator"))  # hold values, not schemas
_MAPS = frozenset(("properties", "patternProperties", "dependentSchemas"))
_PREFIX = "#/$defs/"
_DEEPEST = 50  # links of allOf that are followed for readOnly and writeOnly


class Direction(enum.Enum):
    """Which way a value travels: it decides what `readOnly` and `writeOnly` mean (OpenAPI 3.0.4, Schema Object)."""

    REQUEST = "request"
    RESPONSE = "response"


def unescape(token: str) -> str:
    """A key from a JSON pointer (RFC 6901, 4)."""
    return token.replace("~1", "/").replace("~0", "~")


def target(node: Any) -> str | None:
    """The name of the definition that a normalised schema refers to."""
    reference = node.get("$ref") if isinstance(node, Mapping) else None
    if isinstance(reference, str) and reference.startswith(_PREFIX):
        return unescape(reference[len(_PREFIX) :])
    return None


class Directing:
    """Turns the schemas of one API, for one direction.

    Args:
        nodes: the normalised definitions.
        direction: which way the values travel.
    """

    def __init__(self, nodes: Mapping[str, Any], direction: Direction) -> None:
        self._nodes = nodes
        self._direction = direction
        self._keyword = "readOnly" if direction is Direction.REQUEST else "writeOnly"
        self._one_way: dict[str, frozenset[str]] = {}

    def schema(self, node: Any) -> Any:
        """The schema as it binds in this direction."""
        if not isinstance(node, Mapping):
            return node
        result = {key: self._value(key, value) for key, value in node.items()}
        one_way = self._other_way(node, set()) if "properties" in node or "allOf" in node else frozenset[str]()
        if one_way:
            self._release(result, one_way)
        if "discriminator" in node:
            _bind_discriminator(node, result)
        return node if _unchanged(node, result) else result

    def _value(self, key: str, value: Any) -> Any:
        if key in _VALUES or key.startswith("x-"):
            return value
        if key in _MAPS and isinstance(value, Mapping):
            members = {name: self.schema(member) for name, member in value.items()}
            return value if _unchanged(value, members) else members
        if isinstance(value, list):
            items = [self.schema(item) for item in value]
            return value if all(old is new for old, new in zip(value, items, strict=True)) else items
        return self.schema(value)

    def _release(self, result: dict[str, Any], one_way: frozenset[str]) -> None:
        if isinstance(result.get("required"), list):
            result["required"] = _without(result["required"], one_way)
        if isinstance(result.get("allOf"), list):
            result["allOf"] = [
                {**part, "required": _without(part["required"], one_way)}
                if isinstance(part, Mapping) and isinstance(part.get("required"), list)
                else part
                for part in result["allOf"]
            ]
        properties = result.get("properties")
        if self._direction is Direction.RESPONSE and isinstance(properties, Mapping):
            result["properties"] = {name: False if self._marked(sub) else sub for name, sub in properties.items()}

    def _other_way(self, node: Any, met: set[str]) -> frozenset[str]:
        """The properties that travel only the other way: of the schema, and of all that it is made of by `allOf`."""
        name = target(node)
        if name is not None:
            if name in self._one_way:
                return self._one_way[name]
            if name in met or name not in self._nodes or len(met) > _DEEPEST:
                return frozenset()
            self._one_way[name] = self._other_way(self._nodes[name], met | {name})
            return self._one_way[name]
        if not isinstance(node, Mapping):
            return frozenset()
        found = {
            name
            for name, sub in _mapping(node.get("properties")).items()
            if isinstance(sub, Mapping) and self._marked(sub)
        }
        for part in node.get("allOf", ()):
            found |= self._other_way(part, met)
        return frozenset(found)

    def _marked(self, node: Any) -> bool:
        for _ in range(8):  # a reference to a reference; longer chains are not written
            if not isinstance(node, Mapping):
                return False
            if node.get(self._keyword) is True:
                return True
            name = target(node)
            if name is None:
                return False
            node = self._nodes.get(name)
        return False


def _bind_discriminator(node: Mapping[str, Any], result: dict[str, Any]) -> None:
    """Let the discriminating property choose the branch (OpenAPI 3.2, Discriminator Object).

    A value that names no branch leaves `oneOf` or `anyOf` as it is, so nothing is refused that the mapping does not
    speak about. A known value is checked against its own branch only: `oneOf` would refuse it as soon as a second
    branch happens to fit.
    """
    keyword = "oneOf" if "oneOf" in node else "anyOf"
    branches = node.get(keyword)
    if not isinstance(branches, list):
        return
    name = node["discriminator"]["propertyName"]
    references = {branch["$ref"]: branch for branch in branches if target(branch) is not None}
    chosen = {value: ref for value, ref in node["discriminator"]["mapping"].items() if ref in references}
    for ref, branch in references.items():
        chosen.setdefault(str(target(branch)), ref)
    if not chosen:
        return
    original = result.pop(keyword)
    cases = [
        {"if": {"properties": {name: {"const": value}}}, "then": {"$ref": ref}} for value, ref in sorted(chosen.items())
    ]
    known = {"type": "object", "required": [name], "properties": {name: {"enum": sorted(chosen)}}}
    dispatch = {"if": known, "then": {"allOf": cases}, "else": {keyword: original}}
    result["allOf"] = [*result.get("allOf", ()), dispatch]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _without(names: Iterable[str], left_out: frozenset[str]) -> list[str]:
    return [name for name in names if name not in left_out]


def _unchanged(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return len(before) == len(after) and all(key in before and before[key] is value for key, value in after.items())
