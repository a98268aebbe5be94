"""A document in one piece, in its own version: what other files hold is taken in."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from portico.design.faults import FaultError
from portico.design.limits import MAX_DEPTH
from portico.design.place import Place

if TYPE_CHECKING:
    from portico.design.build import Builder

_VALUES = frozenset(("example", "default", "enum", "const", "value"))  # hold values: a $ref in them is no reference
_NAMES = frozenset(  # their keys are names, whatever they are
    (
        "properties",
        "patternProperties",
        "definitions",
        "schemas",
        "$defs",
        "dependentSchemas",
        "responses",
        "parameters",
    )
)


class Document(Mapping[str, Any]):
    """The document of an Api: read-only, and packed until somebody looks, for serving needs none of it."""

    __slots__ = ("_packed", "_value")

    def __init__(self, value: Mapping[str, Any]) -> None:
        self._packed = zlib.compress(msgspec.json.encode(value), 1)
        self._value: dict[str, Any] | None = None

    def unpack(self) -> dict[str, Any]:
        """A copy of one's own."""
        value: dict[str, Any] = msgspec.json.decode(zlib.decompress(self._packed))
        return value

    def _held(self) -> dict[str, Any]:
        if self._value is None:
            self._value = self.unpack()
        return self._value

    def __getitem__(self, key: str) -> Any:
        return self._held()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held())

    def __len__(self) -> int:
        return len(self._held())


def bundle(root: Place, builder: Builder) -> dict[str, Any]:
    """The document with its other files taken in. One that is a single file is returned as it is."""
    if len(builder.references.files.names) == 1:
        value: dict[str, Any] = root.value
        return value
    return _Bundle(root, builder).document()


class _Bundle:
    """Schemas of other files become components of their own names; everything else is put where it is referred to."""

    def __init__(self, root: Place, builder: Builder) -> None:
        self._root = root
        self._references = builder.references
        self._schemas = builder.schemas
        self._inlining: set[tuple[str, str]] = set()
        self._swagger = builder.dialect == "2.0"

    def document(self) -> dict[str, Any]:
        result: dict[str, Any] = self._take(self._root, 0)
        holder = result if self._swagger else result.setdefault("components", {})
        components = holder.setdefault("definitions" if self._swagger else "schemas", {})
        for name, place in self._schemas.named:
            if place.file != self._root.file:
                components[name] = self._take(place, 0)
        return result

    def _take(self, place: Place, depth: int, *, names: bool = False) -> Any:
        if depth > 2 * MAX_DEPTH:
            return {}
        if type(place.value) is list:
            return [self._take(item, depth + 1) for item in place.items()]
        if type(place.value) is not dict:
            return place.value
        if place.reference is not None and not names:
            return self._reference(place.reference, place, depth)
        return {
            key: member.value
            if not names and (key in _VALUES or key.startswith("x-"))
            else self._mapping(member)
            if key == "mapping" and place.token == "discriminator"  # noqa: S105
            else self._take(member, depth + 1, names=not names and key in _NAMES)
            for key, member in place.members()
            if names or key not in ("$id", "$self")  # references are relative to the one document now
        }

    def _reference(self, target: str, place: Place, depth: int) -> Any:
        try:
            found = self._references.resolve(target, place)
        except FaultError:
            return dict(place.value)  # in a part that no operation needs
        siblings = {key: value for key, value in place.value.items() if key != "$ref"}
        pointer = self._pointer(found)
        if pointer is not None:
            return {"$ref": pointer, **siblings}
        key = (found.file, found.pointer)
        if key in self._inlining:  # callbacks of other files that take one another in, for ever
            return {}
        self._inlining.add(key)
        inline = self._take(found, depth + 1)
        self._inlining.discard(key)
        return {**inline, **siblings} if isinstance(inline, dict) else inline

    def _pointer(self, found: Place) -> str | None:
        """How the bundled document refers to a place; None where it takes the place in."""
        if found.file == self._root.file:
            return f"#{quote(found.pointer, safe='/~')}"
        name = self._schemas.name_of(found)
        if name is None:
            return None
        return f"#/definitions/{name}" if self._swagger else f"#/components/schemas/{name}"

    def _mapping(self, place: Place) -> dict[str, Any]:
        result = {}
        for value, member in place.members():
            target = member.value
            if isinstance(target, str) and ("/" in target or "#" in target):
                with contextlib.suppress(FaultError):  # it may be a plain value that looks like a path
                    target = self._pointer(self._references.resolve(target, member)) or target
            result[value] = target
        return result
