"""The texts of a design's files, kept small, for positions and for the lines that findings show."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import dataclass

from portico.design.position import Position, positions


@dataclass(frozen=True, slots=True)
class Source:
    """One file's text as it was read (Jinja rendered), compressed: a text of 13 MB takes 1."""

    packed: bytes
    as_json: bool

    @property
    def text(self) -> str:
        """The text."""
        return zlib.decompress(self.packed).decode("utf-8", "surrogatepass")


class Sources:
    """The files of a design, by the names that locations use."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}

    def add(self, file: str, text: str, *, as_json: bool) -> None:
        """Keep a file's text."""
        self._sources[file] = Source(zlib.compress(text.encode("utf-8", "surrogatepass"), 1), as_json)

    def positions(self, file: str, pointers: Collection[str]) -> dict[str, Position]:
        """Lines and columns of nodes; (1, 1) in a file that was not read from a text."""
        source = self._sources.get(file)
        if source is None:
            return dict.fromkeys(pointers, (1, 1))
        return positions(source.text, pointers, as_json=source.as_json)

    def lines(self, file: str) -> list[str]:
        """The lines of a file; none when it was not read from a text."""
        source = self._sources.get(file)
        return [] if source is None else source.text.splitlines()

    def text(self, file: str) -> str | None:
        """The text of a file."""
        source = self._sources.get(file)
        return None if source is None else source.text

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files, in the order of reading."""
        return tuple(self._sources)
