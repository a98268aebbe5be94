"""Finding an API and an operation by name, forgiving capitals and suggesting what was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from portico.design.names import snake
from portico.errors import PorticoError

if TYPE_CHECKING:
    from portico.config import Config
    from portico.design.model import Api, Operation


class NameUnknown(PorticoError):
    """Nothing has that name."""


def find_api(root: Path, settings: Config, name: str) -> Api:
    """The API of that name; no other document is read.

    Raises:
        NameUnknown: no document in specs/ has that name.
        DesignError: the document cannot be used.
    """
    from portico import design
    from portico.project import documents

    paths = {path.stem: path for path in documents(root)}
    path = paths[_match(name, paths, kind="API", where="specs/")]
    return design.read(path, root=root, arguments=settings.design.arguments, remote=settings.design.remote)


def find_operation(api: Api, name: str) -> Operation:
    """The operation of that operationId, or of its name in Python.

    Raises:
        NameUnknown: the API has no such operation.
    """
    operations = {operation.id: operation for operation in api.operations}
    return operations[_match(name, operations, kind="operation", where=api.name)]


def _match(name: str, names: Iterable[str], *, kind: str, where: str) -> str:
    known = list(names)
    if name in known:
        return name
    alike = [other for other in known if other.lower() == name.lower() or snake(other) == snake(name)]
    if len(alike) == 1:
        return alike[0]
    meant = alike or _close(name, known)
    hint = f"Did you mean {' or '.join(meant)}?" if meant else f"There are: {', '.join(known[:20]) or 'none'}."
    said = f"There is no {kind} {name} in {where}." if name else f"Which {kind} of {where}?"
    raise NameUnknown(f"{said} {hint} See: portico routes")


def _close(name: str, known: Iterable[str]) -> list[str]:
    by_lower = {other.lower(): other for other in known}
    return [by_lower[match] for match in difflib.get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)]
