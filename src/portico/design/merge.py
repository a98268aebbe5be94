"""What several schemas that all bind one value say together, as one schema: `allOf` and `$ref` taken in.

Good enough to build a value from; whether the value fits is for a validator to say, with the schemas as they were.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from portico.design.model import target

Node = Mapping[str, Any] | bool

_LOWEST = frozenset(["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"])
_HIGHEST = frozenset(["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"])
_MAPS = frozenset(["properties", "patternProperties", "dependentSchemas"])
_SCHEMAS = frozenset(["items", "contains", "propertyNames"])
_EXAMPLES = ("const", "examples", "default", "enum")


class Impossible(Exception):
    """No value fits, as far as can be told."""


@dataclass(slots=True)
class Merged:
    """One schema in place of several."""

    node: dict[str, Any] = field(default_factory=dict)
    choices: list[list[Node]] = field(default_factory=list)  # oneOf and anyOf: one of each list holds
    conditions: list[Mapping[str, Any]] = field(default_factory=list)  # nodes with `if`
    names: set[str] = field(default_factory=set)  # of definitions that were taken in
    suggestions: list[Any] = field(default_factory=list)  # const, examples, default, enum: the outer schema's first


def merged(nodes: list[Node], definitions: Mapping[str, Node]) -> Merged:
    """What the nodes say together.

    Raises:
        Impossible: they contradict each other.
    """
    result = Merged()
    for node in nodes:
        _take(node, definitions, result)
    return result


def _take(node: Node, definitions: Mapping[str, Node], result: Merged) -> None:
    if isinstance(node, bool):
        if not node:
            raise Impossible
        return
    result.suggestions.extend(_suggestions(node))
    name = target(node)
    if name is not None and name not in result.names and name in definitions:
        result.names.add(name)
        _take(definitions[name], definitions, result)
    for part in node.get("allOf", ()):
        _take(part, definitions, result)
    result.choices.extend(node[keyword] for keyword in ("oneOf", "anyOf") if keyword in node)
    if "if" in node:
        result.conditions.append(node)
    for keyword, value in node.items():
        if keyword not in ("allOf", "oneOf", "anyOf", "$ref", "if", "then", "else"):
            _join(result.node, keyword, value)


def _suggestions(node: Mapping[str, Any]) -> Iterator[Any]:
    for keyword in _EXAMPLES:
        if keyword in node:
            value = node[keyword]
            if keyword in ("examples", "enum"):
                yield from value
            else:
                yield value


def _join(node: dict[str, Any], keyword: str, value: Any) -> None:
    if keyword not in node:
        node[keyword] = value
    elif keyword in _LOWEST:
        node[keyword] = max(node[keyword], value)
    elif keyword in _HIGHEST:
        node[keyword] = min(node[keyword], value)
    elif keyword in _MAPS:
        node[keyword] = _both(node[keyword], value)
    elif keyword in _SCHEMAS:
        node[keyword] = _all_of(node[keyword], value)
    elif keyword == "required":
        node[keyword] = list(dict.fromkeys([*node[keyword], *value]))
    elif keyword == "dependentRequired":
        node[keyword] = {**node[keyword], **value}
    elif keyword == "type":
        node[keyword] = _types(node[keyword], value)
    elif keyword == "enum":
        mine = {json.dumps(one, sort_keys=True) for one in value}
        node[keyword] = [one for one in node[keyword] if json.dumps(one, sort_keys=True) in mine]
    elif keyword == "not":
        node[keyword] = {"anyOf": [node[keyword], value]}
    elif keyword == "additionalProperties":
        node[keyword] = _all_of(node[keyword], value)
    elif keyword not in ("description", "title"):
        node[keyword] = value


def _both(one: Mapping[str, Node], other: Mapping[str, Node]) -> dict[str, Node]:
    return {**one, **{name: _all_of(one[name], node) if name in one else node for name, node in other.items()}}


def _all_of(one: Node, other: Node) -> Node:
    return one if one == other else {"allOf": [one, other]}


def _types(one: str | list[str], other: str | list[str]) -> list[str]:
    mine, theirs = _list(one), _list(other)
    both = [name for name in mine if name in theirs]
    if not both and {*mine, *theirs} >= {"integer", "number"}:
        both = ["integer"]
    if not both:
        raise Impossible
    return both


def _list(types: str | list[str]) -> list[str]:
    return [types] if isinstance(types, str) else types
