"""Writing files of a project so that nobody ever sees half of one."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from portico.errors import HandlerError


def write(path: Path, content: bytes, *, before: bytes | None) -> None:
    """Replace a file, or make it, in one step.

    Args:
        path: the file; where it is a link, what it leads to.
        content: all of it.
        before: what the file held when it was read; None where it did not exist.

    Raises:
        HandlerError: somebody changed the file meanwhile; nothing is written.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _copy_mode(path, Path(name))
        if (path.read_bytes() if path.exists() else None) != before:
            raise HandlerError(f"{path.name} was changed while stubs were made. Nothing was written; run it again.")
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def _copy_mode(path: Path, other: Path) -> None:
    if path.exists():
        shutil.copymode(path, other)
    else:
        mask = os.umask(0)
        os.umask(mask)
        other.chmod(0o666 & ~mask)
