"""A node of a document that knows where it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portico.design.model import Location, escape


class Place:
    """A value in a file, and the way to it. The pointer is only written out when somebody asks."""

    __slots__ = ("file", "parent", "token", "value")

    def __init__(self, value: Any, file: str, parent: Place | None = None, token: str | int = "") -> None:
        self.value = value
        self.file = file
        self.parent = parent
        self.token = token

    def child(self, token: str | int) -> Place:
        """The node under a key or an index that exists."""
        return Place(self.value[token], self.file, self, token)

    def get(self, key: str) -> Place | None:
        """The node under a key; None when this is not a mapping or has no such key."""
        if type(self.value) is dict and key in self.value:
            return Place(self.value[key], self.file, self, key)
        return None

    def members(self) -> Iterator[tuple[str, Place]]:
        """The keys and nodes of a mapping; nothing for anything else."""
        if type(self.value) is dict:
            for key, value in self.value.items():
                yield key, Place(value, self.file, self, key)

    def items(self) -> Iterator[Place]:
        """The nodes of a list; nothing for anything else."""
        if type(self.value) is list:
            for index, value in enumerate(self.value):
                yield Place(value, self.file, self, index)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The keys and indexes that lead here from the file's root."""
        tokens: list[str] = []
        place: Place = self
        while place.parent is not None:
            tokens.append(str(place.token))
            place = place.parent
        return tuple(reversed(tokens))

    @property
    def pointer(self) -> str:
        """The JSON pointer (RFC 6901)."""
        return "".join(f"/{escape(token)}" for token in self.tokens)

    @property
    def location(self) -> Location:
        """The file and the pointer."""
        return Location(self.file, self.pointer)

    @property
    def reference(self) -> str | None:
        """The target of a Reference Object."""
        target = self.value.get("$ref") if type(self.value) is dict else None
        return target if isinstance(target, str) else None
