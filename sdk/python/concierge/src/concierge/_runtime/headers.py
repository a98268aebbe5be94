"""Headers of an answer, and what may be a header of a request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FRAMING = frozenset(("host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"))
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Headers(Mapping[str, str]):
    """Headers by name; case does not matter. Values of one name are joined with commas (RFC 9110 section 5.3)."""

    __slots__ = ("_values", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs = tuple(pairs)  # as they came
        values: dict[str, str] = {}
        for name, value in self.pairs:
            name = name.lower()
            values[name] = f"{values[name]}, {value}" if name in values else value
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({sorted(self._values)})"  # values may be secrets


def fault(name: str, value: str) -> str | None:
    """Why this cannot be a header of a request; None where it can (RFC 9110 section 5).

    Args:
        name: of the header.
        value: of the header.
    """
    if not _NAME.fullmatch(name):
        return f"{name[:40]!r} is no name of a header"
    if name.lower() in _FRAMING:
        return f"{name} is made by the client"
    if _FORBIDDEN.search(value):
        return f"the header {name} has a control character"
    return None


def cookie_fault(name: str) -> str | None:
    """Why a cookie cannot be called that; None where it can (RFC 6265 section 4.1.1: a token).

    Args:
        name: of the cookie.
    """
    return None if _NAME.fullmatch(name) else f"{name[:40]!r} is no name of a cookie"
