"""From a path in a request to a file in a folder, and to nothing outside it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

_REFUSED = frozenset('\\:*?"<>|') | {chr(code) for code in range(0x20)} | {"\x7f", "\ufffd"}
"""Separators, drives and streams of other systems, wild cards, control characters, undecodable bytes."""


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file below the folder."""

    path: Path  # with every symbolic link followed
    status: os.stat_result


class Folder:
    """A folder whose files may be read by anyone, and whose outside may not.

    A path is taken apart into plain names first. Names that begin with a dot (`..`, `.env`, `.git`) or hold a sign
    that some system reads as more than a name do not exist here. What remains is looked up, and must lie below the
    folder once symbolic links are followed.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))

    def find(self, path: str) -> Found | None:
        """The file at a decoded path, without the leading slash. A folder's is its `index.html`."""
        names = path.split("/")
        if names[-1] == "":
            names[-1] = "index.html"
        target = self._below(names)
        if target is None:
            return None
        try:
            status = target.stat()
        except (OSError, ValueError):
            return None
        return Found(target, status) if stat.S_ISREG(status.st_mode) else None

    def is_folder(self, path: str) -> bool:
        """Whether a folder with an `index.html` is at a decoded path."""
        return not path.endswith("/") and self.find(f"{path}/") is not None

    def _below(self, names: list[str]) -> Path | None:
        if not all(map(_is_plain, names)):
            return None
        try:
            real = os.path.realpath(os.path.join(self.root, *names), strict=True)
            below = os.path.commonpath([real, self.root]) == str(self.root)
        except (OSError, ValueError):  # nothing there, a loop of links, a name too long, a lone surrogate
            return None
        hidden = any(name.startswith(".") for name in Path(real).relative_to(self.root).parts) if below else True
        return None if hidden else Path(real)


def _is_plain(name: str) -> bool:
    """Whether a name is only that, on every system: Windows also drops closing dots and blanks."""
    return bool(name) and name[0] != "." and name[-1] not in ". " and _REFUSED.isdisjoint(name)
