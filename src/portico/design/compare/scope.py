"""Where in the designs a comparison is: what it finds is noted with its operation and its place."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portico.design.compare.pairs import Pair, Pairs
from portico.design.model import Direction, Location, Schema


@dataclass(frozen=True, slots=True)
class Noted:
    """A change outside schemas, or a pair of schemas whose changes are told at this place."""

    operation: str | None
    place: str
    old: Location | None
    new: Location | None
    rule: str = ""
    text: str = ""
    pair: Pair | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """A place in the designs."""

    pairs: Pairs
    noted: list[Noted]
    operation: str | None = None  # the id
    place: str = ""
    old: Location | None = None
    new: Location | None = None

    def inside(self, words: str, old: Location | None = None, new: Location | None = None) -> Scope:
        """A place inside this one.

        Args:
            words: which, added to what this place is called.
            old: where it is written in the old design, if that is known better than for this place.
            new: the same in the new one.
        """
        return replace(self, place=f"{self.place} {words}".strip(), old=old or self.old, new=new or self.new)

    def say(self, rule: str, text: str) -> None:
        """Note a change here."""
        self.noted.append(Noted(self.operation, self.place, self.old, self.new, rule, text))

    def schema(self, old: Schema | None, new: Schema | None, direction: Direction) -> None:
        """Compare two schemas here; none allows everything."""
        was, comes = (True if schema is None else schema.node for schema in (old, new))
        old_at, new_at = (schema.location if schema is not None else None for schema in (old, new))
        site = Pair(self.pairs, was, comes, direction, old_at or self.old, new_at or self.new, (was, comes))
        site.link("", was, comes)
        if site.found or site.links:
            self.noted.append(Noted(self.operation, self.place, self.old, self.new, pair=site))
