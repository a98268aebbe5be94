"""`auth/roles.yaml` as text: read, and every fault of it told with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from portico.access.declared import Role
from portico.access.errors import Fault, RolesInvalid
from portico.design import decode
from portico.design.limits import Unreadable
from portico.design.model import escape
from portico.design.position import positions
from portico.identity.settings import Duration

FILE = Path("auth/roles.yaml")
LARGEST = 1_000_000  # bytes
KEYS = ("roles", "clients")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_AT = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[([0-9]+)\]")


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
        _refuse(self.text, faults)


def read(text: str) -> Document:
    """Read a file.

    Args:
        text: the whole of it.

    Raises:
        RolesInvalid: it is not YAML, or says something that there is not.
    """
    raw = _value(text)
    faults = [(f"/{escape(key)}", f"There is no key {key!r}. There are: {', '.join(KEYS)}.") for key in _extra(raw)]
    said = raw.get("roles")
    if said is not None and not isinstance(said, dict):
        faults.append(("/roles", "roles must be a mapping: a name, and what the role may do."))
        said = None
    roles: dict[str, Role] = {}
    for name, one in (said or {}).items():
        if not _NAME.fullmatch(name):
            faults.append((f"/roles/{escape(name)}", f"{name!r} is no name: up to 64 of A-Z a-z 0-9 _ . -"))
            continue
        try:
            roles[name] = msgspec.convert(one if one is not None else {}, Role, dec_hook=_decode)
        except msgspec.ValidationError as error:
            faults.append(_placed(f"/roles/{escape(name)}", str(error)))
    try:
        clients = msgspec.convert(raw.get("clients"), tuple[str, ...] | None)
    except msgspec.ValidationError as error:
        faults.append(_placed("/clients", str(error)))
        clients = None
    if faults:
        _refuse(text, faults)
    return Document(text, roles, clients)


def _value(text: str) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise RolesInvalid([Fault(str(FILE), 1, 1, f"The file is larger than {LARGEST:,} bytes.")])
    try:
        value = decode.value_of(text, as_json=False)
    except Unreadable as error:
        raise RolesInvalid([Fault(str(FILE), error.line, error.column, error.message)]) from None
    if value is not None and not isinstance(value, dict):
        raise RolesInvalid([Fault(str(FILE), 1, 1, "The file must be a mapping that begins with `roles:`.")])
    return value or {}


def _extra(raw: Mapping[str, Any]) -> list[str]:
    return [key for key in raw if key not in KEYS]


def _placed(pointer: str, message: str) -> tuple[str, str]:
    """What msgspec says, with its path as a JSON pointer."""
    found = _AT.search(message)
    if found is None:
        return pointer, f"{message}."
    steps = (name or index for name, index in _STEP.findall(found[1]))
    return pointer + "".join(f"/{escape(step)}" for step in steps), f"{message[: found.start()]}."


def _decode(kind: type, value: Any) -> Any:
    if kind is not Duration:
        raise NotImplementedError
    found = _DURATION.fullmatch(str(value))
    if found is None:
        raise ValueError(f"{value!r} is no duration: 900, 15m or 12h")
    return Duration(float(found[1]) * _UNITS[found[2]])


def _refuse(text: str, faults: Sequence[tuple[str, str]]) -> NoReturn:
    places = positions(text, {pointer for pointer, _ in faults}, as_json=False)
    raise RolesInvalid([Fault(str(FILE), *places[pointer], message) for pointer, message in faults])
