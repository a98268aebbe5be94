"""Where tokens are kept between calls: in memory, or in a file that only its owner can read."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import stat
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from .identity import Tokens

_LARGEST = 1_000_000  # bytes of a file of tokens


class TokenStore(Protocol):
    """Keeps tokens. Anything that does may be given to a client. One that several programs use has `claim`, too."""

    def load(self, key: str) -> Tokens | None:
        """The tokens that are kept; None where there are none.

        Args:
            key: names the provider and the application.
        """

    def save(self, key: str, tokens: Tokens | None) -> None:
        """Keep tokens.

        Args:
            key: names the provider and the application.
            tokens: to keep; None forgets.
        """


class MemoryTokenStore:
    """Keeps tokens as long as the program runs."""

    def __init__(self) -> None:
        self._kept: dict[str, Tokens] = {}

    def load(self, key: str) -> Tokens | None:
        """The tokens that are kept."""
        return self._kept.get(key)

    def save(self, key: str, tokens: Tokens | None) -> None:
        """Keep tokens, or forget them."""
        if tokens is None:
            self._kept.pop(key, None)
        else:
            self._kept[key] = tokens


class FileTokenStore:
    """Keeps tokens in a file with mode 0600, below a folder with mode 0700.

    Args:
        place: the path of the file, or the name of an application: the file is then where the system keeps such data.
    """

    def __init__(self, place: str | Path) -> None:
        named = isinstance(place, str) and os.sep not in place and "/" not in place
        self.path = data_folder() / str(place) / "tokens.json" if named else Path(place)
        self._lock = threading.Lock()

    def load(self, key: str) -> Tokens | None:
        """The tokens that are kept."""
        with self._lock:
            found = self._read().get(key)
        return Tokens.of_json(found) if isinstance(found, dict) else None

    def save(self, key: str, tokens: Tokens | None) -> None:
        """Keep tokens, or forget them. The file is replaced at once: nobody sees half of one."""
        with self._lock:
            kept = self._read()
            if tokens is None:
                kept.pop(key, None)
            else:
                kept[key] = tokens.as_json()
            self._write(json.dumps(kept, indent=1).encode())

    def claim(self) -> Callable[[], object] | None:
        """Be the only program that renews the tokens.

        Returns:
            what ends the claim; None where another program renews them. It ends with the program at the latest.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside = self.path.with_name(f"{self.path.name}.lock")
            file = os.open(beside, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        except OSError:
            return lambda: None  # nothing can be kept here, so nobody else does
        try:
            _lock(file)
        except BlockingIOError:
            os.close(file)
            return None
        except OSError:  # a file system without locks
            pass
        return functools.partial(os.close, file)

    def _read(self) -> dict[str, Any]:
        try:
            file = os.open(self.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except OSError:
            return {}
        with os.fdopen(file, "rb") as opened:
            if not _is_ours(os.fstat(opened.fileno())):
                return {}
            try:
                found = json.loads(opened.read(_LARGEST))
            except ValueError:
                return {}
        return found if isinstance(found, dict) else {}

    def _write(self, content: bytes) -> None:
        folder = self.path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file, name = tempfile.mkstemp(dir=folder, prefix=".tokens-")  # mode 0600, and never an existing file
        try:
            with os.fdopen(file, "wb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(opened.fileno())
            os.replace(name, self.path)  # a link is replaced, not followed
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise


def _lock(file: int) -> None:
    """Lock an open file, until it is closed.

    Raises:
        BlockingIOError: it is locked.
    """
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            raise BlockingIOError from None
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_ours(status: os.stat_result) -> bool:
    """Whether nobody else could have written the file."""
    owned = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    return stat.S_ISREG(status.st_mode) and owned and (os.name == "nt" or not status.st_mode & 0o022)


def data_folder() -> Path:
    """Where the system keeps what applications remember of their user."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
