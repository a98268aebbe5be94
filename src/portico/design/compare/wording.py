"""Words and examples outside schemas."""

from __future__ import annotations

from collections.abc import Sequence

from portico.design.compare.phrases import canonical
from portico.design.compare.remarks import reworded
from portico.design.compare.scope import Scope
from portico.design.model import Example


def reword(scope: Scope, old: object, new: object, *fields: str) -> None:
    """Note the texts of two parts of the model that read differently.

    Args:
        scope: where they are.
        old: the part before.
        new: the part after.
        fields: their fields that hold texts; "examples" holds examples.
    """
    for name in fields:
        was, comes = getattr(old, name), getattr(new, name)
        if name == "examples":
            if _values(was) != _values(comes):
                scope.say("example-changed", "The example is another.")
        elif was != comes:
            scope.say("description-changed", reworded(name, was, comes))


def _values(examples: Sequence[Example]) -> list[str]:
    return [f"{one.name} {one.summary} {canonical(one.value)}" for one in examples]
