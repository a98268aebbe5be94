"""Noticing that a project has changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from watchfiles import Change, awatch

FOLDERS = ("specs", "handlers")  # watched with all below
SUFFIXES = frozenset({".py", ".yaml", ".yml", ".json", ".toml", ".j2", ".html", ".txt", ".md", ".csv"})
"""What handlers and documents are made of. A database that a handler writes beside itself is no change."""

SETTLED = 50  # ms without a change: then an editor, or a checkout, has finished


async def changes(root: Path, files: Callable[[], Sequence[str]]) -> AsyncIterator[list[str]]:
    """The paths that have changed, relative to the root, each time that some have.

    Args:
        root: the project's folder.
        files: what it is made from, beside its configuration and the folders above; asked again after each change.
    """
    while True:
        watched = _folders(root, files())
        async for changed in _merged(root, watched, lambda: frozenset(files())):
            yield sorted(str(Path(path).relative_to(root)) for path in changed)
            if _folders(root, files()) != watched:
                break


def _folders(root: Path, files: Sequence[str]) -> tuple[list[Path], list[Path]]:
    """The folders to watch with all below, and those of single files."""
    deep = [folder for name in FOLDERS if (folder := root / name).is_dir()]
    beside = {Path(file).parent for file in files} | {root}
    return deep, sorted(
        folder for folder in beside if folder.is_dir() and not any(folder.is_relative_to(d) for d in deep)
    )


async def _merged(
    root: Path, folders: tuple[list[Path], list[Path]], files: Callable[[], frozenset[str]]
) -> AsyncIterator[set[str]]:
    queue: asyncio.Queue[set[str]] = asyncio.Queue()
    stop = asyncio.Event()

    def counts(_change: Change, path: str) -> bool:
        return concerns(root, Path(path), files())

    async def follow(paths: list[Path], *, recursive: bool) -> None:
        async for batch in awatch(
            *paths, watch_filter=counts, recursive=recursive, step=SETTLED, stop_event=stop, raise_interrupt=False
        ):
            queue.put_nowait({path for _, path in batch})

    deep, flat = folders
    tasks = [asyncio.create_task(follow(paths, recursive=paths is deep)) for paths in (deep, flat) if paths]
    try:
        while True:
            yield await queue.get()
    finally:
        stop.set()
        await asyncio.gather(*tasks, return_exceptions=True)


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
