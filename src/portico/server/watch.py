"""Noticing that a project has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from watchfiles import Change, awatch

FOLDERS = ("specs", "handlers")  # watched with all below
SUFFIXES = frozenset({".py", ".yaml", ".yml", ".json", ".toml", ".j2", ".html", ".txt", ".md", ".csv"})
"""What handlers and documents are made of. A database that a handler writes beside itself is no change."""

SETTLED = 50  # ms without a change: then an editor, or a checkout, has finished


class Watcher:
    """Follows the files of a project. Nothing that changes between two looks is missed, because it never stops."""

    def __init__(self, root: Path, changed: asyncio.Event) -> None:
        """Follow a project from now on.

        Args:
            root: the project's folder.
            changed: set whenever something has changed.
        """
        self._root = root
        self._changed = changed
        self._files: frozenset[str] = frozenset()
        self._tasks: dict[tuple[Path, bool], asyncio.Task[None]] = {}
        self.follow([])

    def follow(self, files: Sequence[str]) -> None:
        """Follow these files too, instead of those that were named before.

        Args:
            files: absolute paths, beside the configuration and the folders that are followed anyway.
        """
        self._files = frozenset(files)
        wanted = _folders(self._root, files)
        for key in wanted - self._tasks.keys():
            self._tasks[key] = asyncio.create_task(self._follow(*key))
        for key in self._tasks.keys() - wanted:
            self._tasks.pop(key).cancel()

    def close(self) -> None:
        """Follow nothing any more."""
        for task in self._tasks.values():
            task.cancel()

    async def _follow(self, folder: Path, recursive: bool) -> None:
        async for _ in awatch(
            folder, watch_filter=self._counts, recursive=recursive, step=SETTLED, raise_interrupt=False
        ):
            self._changed.set()

    def _counts(self, _change: Change, path: str) -> bool:
        return concerns(self._root, Path(path), self._files)


def _folders(root: Path, files: Sequence[str]) -> set[tuple[Path, bool]]:
    """The folders to follow, and whether with all below."""
    deep = [folder for name in FOLDERS if (folder := root / name).is_dir()]
    flat = {Path(file).parent for file in files} | {root}
    return {(folder, True) for folder in deep} | {
        (folder, False)
        for folder in flat
        if folder.is_dir() and not any(folder.is_relative_to(other) for other in deep)
    }


def concerns(root: Path, path: Path, files: frozenset[str]) -> bool:
    """Whether a changed file makes a reload worth while.

    Args:
        root: the project's folder.
        path: what has changed.
        files: single files that matter, absolute.
    """
    if not path.is_relative_to(root):
        return False
    parts = path.relative_to(root).parts
    if any(part.startswith(".") or part == "__pycache__" for part in parts):
        return False
    if len(parts) == 1:
        return parts[0] == "portico.toml" or str(path) in files
    return str(path) in files or (parts[0] in FOLDERS and path.suffix in SUFFIXES)
