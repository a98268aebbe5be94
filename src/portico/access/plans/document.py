"""`auth/plans.yaml` as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import msgspec

from portico.access.declaration import Declaration, convert, placed
from portico.access.errors import PlansInvalid
from portico.access.plans.declared import Limit, Plan

FILE = Path("auth/plans.yaml")
DECLARATION = Declaration(FILE, ("plans", "limits"), PlansInvalid)


@dataclass(frozen=True, slots=True)
class Document:
    """What a file declares."""

    text: str
    plans: Mapping[str, Plan]
    limits: Sequence[Limit]

    def refuse(self, faults: Sequence[tuple[str, str]]) -> NoReturn:
        """Say what is wrong with it.

        Args:
            faults: JSON pointers, and sentences.

        Raises:
            PlansInvalid: always.
        """
        DECLARATION.refuse(self.text, faults)


def read(text: str) -> Document:
    """Read a file.

    Args:
        text: the whole of it.

    Raises:
        PlansInvalid: it is not YAML, or says something that there is not.
    """
    raw = DECLARATION.value(text)
    plans, faults = DECLARATION.named(raw, "plans", Plan)
    faults = [*DECLARATION.unknown(raw), *faults]
    limits: list[Limit] = []
    said = raw.get("limits")
    if said is not None and not isinstance(said, list):
        faults.append(("/limits", "limits must be a list."))
        said = None
    for place, one in enumerate(said or ()):
        try:
            limits.append(convert(one, Limit))
        except msgspec.ValidationError as error:
            faults.append(placed(f"/limits/{place}", Limit, str(error)))
    if faults:
        DECLARATION.refuse(text, faults)
    return Document(text, plans, limits)
