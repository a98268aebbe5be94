"""Writing a package: what has not changed is not touched, and what a person wrote is never lost.

    created, updated, removed    by the generator, which wrote it before and nobody else since
    unchanged                    the bytes are the same
    kept                         a person marked it (`portico: keep` near its top)
    edited                       a person changed what the generator wrote, and did not mark it: nothing is written

Files that the generator never wrote are not looked at.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from portico.errors import PorticoError
from portico.sdkgen import manifest
from portico.sdkgen.language import File
from portico.sdkgen.manifest import Manifest
from portico.sdkgen.names import Recorded

State = Literal["created", "updated", "removed", "unchanged", "kept", "edited"]
MARK = b"portico: keep"
_MARKED_WITHIN = 2_048  # bytes from the top
_HARMLESS = b"portico:  keep"  # the same to readers, and to every language


class Outside(PorticoError):
    """A file would be written outside of its package."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one file."""

    path: str  # relative to the package's folder
    state: State
    content: bytes | None = None  # to be written


def compare(folder: Path, files: Iterable[File], names: Recorded, *, force: bool = False) -> list[Change]:
    """What writing the files would change. Nothing is written.

    Args:
        folder: the package's.
        files: all of them.
        names: to be recorded.
        force: overwrite what a person changed without marking it.

    Raises:
        ManifestBroken: the record of what was written before cannot be read.
        Outside: a path leads out of the folder.
    """
    made = [_unmarked(file) for file in files]
    before = manifest.read(folder)
    changes: list[Change | None] = [_change(folder, file, before, force=force) for file in made]
    wanted = {file.path for file in made}
    changes += [_removal(folder, path, before, force=force) for path in before.files if path not in wanted]
    record = Manifest.of(made, names).encoded()
    changes.append(_own(folder, record))
    return sorted((change for change in changes if change is not None), key=lambda change: change.path)


def write(folder: Path, changes: Iterable[Change]) -> None:
    """Do it. Each file is replaced in one step.

    Args:
        folder: the package's.
        changes: of `compare`.
    """
    for change in changes:
        path = _inside(folder, change.path)
        if change.content is not None:
            _replace(path, change.content)
        elif change.state == "removed":
            path.unlink(missing_ok=True)
            _tidy(folder, path.parent)


def refuse_links(root: Path, folder: Path) -> None:
    """A folder of a project is in the project.

    Args:
        root: of the project.
        folder: below it, which need not be there yet.

    Raises:
        Outside: it is a link, or lies behind one.
    """
    for one in (folder, *folder.parents):
        if one == root:
            return
        if one.is_symlink():
            raise Outside(f"{one} is a link. Nothing is written through links.")


def _unmarked(file: File) -> File:
    """Only a person marks a file to be kept, never a document."""
    top = file.content[:_MARKED_WITHIN]
    if MARK not in top:
        return file
    return File(file.path, top.replace(MARK, _HARMLESS) + file.content[_MARKED_WITHIN:])


def _change(folder: Path, file: File, before: Manifest, *, force: bool) -> Change:
    path = _inside(folder, file.path)
    try:
        there = path.read_bytes()
    except FileNotFoundError:
        return Change(file.path, "created", file.content)
    if there == file.content:
        return Change(file.path, "unchanged")
    if MARK in there[:_MARKED_WITHIN]:
        return Change(file.path, "kept")
    if manifest.digest(there) != before.files.get(file.path) and not force:
        return Change(file.path, "edited")
    return Change(file.path, "updated", file.content)


def _removal(folder: Path, name: str, before: Manifest, *, force: bool) -> Change | None:
    path = _inside(folder, name)
    if not path.is_file():
        return None
    there = path.read_bytes()
    if MARK in there[:_MARKED_WITHIN]:
        return Change(name, "kept")
    return Change(name, "removed" if force or manifest.digest(there) == before.files[name] else "edited")


def _own(folder: Path, record: bytes) -> Change | None:
    path = _inside(folder, manifest.NAME)
    there = path.read_bytes() if path.is_file() else None
    if there == record:
        return None
    return Change(manifest.NAME, "created" if there is None else "updated", record)


def _inside(folder: Path, name: str) -> Path:
    """The file of that name; no link on the way leads elsewhere.

    Raises:
        Outside: it is not in the folder.
    """
    parts = PurePosixPath(name).parts
    path = folder.joinpath(*parts)
    plain = bool(parts) and not PurePosixPath(name).is_absolute() and ".." not in parts
    if not plain or path.is_symlink() or not path.parent.resolve().is_relative_to(folder.resolve()):
        raise Outside(f"{path} is a link, or not in {folder}. Nothing is written through links.")
    return path


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_mask())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _tidy(folder: Path, parent: Path) -> None:
    """Remove folders that became empty, up to the package's own."""
    while parent != folder and not any(parent.iterdir()):
        parent.rmdir()
        parent = parent.parent
