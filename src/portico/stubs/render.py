"""Stubs as text, formatted as `ruff format` and Black do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from portico.stubs.stub import Stub
from portico.stubs.text import docstring

WIDTH = 88  # the formatters' own default; a trailing comma keeps what is broken here broken at any width


@dataclass(frozen=True, slots=True)
class Own:
    """What of a signature is the person's to decide."""

    keyword: str = "async def"
    extra: tuple[str, ...] = ()  # parameters that no document provides
    rest: str = ""  # `**kwargs`


def function(stub: Stub, named: Callable[[str], str]) -> str:
    """The whole function.

    Args:
        stub: what it is to be.
        named: gives an annotation with the names as the module knows them.
    """
    return f"{signature(stub, named)}\n{docstring(stub.about)}\n    raise {named('NotWritten')}\n"


def signature(stub: Stub, named: Callable[[str], str], own: Own | None = None) -> str:
    """The lines from `async def` to the colon.

    Args:
        stub: what it is to be.
        named: as for `function`.
        own: what the person decided, which stays.
    """
    own = own or Own()
    needed = [f"{one.name}: {named(one.annotation)}" for one in stub.taken if one.default is None]
    optional = [f"{one.name}: {named(one.annotation)} = {one.default}" for one in stub.taken if one.default is not None]
    parts = [*needed, *(["*"] if optional or own.extra else []), *optional, *own.extra]
    if own.rest or stub.others:
        parts.append(own.rest or f"**others: {named('Any')}")
    opening, closing = f"{own.keyword} {stub.name}(", f") -> {named(stub.returns)}:"
    line = f"{opening}{', '.join(parts)}{closing}"
    if len(line) <= WIDTH or not parts:
        return line
    return "\n".join([opening, *(f"    {part}," for part in parts), closing])


def import_line(module: str, names: Iterable[str]) -> str:
    """An import, sorted as isort does: constants, classes, then the rest."""
    ordered = sorted(set(names), key=_order)
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= WIDTH:
        return f"{line}\n"
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in ordered) + ")\n"


def _order(name: str) -> tuple[int, list[tuple[int, str]], str]:
    """Constants, classes, the rest; each in natural order, whatever the case."""
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    parts = [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name.lower()) if part]
    return kind, parts, name
