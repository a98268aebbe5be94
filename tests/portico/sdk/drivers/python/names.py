"""What the SDK calls things, and values as somebody who uses it would give them."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import playground

NAMES: Mapping[str, Mapping[str, str]] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["names"]


def _modules() -> dict[str, ModuleType]:
    """All modules of the package, by the last part of their names."""
    found = pkgutil.walk_packages(playground.__path__, "playground.")
    names = [one.name for one in found if "httpx" not in one.name and "tests" not in one.name]
    return {name.rpartition(".")[2]: importlib.import_module(name) for name in names}


_RUNTIME = _modules()
_OPERATIONS = {
    one.id: one
    for module in _RUNTIME.values()
    for one in vars(module).values()
    if isinstance(one, _RUNTIME["operation"].Operation)
}
_CODECS = _RUNTIME["codec"].codecs_of(_RUNTIME["models"].__name__)


class Named:
    """One operation.

    Args:
        operation: its id.
        key: its method and path, by which names are recorded.
    """

    def __init__(self, operation: str, key: str) -> None:
        self._described = _OPERATIONS[operation]
        self._arguments = dict(_wire_names(NAMES.get(f"arguments {key}", {})))
        self.method = NAMES["methods"][key]
        self.iterate = NAMES["methods"].get(f"{key} pages", "")

    def argument(self, wire: str) -> str:
        """What an argument is called; one that is not known stays what it is."""
        return self._arguments.get(wire, wire)

    def value(self, wire: str, given: Any) -> Any:
        """An argument: a date is a date, and an object a model."""
        kinds = {one.argument: one.type for one in self._described.parameters}
        kind = kinds.get(self.argument(wire))
        return given if kind is None else _read(kind, given)

    def body(self, given: Any, content_type: str | None) -> Any:
        """A body: an object is a model, where it is sent as JSON."""
        contents = self._described.bodies
        chosen = next((one for one in contents if one.media_type == content_type), contents[0])
        return _read(chosen.type, given) if chosen.kind == "json" else given


def _wire_names(arguments: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """By the names on the wire; those of parameters win over those of properties."""
    for key, name in sorted(arguments.items(), key=lambda item: not item[0].startswith("property:")):
        yield key.partition(":")[2], name


def _read(kind: Any, given: Any) -> Any:
    """What the SDK makes of a value; what it cannot read is given as it is."""
    if not _is_wire(given):
        return given
    raw = _RUNTIME["jsontext"].read(written(given).encode(), exact=True)
    try:
        return _CODECS.get(kind).read(raw)
    except ValueError:
        return given


def _is_wire(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_wire, value.values()))
    if isinstance(value, list):
        return all(map(_is_wire, value))
    return value is None or isinstance(value, str | int | float | Decimal)


def shown(value: Any) -> Any:
    """A value in its wire form, as the SDK writes it."""
    text = _RUNTIME["jsontext"].write(_RUNTIME["codec"].plain(value))
    return json.loads(text, parse_float=Decimal)


def written(value: Any) -> str:
    """JSON with all digits of decimals."""
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{json.dumps(name)}:{written(one)}' for name, one in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(written, value))}]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)
