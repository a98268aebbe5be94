"""The files of `auth/` as text: read, and every fault of them told with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import msgspec

from portico.access.errors import DeclarationInvalid, Fault
from portico.access.mend import sentence, unknown_field
from portico.design import decode
from portico.design.limits import Unreadable
from portico.design.model import escape
from portico.design.position import positions
from portico.identity.settings import Duration

T = TypeVar("T")

LARGEST = 1_000_000  # bytes
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_AT = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[([0-9]+)\]")


@dataclass(frozen=True, slots=True)
class Declaration:
    """The kind of a file: where it lies, its keys, and the error that tells of its faults."""

    file: Path  # below the project's root
    keys: tuple[str, ...]
    invalid: type[DeclarationInvalid]
    largest: int = LARGEST  # bytes

    def value(self, text: str) -> dict[str, Any]:
        """The mapping that a file holds.

        Args:
            text: the whole of it.

        Raises:
            DeclarationInvalid: it is no YAML, no mapping, or too large.
        """
        if len(text) > self.largest:
            raise self.invalid([Fault(str(self.file), 1, 1, f"The file is larger than {self.largest:,} bytes.")])
        try:
            value = decode.value_of(text, as_json=False)
        except Unreadable as error:
            raise self.invalid([Fault(str(self.file), error.line, error.column, error.message)]) from None
        if value is not None and not isinstance(value, dict):
            begin = f"The file must be a mapping that begins with `{self.keys[0]}:`."
            raise self.invalid([Fault(str(self.file), 1, 1, begin)])
        return value or {}

    def unknown(self, raw: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The faults of keys that there are not."""
        known = ", ".join(self.keys)
        return [
            (f"/{escape(key)}", f"There is no key {key!r}. There are: {known}.") for key in raw if key not in self.keys
        ]

    def named(self, raw: Mapping[str, Any], key: str, kind: type[T]) -> tuple[dict[str, T], list[tuple[str, str]]]:
        """What a mapping of names holds, and its faults.

        Args:
            raw: the file's mapping.
            key: the mapping's place in it.
            kind: what each name stands for.
        """
        said, faults, found = raw.get(key), [], {}
        if said is not None and not isinstance(said, dict):
            return {}, [(f"/{key}", f"{key} must be a mapping of names.")]
        for name, one in (said or {}).items():
            if not NAME.fullmatch(name):
                faults.append((f"/{key}/{escape(name)}", f"{name!r} is no name: up to 64 of A-Z a-z 0-9 _ . -"))
                continue
            try:
                found[name] = convert(one if one is not None else {}, kind)
            except msgspec.ValidationError as error:
                faults.append(placed(f"/{key}/{escape(name)}", kind, str(error)))
        return found, faults

    def refuse(self, text: str, faults: Sequence[tuple[str, str]]) -> NoReturn:
        """Say what is wrong with a file.

        Args:
            text: the whole of it.
            faults: JSON pointers, and sentences.

        Raises:
            DeclarationInvalid: always.
        """
        places = positions(text, {pointer for pointer, _ in faults}, as_json=False)
        raise self.invalid([Fault(str(self.file), *places[pointer], message) for pointer, message in faults])


def convert(value: Any, kind: type[T]) -> T:
    """A declared value as its type.

    Raises:
        msgspec.ValidationError: it does not fit.
    """
    return msgspec.convert(value, kind, dec_hook=_decode)


def placed(pointer: str, kind: Any, message: str) -> tuple[str, str]:
    """What msgspec says, with its path as a JSON pointer, and with the mend.

    Args:
        pointer: of what was converted.
        kind: what it was converted to.
        message: of msgspec's error.
    """
    found = _AT.search(message)
    path, said = ("", message) if found is None else (found[1], message[: found.start()])
    steps = [name or index for name, index in _STEP.findall(path)]
    unknown = unknown_field(said)
    if unknown is not None:
        steps.append(unknown)
    return pointer + "".join(f"/{escape(step)}" for step in steps), sentence(kind, path, said)


def _decode(kind: type, value: Any) -> Any:
    if kind is not Duration:
        raise NotImplementedError
    found = _DURATION.fullmatch(str(value))
    if found is None:
        raise ValueError(f"{value!r} is no duration: 900, 15m or 12h")
    return Duration(float(found[1]) * _UNITS[found[2]])
