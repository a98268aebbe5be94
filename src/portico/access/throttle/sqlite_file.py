"""A file of SQLite that several processes write to many times a second, each from inside its event loop.

Nobody may wait there for long: SQLite's own waiting, which begins at a millisecond, is off, and who finds the file busy
tries again after 20 µs. A file that stays busy, or cannot be used, is left alone for a while. What is in it need not
survive a loss of power, so nothing waits for the disk; one that is damaged or deleted begins anew, and every process
notices within a second.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import sqlite3
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn, TypeVar

from portico.access.throttle.store import LimitStoreUnavailable

T = TypeVar("T")
Execute = Callable[..., sqlite3.Cursor]

READ = "BEGIN"  # sees one moment, and waits for nobody; to write then fails where others have written meanwhile
WRITE = "BEGIN IMMEDIATE"

PATIENCE = 0.5  # seconds that others may keep the file from us
NAP = 20e-6  # seconds between two tries
REST = 1.0  # seconds that a file which failed is left alone; twice as long each further time
LONGEST_REST = 8.0  # seconds
LOOK = 1.0  # seconds between two looks whether the file is still the same one

PRAGMAS = (
    "page_size=1024",  # whole pages are written to the log
    "journal_mode=WAL",
    "synchronous=OFF",
    "trusted_schema=OFF",
)
DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})  # the last: other tables

log = logging.getLogger("portico.throttle")

_files: weakref.WeakSet[SharedFile] = weakref.WeakSet()
_inherited: list[sqlite3.Connection | None] = []


class SharedFile:
    """The file, opened at its first use."""

    def __init__(self, path: Path, schema: str, clock: Callable[[], float]) -> None:
        self._path = path
        self._schema = schema
        self._clock = clock
        self._connection: sqlite3.Connection | None = None
        self._execute: Execute = _closed
        self._opened: tuple[int, int] | None = None  # device and inode of the file that the connection has open
        self._looked = 0.0  # when it was last seen to be there
        self._failure: tuple[float, str] | None = None  # when, and how
        self._rests = REST
        _files.add(self)

    def transact(self, begin: str, work: Callable[[Execute], T]) -> T:
        """Run a function in a transaction. It may run more than once.

        Args:
            begin: READ or WRITE.
            work: is given a cursor's `execute`.

        Raises:
            LimitStoreUnavailable: the file cannot be used, or others keep it.
        """
        now = self._clock()
        if self._failure is not None:
            self._rest(now)
        if self._connection is None or not 0.0 <= now - self._looked < LOOK:
            self._look(now)
        try:
            found = self._once(begin, work)
        except sqlite3.DatabaseError as error:
            found = self._patiently(work) if _busy(error) else self._anew(error, work)
        self._rests = REST
        return found

    def close(self) -> None:
        """End. A later use opens it again."""
        connection, self._connection, self._execute = self._connection, None, _closed
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _once(self, begin: str, work: Callable[[Execute], T]) -> T:
        execute = self._execute
        try:
            execute(begin)
            result = work(execute)
            execute("COMMIT")
        except BaseException:
            if self._connection is not None and self._connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    execute("ROLLBACK")
            raise
        return result

    def _patiently(self, work: Callable[[Execute], T]) -> T:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            time.sleep(NAP)
            try:
                return self._once(WRITE, work)
            except sqlite3.DatabaseError as error:
                if not _busy(error):
                    return self._anew(error, work)
        self._fail(f"others keep it for more than {PATIENCE} s")

    def _anew(self, error: sqlite3.DatabaseError, work: Callable[[Execute], T]) -> T:
        """Another try, on another file where this one is damaged; there is no third."""
        try:
            if _damaged(error):
                self._replace(error, self._opened)
            else:
                self._open()
            return self._once(WRITE, work)
        except sqlite3.Error as another:
            self._fail(str(another))

    def _look(self, now: float) -> None:
        """Open the file where it is not open, or where it has been deleted or replaced since."""
        if self._connection is None or self._identity() != self._opened:
            if self._connection is not None:
                log.warning("the limits in %s were deleted or replaced, and are opened again", self._path)
            try:
                self._open()
            except sqlite3.Error as error:
                self._fail(str(error))
        self._looked = now

    def _open(self) -> None:
        """Open the file, or another one where it turns out to be damaged."""
        found = self._identity()
        try:
            self._connect()
        except sqlite3.DatabaseError as error:
            if not _damaged(error):
                raise
            self._replace(error, found)

    def _replace(self, error: sqlite3.Error, damaged: tuple[int, int] | None) -> None:
        log.error("the limits in %s are damaged (%s) and begin anew", self._path, error)
        self._connect(instead_of=damaged)

    def _connect(self, instead_of: tuple[int, int] | None = None) -> None:
        """Open the file, and make it where there is none.

        Args:
            instead_of: a file that is to be deleted, unless another process has already done so.
        """
        self.close()
        try:
            with self._gate():
                found = self._identity()
                if found is None or found == instead_of:
                    self._make()
                connection = sqlite3.connect(self._path, PATIENCE, isolation_level=None, check_same_thread=False)
                try:
                    for pragma in PRAGMAS:
                        connection.execute(f"PRAGMA {pragma}")
                    connection.execute(self._schema)
                    connection.execute("PRAGMA busy_timeout=0")
                except BaseException:
                    connection.close()
                    raise
                self._opened = self._identity()
        except OSError as error:
            self._fail(error.strerror or str(error))
        self._connection = connection
        self._execute = connection.cursor().execute

    def _make(self) -> None:
        """An empty file for its owner's eyes only, without the log of one before it; SQLite's others get its mode."""
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))

    @contextlib.contextmanager
    def _gate(self) -> Iterator[None]:
        """One process at a time opens or makes the file."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self._path.with_name(self._path.name + ".lock")
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            deadline = time.monotonic() + PATIENCE
            while not _locked(descriptor):
                if time.monotonic() > deadline:
                    raise OSError(errno.EBUSY, "another process has been opening it for too long")
                time.sleep(0.001)
            yield
        finally:
            os.close(descriptor)

    def _identity(self) -> tuple[int, int] | None:
        """Which file is there now. It is never opened but by SQLite: closing it would give up SQLite's locks."""
        try:
            found = os.stat(self._path)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _rest(self, now: float) -> None:
        if self._failure is not None and 0.0 <= now - self._failure[0] < self._rests:
            raise LimitStoreUnavailable(self._failure[1])
        if self._failure is not None:
            self._rests = min(2 * self._rests, LONGEST_REST)
        self._failure = None

    def _fail(self, reason: str) -> NoReturn:
        message = f"The limits in {self._path} cannot be used: {reason}."
        self._failure = (self._clock(), message)
        raise LimitStoreUnavailable(message)

    def leave_to_parent(self) -> None:
        """After a fork, in the child: open it again. Closing the parent's connection would take its locks away."""
        _inherited.append(self._connection)
        self._connection, self._execute = None, _closed


def _closed(*_: object) -> NoReturn:
    raise sqlite3.ProgrammingError("the file is not open")


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _code(error: sqlite3.Error) -> int:
    """The primary result code; that of the extended one is in its lowest byte."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _damaged(error: sqlite3.Error) -> bool:
    return _code(error) in DAMAGED or getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHORT_READ


def _busy(error: sqlite3.Error) -> bool:
    """Others write, or have written since this transaction has read (SQLITE_BUSY_SNAPSHOT)."""
    return _code(error) == sqlite3.SQLITE_BUSY


def _after_fork() -> None:
    for file in list(_files):
        file.leave_to_parent()


os.register_at_fork(after_in_child=_after_fork)
