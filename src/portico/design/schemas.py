"""The schemas of one design: names for everything that is referred to, and the normalised nodes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from portico.design.direction import target
from portico.design.faults import Fault, FaultError
from portico.design.model import Definitions, Dialect, Location, Schema
from portico.design.normalise import Normaliser
from portico.design.place import Place
from portico.design.references import References

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_STRUCTURAL = frozenset(
    [
        "paths",
        "responses",
        "content",
        "schema",
        "components",
        "schemas",
        "properties",
        "definitions",
        "$defs",
        "parameters",
        "items",
    ]
)
_HOLDERS = (("definitions",), ("components", "schemas"), ("$defs",), ("schemas",), ())


class Schemas:
    """Collects the schemas of a document while its model is built."""

    def __init__(self, dialect: Dialect, references: References, report: Callable[[Fault], None]) -> None:
        self._nodes: dict[str, Any] = {}
        self._locations: dict[str, Location] = {}
        self.definitions = Definitions(self._nodes, self._locations)
        self._references = references
        self._report = report
        self._names: dict[tuple[str, tuple[str, ...]], str] = {}
        self._refs: dict[tuple[str, str], str] = {}
        self._places: dict[str, Place] = {}
        self._waiting: list[tuple[str, Place]] = []
        self._normaliser = Normaliser(dialect, self._refer, self._refer_dynamic, report)

    def declare(self, components: Place | None) -> None:
        """Give the component schemas their own names, before anything refers to them."""
        for name, place in components.members() if components is not None else ():
            if not name.startswith("x-") or type(place.value) is dict:
                own = self._elsewhere(place)
                if own is not None:
                    self._names[place.file, place.tokens] = self._name(own, name)
                self._name(place, name)
        self.finish()

    def _elsewhere(self, place: Place) -> Place | None:
        """The schema in another file that a component is nothing but a reference to: it takes the component's name."""
        if place.reference is None or len(place.value) > 1:
            return None
        try:
            found = self._references.follow(place)
        except FaultError:
            return None  # told when the component is normalised
        known = (found.file, found.tokens) in self._names
        return found if found.file != place.file and not known else None

    def use(self, place: Place) -> Schema:
        """The schema at a place outside the components."""
        node = self._normaliser.schema(place)
        self.finish()
        return Schema(node, self.definitions, place.location)

    def finish(self) -> None:
        """Normalise what was referred to and not yet met."""
        while self._waiting:
            name, place = self._waiting.pop()
            self._nodes[name] = self._normaliser.schema(place)

    def close(self) -> None:
        """Tell the schemas that are references to themselves and nothing else."""
        known: set[str] = set()  # looked at before
        for name, place in self._places.items():
            chain: list[str] = []
            following: str | None = name
            while following is not None and following not in known and _only_refers(self._nodes[following]):
                known.add(following)
                chain.append(following)
                following = target(self._nodes[following])
            if following in chain:
                message = f"The schema {name} is a reference to itself and nothing else."
                self._report(Fault("looping-reference", place.location, message))

    def name_of(self, place: Place) -> str | None:
        """The name that a place has as a definition."""
        return self._names.get((place.file, place.tokens))

    @property
    def named(self) -> list[tuple[str, Place]]:
        """All definitions with the places that they were read from, in the order in which they were met."""
        return list(self._places.items())

    def _refer(self, reference: str, place: Place, *, rule: str | None = None) -> str | None:
        """`#/$defs/NAME` for a reference at a place. One that leads nowhere is told, under `rule` where it is given."""
        key = (self._references.base(place), reference)
        if key not in self._refs:
            try:
                found = self._references.resolve(reference, place)
            except FaultError as error:
                self._report(replace(error.fault, rule=rule, mend="") if rule else error.fault)
                return None
            self._refs[key] = f"#/$defs/{self._name(found)}"
        return self._refs[key]

    def _refer_dynamic(self, reference: str, place: Place) -> list[str]:
        try:
            found = self._references.dynamic(reference, place)
        except FaultError as error:
            self._report(error.fault)
            return []
        return [f"#/$defs/{self._name(candidate)}" for candidate in found]

    def _name(self, place: Place, wish: str | None = None) -> str:
        key = (place.file, place.tokens)
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = self._free(wish or _readable(place))
            self._locations[name] = place.location
            self._places[name] = place
            self._nodes[name] = {}  # its place in the order; filled by `finish`
            self._waiting.append((name, place))
        return name

    def _free(self, wish: str) -> str:
        safe = _safe(wish)
        name, count = safe, 1
        while name in self._nodes:
            count += 1
            name = f"{safe}_{count}"
        return name


def _only_refers(node: Any) -> bool:
    return isinstance(node, dict) and node.keys() == {"$ref"}


def _safe(name: str) -> str:
    """A name that stands in a URI fragment as it is: jsonschema-rs takes no other."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return _UNSAFE.sub("_", plain).strip("_") or "schema"


def _readable(place: Place) -> str:
    """A name for a schema that is not a component: its own where it has one, else the way to it."""
    tokens = place.tokens
    if not tokens:
        return PurePosixPath(place.file).stem
    if tokens[:-1] in _HOLDERS:
        return tokens[-1]
    return "_".join(token for token in tokens if token not in _STRUCTURAL) or tokens[-1]
