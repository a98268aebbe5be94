"""Schemas of every version become JSON Schema 2020-12.

What each version says differently:

    nullable, x-nullable           a type more: ["string", "null"]
    exclusiveMinimum: true         the number itself
    example, x-example             examples
    type: file                     a binary string
    items: [A, B]                  prefixItems
    siblings of $ref               ignored up to 3.0, kept since 3.1

Parts that need no change are not copied: a normalised schema shares them with the document.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from portico.design.faults import Fault
from portico.design.keywords import IDENTIFYING, KEYWORDS, SINCE_31, Kind, problem
from portico.design.model import Dialect
from portico.design.place import Place

Node = dict[str, Any] | bool

_NESTED = (Kind.SCHEMA, Kind.SCHEMAS, Kind.MAP)


class Refer(Protocol):
    """Makes `#/$defs/NAME` of a reference at a place, or None when it leads nowhere (and tells so itself)."""

    def __call__(self, reference: str, place: Place, *, rule: str | None = None) -> str | None: ...  # noqa: D102


class Normaliser:
    """Turns one schema at a time.

    Args:
        dialect: the document's version.
        refer: names the target of a reference.
        refer_dynamic: names the possible targets of a `$dynamicRef`.
        report: takes what is wrong with a schema.
    """

    def __init__(
        self,
        dialect: Dialect,
        refer: Refer,
        refer_dynamic: Callable[[str, Place], list[str]],
        report: Callable[[Fault], None],
    ) -> None:
        self.old = dialect in ("2.0", "3.0")
        self._refer = refer
        self._refer_dynamic = refer_dynamic
        self._report = report

    def schema(self, place: Place) -> Node:
        """The normalised schema at a place."""
        node = place.value
        if type(node) is bool:
            return node
        if type(node) is not dict:
            if node is not None:
                self._broken(place, "A schema is neither a mapping nor true or false.")
            return {}
        reference = place.reference
        if reference is not None and self.old:
            target = self._refer(reference, place)
            return {} if target is None else {"$ref": target}
        result = self._keywords(place)
        if self.old:
            self._modernise(node, result)
        else:
            self._examples(node, result)
            if "$dynamicRef" in node:
                self._dynamic(place, result)
        if type(node.get("items")) is list:
            self._tuple(place, result)
        self._discriminator(place, result)
        return node if _same(node, result) else result

    def _keywords(self, place: Place) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in place.value.items():
            kind = KEYWORDS.get(key)
            if kind is None:
                if key == "$ref":
                    if not self.old and type(value) is str and (target := self._refer(value, place)) is not None:
                        result["$ref"] = target
                elif key not in IDENTIFYING and key not in ("example", "nullable", "discriminator", "$dynamicRef"):
                    result[key] = value
            elif self.old and key in SINCE_31:
                continue
            elif kind in _NESTED:
                self._nested(key, kind, place, result)
            else:
                self._plain(key, kind, value, place, result)
        return result

    def _dynamic(self, place: Place, result: dict[str, Any]) -> None:
        """Which of several schemas a `$dynamicRef` means depends on the way to it: what any of them allows may pass."""
        target = place.value["$dynamicRef"]
        candidates = [{"$ref": name} for name in self._refer_dynamic(target, place)] if type(target) is str else []
        if len(candidates) == 1 and "$ref" not in result:
            result.update(candidates[0])
        elif candidates:
            result["allOf"] = [*result.get("allOf", ()), {"anyOf": candidates}]

    def _nested(self, key: str, kind: Kind, place: Place, result: dict[str, Any]) -> None:
        value, child = place.value[key], place.child(key)
        if kind is Kind.SCHEMA:
            if type(value) is list and key == "items":
                return  # a tuple: see _tuple
            if type(value) is dict or type(value) is bool:
                result[key] = self.schema(child)
                return
        elif kind is Kind.SCHEMAS:
            if type(value) is list and value:
                parts = [self.schema(item) for item in child.items()]
                result[key] = value if _all_same(parts, value) else parts
                return
        elif type(value) is dict:
            members = {name: self.schema(member) for name, member in child.members()}
            if key == "patternProperties":
                members = {name: node for name, node in members.items() if self._usable_pattern(name, child)}
            result[key] = value if _same(value, members) else members
            return
        self._broken(child, f"{key} does not hold what it must: {_SHAPES[kind]}.")

    def _usable_pattern(self, pattern: str, place: Place) -> bool:
        trouble = problem(Kind.PATTERN, pattern)
        if trouble:
            self._report(Fault("unsupported-pattern", place.location, f"The pattern {pattern!r} cannot be compiled."))
        return trouble is None

    def _plain(self, key: str, kind: Kind, value: Any, place: Place, result: dict[str, Any]) -> None:
        if key in ("exclusiveMinimum", "exclusiveMaximum") and type(value) is bool:
            limit = place.value.get(key.replace("exclusiveM", "m"))
            if value and type(limit) in (int, float):
                result[key] = limit
            return
        if key == "type" and value == "file":
            result.update(type="string", format="binary")
            return
        trouble = problem(kind, value)
        if trouble is None:
            result[key] = list(dict.fromkeys(value)) if kind is Kind.NAMES and len(set(value)) < len(value) else value
            if key == "type" and type(value) is list:
                result[key] = list(dict.fromkeys(value))
            return
        if kind is Kind.PATTERN and type(value) is str:
            fault = Fault(
                "unsupported-pattern", place.child(key).location, f"The pattern {value!r} cannot be compiled."
            )
            self._report(fault)
        elif not (key == "required" and type(value) is bool):  # JSON Schema 3's spelling: tells nothing here
            self._broken(place.child(key), f"{key} is left out: {trouble}.")

    def _modernise(self, node: dict[str, Any], result: dict[str, Any]) -> None:
        """What Swagger 2.0 and OpenAPI 3.0 write differently."""
        for key, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if node.get(key) is True and key in result:
                result.pop(limit, None)
        if node.get("nullable") is True or node.get("x-nullable") is True:
            self._nullable(result)
        if node.get("x-writeOnly") is True:
            result["writeOnly"] = True
        for key in ("example", "x-example"):
            if key in node:
                result["examples"] = [node[key]]
                break

    def _nullable(self, result: dict[str, Any]) -> None:
        """`nullable` adds a type, so it needs one beside it (OpenAPI 3.0.4, Schema Object)."""
        declared = result.get("type")
        if declared is None:
            return
        names = [declared] if isinstance(declared, str) else list(declared)
        result["type"] = names if "null" in names else [*names, "null"]
        if "enum" in result and None not in result["enum"]:
            result["enum"] = [*result["enum"], None]

    def _examples(self, node: dict[str, Any], result: dict[str, Any]) -> None:
        if "example" in node:
            result["examples"] = [node["example"], *result.get("examples", ())]

    def _tuple(self, place: Place, result: dict[str, Any]) -> None:
        """Lists of schemas under `items`, as drafts before 2020-12 wrote tuples."""
        items = place.child("items")
        if items.value:
            result["prefixItems"] = [self.schema(item) for item in items.items()]
        rest = place.get("additionalItems")
        result.pop("additionalItems", None)
        if rest is not None and type(rest.value) in (dict, bool):
            result["items"] = self.schema(rest)

    def _discriminator(self, place: Place, result: dict[str, Any]) -> None:
        """Kept with its mapping in one spelling: value -> `#/$defs/NAME`."""
        found = place.get("discriminator")
        if found is None:
            return
        name = found.value if type(found.value) is str else (found.value or {}).get("propertyName")
        if type(name) is not str:
            self._broken(found, "The discriminator names no property.")
            return
        mapping = found.get("mapping")
        targets: dict[str, str] = {}
        for value, member in mapping.members() if mapping is not None else ():
            target = self._refer_to(member)
            if target is not None:
                targets[value] = target
        result["discriminator"] = {"propertyName": name, "mapping": targets}

    def _refer_to(self, member: Place) -> str | None:
        """A mapping's value is a name of a component schema, or a reference (OpenAPI 3.2, Discriminator Object)."""
        if type(member.value) is not str:
            self._broken(member, "The discriminator's mapping leads to something that is not a text.")
            return None
        target = member.value
        if "/" not in target and "#" not in target and not target.endswith((".json", ".yaml", ".yml")):
            target = f"#/components/schemas/{target}"
        return self._refer(target, member, rule="broken-keyword")

    def _broken(self, place: Place, message: str) -> None:
        self._report(Fault("broken-keyword", place.location, message))


_SHAPES = {
    Kind.SCHEMA: "one schema",
    Kind.SCHEMAS: "a list of one or more schemas",
    Kind.MAP: "a mapping of names to schemas",
}


def _same(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return len(before) == len(after) and all(key in before and before[key] is value for key, value in after.items())


def _all_same(before: list[Any], after: list[Any]) -> bool:
    return all(one is other for one, other in zip(before, after, strict=True))
