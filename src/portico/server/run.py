"""The run folder: where the processes of one server leave what they share.

It lies in the project (`.portico/run/`), or in the system's folder for temporary files where the project cannot be
written to. Only its owner may enter it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

LOCK = "lock"


@contextlib.contextmanager
def run_folder(root: Path) -> Iterator[Path]:
    """A folder for one server, removed when it ends. What servers left that were killed is removed first.

    Args:
        root: the project's folder.
    """
    folder, lock = _make(root)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _make(root: Path) -> tuple[Path, int]:
    try:
        base = root / ".portico" / "run"
        base.mkdir(parents=True, exist_ok=True)
        gate = _lock(base / LOCK)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="portico-"))
        return folder, _lock(folder / LOCK)
    try:  # nobody else makes or removes a folder meanwhile
        _tidy(base)
        folder = Path(tempfile.mkdtemp(prefix="serve-", dir=base))
        return folder, _lock(folder / LOCK)
    finally:
        os.close(gate)


def _tidy(base: Path) -> None:
    for folder in base.glob("serve-*"):
        with contextlib.suppress(OSError):
            held = _lock(folder / LOCK, wait=False)  # a server that runs holds it
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)


def _lock(path: Path, *, wait: bool = True) -> int:
    """An open, locked file. The lock goes with the process, however it ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
