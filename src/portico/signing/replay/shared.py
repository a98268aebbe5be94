"""A guard for the workers of one machine: a file of SQLite that they share."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from portico.signing.errors import ReplayGuardFull

FILE = Path(".portico/replay.sqlite3")
_PATIENCE = 1.0  # seconds that another worker may hold the file
_PAGE = 4_096  # bytes
_TABLE = (
    "CREATE TABLE IF NOT EXISTS seen (second INTEGER NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (second, mark)) "
    "WITHOUT ROWID"
)


class SharedReplayGuard:
    """Remembers 63 bits of each signature in a file of its own, beside the database.

    One statement decides, so two workers never both see a request first. Nothing is written to the disk on purpose
    (`synchronous=OFF`): the file outlives a crash of a worker, and a crash of the machine may lose or spoil it. Then it
    is made anew, and what was signed in the minutes before could be repeated.
    """

    def __init__(self, path: Path, *, limit: int = 256 * 1024 * 1024) -> None:
        """Remember what the file holds.

        Args:
            path: of the file; its folder is made where it is missing.
            limit: bytes that it may take.
        """
        self._path = path
        self._limit = limit
        self._second = 0  # of the last tidying
        self._connection: sqlite3.Connection | None = None
        self._process = 0  # that opened the connection: one must not be carried over a fork

    def first_seen(self, signature: str, until: float, now: float) -> bool:
        """See `ReplayGuard`. It takes some ten microseconds, so it does not leave the event loop's thread."""
        connection = self._connection
        if connection is None or self._process != os.getpid():
            connection = self._open()
        try:
            if int(now) != self._second:
                self._tidy(connection, int(now))
            mark = int(signature[:16], 16) >> 1
            return connection.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (int(until), mark)).rowcount == 1
        except sqlite3.OperationalError as error:  # locked for too long, or full
            raise ReplayGuardFull(f"{self._path.name}: no request can be remembered ({error}).") from error
        except sqlite3.DatabaseError as error:
            self._discard()
            raise ReplayGuardFull(f"{self._path.name} was damaged ({error}); it is made anew.") from error

    async def close(self) -> None:
        """See `ReplayGuard`."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            try:
                self._connection = self._prepared()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:  # damaged
                self._discard()
                self._connection = self._prepared()
        except sqlite3.OperationalError as error:
            raise ReplayGuardFull(f"{self._path.name} cannot be used ({error}).") from error
        self._process = os.getpid()
        return self._connection

    def _prepared(self) -> sqlite3.Connection:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL, 0o600))
        connection = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        pages = self._limit // _PAGE
        for pragma in ("journal_mode=WAL", "synchronous=OFF", f"max_page_count={pages}", "trusted_schema=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(_TABLE)
        return connection

    def _discard(self) -> None:
        """Do away with a damaged file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _tidy(self, connection: sqlite3.Connection, current: int) -> None:
        """Forget what lost its meaning: once a second, so that each time is short."""
        self._second = current
        connection.execute("DELETE FROM seen WHERE second < ?", (current,))
