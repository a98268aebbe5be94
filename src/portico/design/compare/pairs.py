"""Pairs of schemas, one of each design: each is compared once for each direction, however often it is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from portico.design.compare.change import TooTangled
from portico.design.compare.same import Same
from portico.design.compare.side import Side
from portico.design.compare.types import names
from portico.design.compare.views import Node, View, identity
from portico.design.model import Direction, Location

MOST = 200_000  # pairs; two versions of GitHub's document need some thousands


@dataclass(frozen=True, slots=True)
class Found:
    """A change inside a pair of schemas."""

    rule: str
    text: str
    step: str  # from the pair to the place: "/deliveryDate"
    old: Location | None
    new: Location | None
    exact: tuple[Location | None, Location | None]  # of what came, went or changed; not of what is around it


@dataclass(eq=False, slots=True)
class Pair:
    """An old schema, and the new one in its place."""

    pairs: Pairs
    old: Node
    new: Node
    direction: Direction
    old_at: Location | None
    new_at: Location | None
    uses: tuple[Node, Node]  # as they were met: references to the two, where there are such
    found: list[Found] = field(default_factory=list)
    links: list[tuple[str, Pair]] = field(default_factory=list)  # what is inside, and the way to it

    @property
    def views(self) -> tuple[View, View]:
        """What both say by themselves."""
        return self.pairs.old.views.of(self.old), self.pairs.new.views.of(self.new)

    def say(self, rule: str, text: str, step: str = "", *, old: Node | None = None, new: Node | None = None) -> None:
        """Note a change.

        Args:
            rule: its name; with a `*` the direction is put in its place.
            text: one sentence.
            step: the way from here to where it is.
            old: the schema inside the old one that it is about.
            new: the schema inside the new one that it is about.
        """
        name = rule.replace("*", self.direction.value)
        exact = (self.pairs.old.at(old), self.pairs.new.at(new))
        places = (exact[0] or self.old_at, exact[1] or self.new_at)
        self.found.append(Found(name, text, step, *places, exact if any(exact) else places))

    def link(self, step: str, old: Node, new: Node) -> None:
        """Compare two schemas inside these, and what they are called."""
        names(self, step, old, new)
        old_at, new_at = self.pairs.old.at(old) or self.old_at, self.pairs.new.at(new) or self.new_at
        pair = self.pairs.pair(old, new, self.direction, old_at, new_at)
        if pair is not None:
            self.links.append((step, pair))

    def side(self, index: int) -> Side:
        """The old design, or the new one."""
        return self.pairs.new if index else self.pairs.old


class Pairs:
    """All pairs of two designs.

    Args:
        old: the design before.
        new: the design after.
        look: compares the two schemas of a pair, and links it to the pairs inside.
    """

    def __init__(self, old: Side, new: Side, look: Callable[[Pair], None]) -> None:
        self.old = old
        self.new = new
        self._look = look
        self._same = Same(old, new)
        self._known: dict[object, Pair] = {}
        self._waiting: list[Pair] = []

    def pair(
        self, old: Node, new: Node, direction: Direction, old_at: Location | None, new_at: Location | None
    ) -> Pair | None:
        """The pair of two schemas; None when they are the same."""
        if self._same(old, new):
            return None
        key = (identity(old), identity(new), direction)
        known = self._known.get(key)
        if known is None:
            uses = (old, new)
            (old, old_at), (new, new_at) = self.old.named(old, old_at), self.new.named(new, new_at)
            known = self._known[key] = Pair(self, old, new, direction, old_at, new_at, uses)
            self._waiting.append(known)
            if len(self._known) > MOST:
                raise TooTangled(f"The two designs differ in more than {MOST:,} pairs of schemas: not compared.")
        return known

    def close(self) -> None:
        """Compare what waits, and what comes up meanwhile."""
        while self._waiting:
            self._look(self._waiting.pop())
