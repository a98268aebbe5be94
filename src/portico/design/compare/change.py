"""What a comparison gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from portico.design.compare.rules import Effect
from portico.design.model import Location
from portico.errors import PorticoError

Verdict = Literal["major", "minor", "patch", "none"]

_VERDICTS: tuple[tuple[Effect, Verdict], ...] = (("breaking", "major"), ("compatible", "minor"), ("cosmetic", "patch"))


class TooTangled(PorticoError):
    """The schemas of two designs refer to each other in more ways than are compared."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change, told once however many operations it is part of.

    The texts hold names and values of the documents, shortened but as they are: escape them for where they are shown.
    """

    severity: Effect  # what it does to clients
    rule: str  # "operation-removed": see RULES
    operation: str | None  # the id of the first operation that it is part of; the old one's only where it was removed
    place: str  # "POST /checkout request body /deliveryDate and 49 other operations"
    text: str  # one sentence: what changed, from what to what
    old: Location | None = None  # in the old design, or the closest thing around it
    new: Location | None = None  # in the new one
    operations: tuple[str, ...] = ()  # the ids of all operations that it is part of


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes: the breaking ones first, then in the order of the old document."""

    changes: tuple[Change, ...]

    @property
    def verdict(self) -> Verdict:
        """Which part of the version grows (Semantic Versioning 2.0.0, 6 to 8)."""
        found = {change.severity for change in self.changes}
        return next((verdict for effect, verdict in _VERDICTS if effect in found), "none")

    def of(self, severity: Effect) -> Iterator[Change]:
        """The changes of one severity."""
        return (change for change in self.changes if change.severity == severity)
