"""A document in one piece, in its own version: what other files hold is taken in."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from portico.design.place import Place
from portico.design.references import References


class Document(Mapping[str, Any]):
    """The document of an Api: read-only, and packed until somebody looks, for serving needs none of it."""

    __slots__ = ("_packed", "_value")

    def __init__(self, root: Place, references: References) -> None:
        self._packed = zlib.compress(msgspec.json.encode(root.value), 1)
        self._value: dict[str, Any] | None = None

    def unpack(self) -> dict[str, Any]:
        """A copy of one's own."""
        value: dict[str, Any] = msgspec.json.decode(zlib.decompress(self._packed))
        return value

    def _held(self) -> dict[str, Any]:
        if self._value is None:
            self._value = self.unpack()
        return self._value

    def __getitem__(self, key: str) -> Any:
        return self._held()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held())

    def __len__(self) -> int:
        return len(self._held())
