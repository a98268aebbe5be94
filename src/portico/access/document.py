"""`auth/roles.yaml` as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import msgspec

from portico.access.declaration import Declaration, convert, placed
from portico.access.declared import Role
from portico.access.errors import RolesInvalid

FILE = Path("auth/roles.yaml")
DECLARATION = Declaration(FILE, ("roles", "clients"), RolesInvalid)


@dataclass(frozen=True, slots=True)
class Document:
    """What a file declares."""

    text: str
    roles: Mapping[str, Role]
    clients: tuple[str, ...] | None  # whose tokens may be exchanged; None: nothing is said

    def refuse(self, faults: Sequence[tuple[str, str]]) -> NoReturn:
        """Say what is wrong with it.

        Args:
            faults: JSON pointers, and sentences.

        Raises:
            RolesInvalid: always.
        """
        DECLARATION.refuse(self.text, faults)


def read(text: str) -> Document:
    """Read a file.

    Args:
        text: the whole of it.

    Raises:
        RolesInvalid: it is not YAML, or says something that there is not.
    """
    raw = DECLARATION.value(text)
    roles, faults = DECLARATION.named(raw, "roles", Role)
    faults = [*DECLARATION.unknown(raw), *faults]
    clients = None
    try:
        clients = convert(raw.get("clients"), tuple[str, ...] | None)  # type: ignore[arg-type]
    except msgspec.ValidationError as error:
        faults.append(placed("/clients", tuple[str, ...], str(error)))
    if faults:
        DECLARATION.refuse(text, faults)
    return Document(text, roles, clients)
