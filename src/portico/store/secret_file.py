"""Where the project's secret lies: in the variable PORTICO_SECRET, else in the file `.portico/secret`.

Both hold the current secret, then earlier ones, separated by blanks or line ends. Only the project's owner may read the
file.
"""

from __future__ import annotations

import logging
import os
import stat
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from portico.store.errors import SecretMissing

log = logging.getLogger("portico.store")

VARIABLE = "PORTICO_SECRET"
FILE = Path(".portico/secret")


def read(root: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Every secret of the project in `root`, the current one first; empty where there is none.

    Args:
        root: the project's folder.
        environ: the environment variables.

    Raises:
        SecretMissing: the file cannot be read.
    """
    return tuple((environ.get(VARIABLE, "") or _text(root / FILE)).split())


def create(root: Path, secret: str) -> bool:
    """Write the file, unless there is one.

    Args:
        root: the project's folder.
        secret: the project's secret.

    Raises:
        SecretMissing: it cannot be written.
    """
    path = root / FILE
    try:
        written = _written(path, [secret])
        try:
            os.link(written, path)  # all of it or nothing, and never over another
        except FileExistsError:
            return False
        finally:
            written.unlink()
    except OSError as error:
        raise SecretMissing(f"{path} cannot be written: {error.strerror}. Or set {VARIABLE}.") from None
    return True


def replace(root: Path, secrets: Sequence[str]) -> None:
    """Write the file in the place of the one that is there.

    Args:
        root: the project's folder.
        secrets: the current secret and those before it.

    Raises:
        SecretMissing: it cannot be written.
    """
    path = root / FILE
    try:
        _written(path, secrets).replace(path)
    except OSError as error:
        raise SecretMissing(f"{path} cannot be written: {error.strerror}.") from None


def watch(root: Path) -> Callable[[], tuple[str, ...] | None]:
    """A function that gives the file's secrets when it has changed since the last call, and otherwise None."""
    path, seen = root / FILE, _state(root / FILE)

    def again() -> tuple[str, ...] | None:
        nonlocal seen
        now = _state(path)
        if now == seen or now is None:
            return None
        seen = now
        return tuple(_text(path).split())

    return again


def _text(path: Path) -> str:
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            log.warning("others than its owner may read %s: chmod 600 %s", FILE, path)
        return path.read_text("ascii")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SecretMissing(f"{path} cannot be read: {error}.") from None


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _written(path: Path, secrets: Sequence[str]) -> Path:
    """A file beside `path` that only its owner may read."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".secret-", dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write("".join(f"{secret}\n" for secret in secrets))
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
