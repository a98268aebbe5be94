"""Files kept in memory, as many as fit."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from portico.site.content import Text, signature
from portico.site.folder import Found


class Shelf:
    """The files that were read last, with their compressed forms, bounded by their weight.

    Args:
        capacity: bytes of all the files together.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.weight = 0  # bytes of everything that is kept
        self._kept: OrderedDict[Path, tuple[tuple[int, int, int], int, Text]] = OrderedDict()

    def get(self, found: Found) -> Text | None:
        """The file as it is on disk now, if it is here."""
        kept = self._kept.get(found.path)
        return kept[2] if kept is not None and kept[0] == signature(found.status) else None

    def put(self, found: Found, text: Text) -> None:
        """Keep a file that was just used, as heavy as it is now; those unused for longest make room."""
        self._drop(found.path)
        self._kept[found.path] = (signature(found.status), text.weight, text)
        self.weight += text.weight
        while self.weight > self.capacity:
            self._drop(next(iter(self._kept)))

    def _drop(self, path: Path) -> None:
        kept = self._kept.pop(path, None)
        if kept is not None:
            self.weight -= kept[1]
