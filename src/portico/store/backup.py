"""A copy of the embedded database, made while servers use it."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from portico.store.database import Database
from portico.store.engine import BUSY_TIMEOUT
from portico.store.errors import CannotBackUp

PAGES = 256  # that are copied in one step

Progress = Callable[[int, int], None]
"""Told how many pages are copied, and how many there are."""


def backup(db: Database, file: Path, *, progress: Progress | None = None) -> None:
    """Write the database as it is at this moment into a new file, which is a database itself.

    The copy reads one snapshot of the write-ahead log, so nobody waits for it and it does not begin again when others
    write (SQLite's "Online Backup API"). It is looked through before it gets its name.

    Args:
        db: the database.
        file: to be made; only its owner may read it.
        progress: told after each step.

    Raises:
        CannotBackUp: the file is there already or cannot be written, or the database is not the embedded one.
    """
    source = db.engine.url.database
    if not db.is_sqlite:
        raise CannotBackUp(
            "This project's database is PostgreSQL, which has tools for it: "
            f'pg_dump --format=custom --file {file} "$PORTICO_DATABASE_URL" (and pg_restore to read it again).'
        )
    if source is None or not Path(source).is_file():
        raise CannotBackUp("This project has no database yet.")
    if file.exists():
        raise CannotBackUp(f"{file} is there already. Name a file that is not.")
    try:
        _into(Path(source), file, progress)
    except FileExistsError:
        raise CannotBackUp(f"{file} is there already. Name a file that is not.") from None
    except (OSError, sqlite3.Error) as error:
        raise CannotBackUp(f"{file} cannot be written: {getattr(error, 'strerror', None) or error}.") from None


def _into(source: Path, file: Path, progress: Progress | None) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)  # for its owner only
    os.close(handle)
    try:
        _copy(source, Path(name), progress)
        _sync(Path(name))
        os.link(name, file)  # never over another file
        _sync(file.parent)
    finally:
        Path(name).unlink()


def _copy(source: Path, copy: Path, progress: Progress | None) -> None:
    reading = sqlite3.connect(source, timeout=BUSY_TIMEOUT, isolation_level=None)
    writing = sqlite3.connect(copy, isolation_level=None)
    with closing(reading), closing(writing):
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on this moment is what is read

        def told(_status: int, remaining: int, total: int) -> None:
            if progress is not None:
                progress(total - remaining, total)

        reading.backup(writing, pages=PAGES, progress=told, sleep=0)
        writing.execute("PRAGMA journal_mode=DELETE")  # one file, until somebody uses it
        if writing.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise CannotBackUp("The database is damaged: a copy of it does not hold together.")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
