"""Files that commands read and write, and how far they are."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def reading(file: Path) -> Iterator[BinaryIO]:
    """A file, or the pipe where it is called `-`.

    Args:
        file: its path.

    Raises:
        FileRefused: it cannot be read.
    """
    from portico.identity.transfer import FileRefused

    if str(file) == "-":
        yield sys.stdin.buffer
        return
    try:
        source = file.open("rb")
    except OSError as error:
        raise FileRefused(f"{file} cannot be read: {error.strerror}.") from None
    with source:
        yield source


@contextlib.contextmanager
def writing(file: Path) -> Iterator[Callable[[str], object]]:
    """A file that only its owner reads, and that was not there before; or the pipe where it is called `-`.

    Args:
        file: its path.

    Raises:
        FileRefused: it is there already, or cannot be written.
    """
    from portico.identity.transfer import FileRefused

    if str(file) == "-":
        yield sys.stdout.write
        return
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise FileRefused(f"{file} cannot be written: {error.strerror}. It must not be there yet.") from None
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as target:
        yield target.write


def size_of(source: BinaryIO) -> int | None:
    """Bytes of a file; None of a pipe.

    Args:
        source: at its beginning, where it is left.
    """
    if not source.seekable():
        return None
    size = source.seek(0, os.SEEK_END)
    source.seek(0)
    return size


@contextlib.contextmanager
def bar(size: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, which is told how many bytes are read; nothing into a pipe.

    Args:
        size: bytes; None: nobody knows.
    """
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    from portico.cli import terminal

    shown = Progress(
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=terminal.err(),
        transient=True,
        disable=not terminal.err().is_terminal,
    )
    with shown:
        task = shown.add_task("import", total=size)
        yield lambda position: shown.update(task, completed=position)
