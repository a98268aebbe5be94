"""A value that fits a schema: what the document offers as an example, else one that is built.

The same schema gives the same value every time. Values are built optimistically and then validated; where the first
does not fit, narrower attempts follow. Work and size are bounded, since schemas are other people's text.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import jsonschema_rs

from portico.design import patterns, scalars
from portico.design.merge import Impossible, Merged, Node, merged
from portico.design.model import Direction, Json, Schema, references

DEEPEST = 40  # levels of nesting
LARGEST = 3_000  # schemas that one attempt follows
CHECKS = 50  # values that one attempt validates with all definitions, since compiling those takes up to 30 ms
MOST_ITEMS = 500  # items of an array, or properties of an object, that are made because they must be
_BRANCHES = 25  # of a oneOf or anyOf that are tried


@dataclass(frozen=True, slots=True)
class _Attempt:
    """How to go about it."""

    trusting: bool  # take the document's examples for what they say they are, and look at the whole at the end only
    optional: int  # levels down to which optional properties are filled in
    settling: bool = False  # take a branch that does not fit where none does


_ATTEMPTS = (
    _Attempt(trusting=True, optional=4),
    _Attempt(trusting=False, optional=4),
    _Attempt(trusting=False, optional=2),
    _Attempt(trusting=False, optional=1),
    _Attempt(trusting=False, optional=0),
    _Attempt(trusting=False, optional=1, settling=True),
)


def example(schema: Schema, direction: Direction = Direction.RESPONSE) -> Json:
    """A value that fits a schema, as far as one can be found.

    Args:
        schema: what the value must fit.
        direction: which way it travels: requests hold no read-only properties, responses no write-only ones.
    """
    document = schema.document(direction)
    check = _validator(document)
    best: list[Json] = []
    for attempt in _ATTEMPTS:
        try:
            value = _Builder(document.get("$defs", {}), direction, attempt).build([document])
        except (Impossible, RecursionError):
            continue
        if check(value):
            return cast("Json", value)
        best.append(value)
    return best[0] if best else None


def sketch(schema: Schema, direction: Direction) -> Json:
    """A value with what is required, as the document's examples and types have it; nothing checks that it fits.

    Args:
        schema: what the value should fit.
        direction: see `example`.
    """
    document = schema.document(direction)
    try:
        built = _Builder(document.get("$defs", {}), direction, _Attempt(trusting=True, optional=0)).build([document])
    except (Impossible, RecursionError):
        return None
    return cast("Json", built)


def _validator(document: dict[str, Any]) -> Callable[[Any], bool]:
    try:
        compiled = jsonschema_rs.Draft202012Validator(
            document, validate_formats=True, ignore_unknown_formats=True, offline=True
        )
    except ValueError:
        return lambda _value: True  # a schema that cannot be compiled binds nothing
    check: Callable[[Any], bool] = compiled.is_valid
    return check


class _Builder:
    """Builds one value.

    Args:
        definitions: what references mean.
        direction: see `example`.
        attempt: how to go about it.
    """

    def __init__(self, definitions: Mapping[str, Node], direction: Direction, attempt: _Attempt) -> None:
        self._definitions = definitions
        self._unwanted = "readOnly" if direction is Direction.REQUEST else "writeOnly"
        self._attempt = attempt
        self._left = LARGEST
        self._checks = CHECKS
        self._depth = 0
        self._objects = 0
        self._nth = 0
        self._inside: list[set[str]] = []

    def build(self, nodes: list[Node], name: str = "") -> Any:
        """A value that fits all the nodes.

        Args:
            nodes: schemas.
            name: what the value is called.

        Raises:
            Impossible: none could be found.
        """
        self._left -= 1
        if self._left < 0 or self._depth >= DEEPEST:
            raise Impossible
        whole = merged(nodes, self._definitions)
        if any(whole.names & names for names in self._inside):
            raise Impossible  # recursion: what is around leaves it out, if it may
        self._depth += 1
        self._inside.append(whole.names)
        try:
            return self._value(nodes, whole, name)
        finally:
            self._inside.pop()
            self._depth -= 1

    def _value(self, nodes: list[Node], whole: Merged, name: str) -> Any:
        if self._nth < len(whole.suggestions) or not self._nth:
            for value in whole.suggestions[self._nth :]:
                if self._attempt.trusting or self._fits(nodes, value):
                    return value
        if "const" in whole.node or "enum" in whole.node:
            raise Impossible
        first = None
        for value in self._built(nodes, whole, name):
            if self._attempt.trusting or self._fits(nodes, value):
                return value
            first = first or [value]
        if first is None or (whole.choices and not self._attempt.settling):
            raise Impossible
        return first[0]

    def _fits(self, nodes: list[Node], value: Any) -> bool:
        document: dict[str, Any] = {"allOf": nodes}
        if next(references(nodes), None) is not None:
            if self._checks == 0:
                return True
            self._checks -= 1
            document["$defs"] = self._definitions
        return _validator(document)(value)

    def _built(self, nodes: list[Node], whole: Merged, name: str) -> Iterator[Any]:
        if whole.choices:
            yield from self._chosen(nodes, whole, name)
            return
        for condition in whole.conditions:
            for branch in ([condition["if"], condition.get("then", True)], [condition.get("else", True)]):
                if (value := self._possible(self._narrowed, whole, branch, name)) is not None:
                    yield value[0]
        yield from self._of_types(whole.node, name)

    def _chosen(self, nodes: list[Node], whole: Merged, name: str) -> Iterator[Any]:
        """One branch of each choice; a branch that says the least is tried like any other."""
        first, *rest = whole.choices
        for branch in first[:_BRANCHES]:
            built = self._possible(self._narrowed, whole, [branch], name, rest)
            if built is not None:
                yield built[0]

    def _narrowed(self, whole: Merged, branch: list[Node], name: str, choices: list[list[Node]] | None = None) -> Any:
        """A value for the merged schema and a branch of it."""
        base = {key: value for key, value in whole.node.items() if key not in ("default", "examples")}
        others: list[Node] = [{"anyOf": choice} for choice in choices or ()]
        branches = merged([*branch, *others], self._definitions)
        if any(branches.names & names for names in self._inside):
            raise Impossible
        outer = self._inside[-1]
        self._inside[-1] = outer | branches.names  # the branches stand at this place, not below it
        try:
            return self._again([base, *branch, *others], name)
        finally:
            self._inside[-1] = outer

    def _again(self, nodes: list[Node], name: str) -> Any:
        self._left -= 1
        if self._left < 0 or len(self._inside) > DEEPEST:
            raise Impossible
        return self._value(nodes, merged(nodes, self._definitions), name)

    def _possible(self, make: Callable[..., Any], *arguments: object) -> list[Any] | None:
        """One value in a list, or None where there is none. An attempt that has used up its work ends as a whole."""
        try:
            return [make(*arguments)]
        except Impossible:
            if self._left < 0:
                raise
            return None

    def _of_types(self, node: Mapping[str, Any], name: str) -> Iterator[Any]:
        declared = node.get("type")
        types = [declared] if isinstance(declared, str) else declared or _implied(node)
        for kind in sorted(types, key=lambda kind: kind == "null"):
            try:
                yield from self._of_type(kind, node, name)
            except Impossible:
                if self._left < 0 or kind == types[-1]:
                    raise

    def _of_type(self, kind: str, node: Mapping[str, Any], name: str) -> Iterator[Any]:
        if kind == "object":
            yield self._object(node)
        elif kind == "array":
            yield self._array(node, name)
        elif kind == "string":
            yield from scalars.texts(node, name, self._nth)
        elif kind in ("number", "integer"):
            value = scalars.number(node, self._nth, whole=kind == "integer")
            if value is None:
                raise Impossible
            yield value
        elif kind == "boolean":
            yield from (True, False) if self._nth % 2 == 0 else (False, True)
        else:
            yield None

    def _object(self, node: Mapping[str, Any]) -> dict[str, Any]:
        self._objects += 1
        try:
            properties: Mapping[str, Node] = node.get("properties", {})
            required = [name for name in node.get("required", ()) if not self._is_unwanted(properties.get(name))]
            if len(required) > MOST_ITEMS:
                raise Impossible
            value = {name: self.build(self._nodes_of(node, name), name) for name in required}
            self._fill_optional(node, properties, value)
            self._fill_up(node, value)
            self._keep_dependencies(node, value)
            order = {name: place for place, name in enumerate(properties)}
            return dict(sorted(value.items(), key=lambda item: order.get(item[0], len(order))))
        finally:
            self._objects -= 1

    def _is_unwanted(self, node: Node | None) -> bool:
        return isinstance(node, Mapping) and node.get(self._unwanted) is True

    def _nodes_of(self, node: Mapping[str, Any], name: str) -> list[Node]:
        """What binds a property: its own schema, patterns that its name matches, else the rest's."""
        found = [node["properties"][name]] if name in node.get("properties", {}) else []
        for pattern, schema in node.get("patternProperties", {}).items():
            if _matcher(pattern)(name):
                found.append(schema)
        return found or [node.get("additionalProperties", True)]

    def _fill_optional(self, node: Mapping[str, Any], properties: Mapping[str, Node], value: dict[str, Any]) -> None:
        most = int(node.get("maxProperties", MOST_ITEMS))
        if self._objects > self._attempt.optional:
            return
        for name, schema in properties.items():
            if name in value or len(value) >= most or schema is False or self._is_unwanted(schema):
                continue
            built = self._possible(self.build, self._nodes_of(node, name), name)
            if built is not None:
                value[name] = built[0]
        rest = node.get("additionalProperties")
        if not value and isinstance(rest, Mapping) and most > 0 and "propertyNames" not in node:
            built = self._possible(self.build, [rest], "key")
            if built is not None:
                value["key"] = built[0]

    def _fill_up(self, node: Mapping[str, Any], value: dict[str, Any]) -> None:
        """`minProperties`: the document's own names first, then others that it allows."""
        least = int(node.get("minProperties", 0))
        if least > MOST_ITEMS:
            raise Impossible
        for name in self._names(node):
            if len(value) >= least:
                return
            if name not in value and not self._is_unwanted(node.get("properties", {}).get(name)):
                built = self._possible(self.build, self._nodes_of(node, name), name)
                if built is not None:
                    value[name] = built[0]

    def _names(self, node: Mapping[str, Any]) -> Iterator[str]:
        yield from node.get("properties", {})
        for pattern in node.get("patternProperties", {}):
            yield from patterns.candidates(pattern)
        if node.get("additionalProperties") is not False:
            rule = node.get("propertyNames", {})
            yield from rule.get("enum", ()) if isinstance(rule, Mapping) else ()
            if isinstance(rule, Mapping) and "pattern" in rule:
                yield from patterns.candidates(rule["pattern"])
            yield from (f"key{number}" for number in range(1, MOST_ITEMS))

    def _keep_dependencies(self, node: Mapping[str, Any], value: dict[str, Any]) -> None:
        """`dependentRequired`: what must be there because something else is."""
        waiting = list(value)
        rules = node.get("dependentRequired", {})
        while waiting:
            for name in rules.get(waiting.pop(), ()):
                if name not in value:
                    value[name] = self.build(self._nodes_of(node, name), name)
                    waiting.append(name)
        for name, schema in node.get("dependentSchemas", {}).items():
            if name in value and schema is not True:
                rest = {key: rule for key, rule in node.items() if key != "dependentSchemas"}
                value.update(self.build([rest, schema, {"type": "object", "required": [name]}]))

    def _array(self, node: Mapping[str, Any], name: str) -> list[Any]:
        least, most = int(node.get("minItems", 0)), int(node.get("maxItems", MOST_ITEMS))
        if least > MOST_ITEMS:
            raise Impossible
        places = [[part] for part in node.get("prefixItems", ())]
        items: Node = node.get("items", True)
        contained = int(node.get("minContains", 1)) if "contains" in node else 0
        places += [[items, node["contains"]] for _ in range(min(contained, MOST_ITEMS))]
        if items is not False:
            wanted = max(least, 1 if "items" in node else 0)
            places += [[items] for _ in range(wanted - len(places))]
        return self._items(places[:most], max(least, contained), name, unique=node.get("uniqueItems") is True)

    def _items(self, places: list[list[Node]], least: int, name: str, *, unique: bool) -> list[Any]:
        value: list[Any] = []
        for place in places:
            with self._as_nth(len(value) if unique else self._nth):
                built = self._possible(self.build, place, name)
            if built is None:
                break
            value.append(built[0])
        if len(value) < least:
            raise Impossible
        return value

    @contextmanager
    def _as_nth(self, nth: int) -> Iterator[None]:
        before, self._nth = self._nth, nth
        try:
            yield
        finally:
            self._nth = before


@functools.lru_cache(maxsize=1_000)
def _matcher(pattern: str) -> Callable[[Any], bool]:
    return _validator({"pattern": pattern})


_IMPLIED = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties", "propertyNames"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems"),
    "string": ("pattern", "minLength", "maxLength", "format"),
    "number": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
}


def _implied(node: Mapping[str, Any]) -> list[str]:
    """The types that a schema without `type` talks about."""
    return [kind for kind, keywords in _IMPLIED.items() if any(word in node for word in keywords)] or ["object"]
