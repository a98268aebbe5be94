"""A document as it was at a revision of git: with all that it may refer to, in a folder of its own.

git is asked with arguments that cannot be options, and only for what is committed: nothing of it is run or checked out.
"""

from __future__ import annotations

import re
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO

from portico.design.limits import MAX_BYTES
from portico.errors import PorticoError

_SPEC = re.compile(r"(?P<revision>[^:{}]*(?:\{[^}]*\}[^:{}]*)*):(?P<path>.+)", re.DOTALL)
_SUFFIXES = (".yaml", ".yml", ".json")
_COMMIT = re.compile(r"[0-9a-f]{40,64}")
_PATIENCE = 60.0  # seconds
_MOST = 512_000_000  # bytes of all documents of a revision


class RevisionUnusable(PorticoError):
    """A document of a revision cannot be had."""


def split(spec: str) -> tuple[str, str] | None:
    """`HEAD~1:specs/shop.yaml` as revision and path; None where it is nothing of the kind."""
    found = _SPEC.fullmatch(spec)
    return (found["revision"], found["path"]) if found is not None else None


@contextmanager
def document(revision: str, path: str, cwd: Path) -> Iterator[tuple[Path, Path]]:
    """The file of a document at a revision, and the folder that its references may lead to; both go at the end.

    Args:
        revision: as git names one: "HEAD~1", "v1.2.0", "main@{yesterday}".
        path: from the top of the repository, as git has it, or from the working directory.
        cwd: the working directory.

    Raises:
        RevisionUnusable: git is missing, or there is no such revision or file.
    """
    commit = _commit(revision, cwd)
    top = Path(_git("rev-parse", "--show-toplevel", cwd=cwd))
    name = _name(commit, revision, path, cwd, top)
    folder = _project(name)
    with TemporaryDirectory(prefix="portico-diff-") as temporary:
        root = Path(temporary).resolve()
        _export(f"{commit}:{folder.as_posix()}" if folder.parts else commit, top, root)
        yield root / name.relative_to(folder), root


def _commit(revision: str, cwd: Path) -> str:
    if not revision or revision.startswith("-"):
        raise RevisionUnusable(f"{revision!r} is no revision. Name one before the colon: HEAD~1:specs/shop.yaml")
    found = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", cwd=cwd)
    if not _COMMIT.fullmatch(found):
        raise RevisionUnusable(f"git knows no revision {revision!r} here. See: git log --oneline")
    return found


def _name(commit: str, revision: str, path: str, cwd: Path, top: Path) -> PurePosixPath:
    """The name of the file below the top of the repository."""
    prefix = PurePosixPath(_git("rev-parse", "--show-prefix", cwd=cwd))
    for name in (PurePosixPath(path), prefix / path):
        clean = not name.is_absolute() and ".." not in name.parts and "\0" not in path
        if clean and _git("cat-file", "-t", f"{commit}:{name.as_posix()}", cwd=top) == "blob":
            return name
    raise RevisionUnusable(f"There is no file {path} at {revision}. See: git ls-tree -r --name-only {revision}")


def _project(name: PurePosixPath) -> PurePosixPath:
    """The folder that references may lead to: the project's, else the document's own."""
    return name.parent.parent if name.parent.name == "specs" else name.parent


def _git(*words: str, cwd: Path) -> str:
    """What git answers, without the line's end; nothing where it fails."""
    try:
        done = subprocess.run(["git", *words], cwd=cwd, capture_output=True, timeout=_PATIENCE)  # noqa: S603, S607
    except FileNotFoundError:
        raise RevisionUnusable("git is not installed, and is needed for REVISION:FILE.") from None
    except subprocess.TimeoutExpired:
        raise RevisionUnusable(f"git did not answer within {_PATIENCE:g} seconds.") from None
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n") if done.returncode == 0 else ""


def _export(tree: str, top: Path, root: Path) -> None:
    """Write the documents of a tree below a folder."""
    command = ["git", "archive", "--format=tar", tree]
    with subprocess.Popen(command, cwd=top, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as git:  # noqa: S603
        try:
            with tarfile.open(fileobj=git.stdout, mode="r|") as archive:
                _unpack(archive, root)
        except tarfile.TarError:
            raise RevisionUnusable("git does not give the files of that revision.") from None
        finally:
            git.kill()


def _unpack(archive: tarfile.TarFile, root: Path) -> None:
    """Take out the documents: plain files only, below the folder only."""
    size = 0
    for member in archive:
        name = PurePosixPath(member.name)
        usable = member.isfile() and name.suffix in _SUFFIXES and member.size <= MAX_BYTES
        if not usable or name.is_absolute() or ".." in name.parts:
            continue
        size += member.size
        if size > _MOST:
            raise RevisionUnusable(f"The documents of that revision are larger than {_MOST:,} bytes.")
        content = archive.extractfile(member)
        if content is not None:
            _write(content, root / name)


def _write(content: IO[bytes], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.read())
