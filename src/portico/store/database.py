"""The database: SQLAlchemy Core, synchronous, off the event loop.

On SQLite one thread a process runs every transaction (measured: three times the throughput of a pool of threads, and a
p99 of 24 ms instead of 760); on PostgreSQL a few threads, each with a connection. A transaction is all or nothing and
as if it ran alone: `BEGIN IMMEDIATE` on SQLite, SERIALIZABLE on PostgreSQL, where a conflict runs it again. So a
function that is given to `tx` may run more than once: it changes nothing but the database.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError, TimeoutError

from portico import config
from portico.store import engine
from portico.store.errors import DatabaseBusy, DatabaseUnavailable, SchemaOutdated

P = ParamSpec("P")
T = TypeVar("T")

Clock = Callable[[], float]
"""Gives the time in seconds since the epoch. `time.time` in production, a hand-set one in tests."""

WAITING = 1_000  # transactions that may wait in one process
ATTEMPTS = 30  # with one transaction that conflicts with others (PostgreSQL)
PAUSE = 0.002  # seconds before the second attempt; each further pause is up to twice as long
LONGEST_PAUSE = 0.2  # seconds
CONFLICTS = frozenset({"40001", "40P01"})  # SQLSTATE: serialization_failure, deadlock_detected
UNIQUE_VIOLATION = "23505"
UNIQUE_ATTEMPTS = 2  # of those above, that a unique violation may cost
MISSING = frozenset({"42P01", "42703"})  # undefined_table, undefined_column

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of Portico. The constraints have names, so that migrations can find them on every database."""


class Database:
    """A database, and the threads that use it."""

    def __init__(self, engine: sa.Engine, *, threads: int) -> None:
        self.engine = engine
        self._closed = False
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="portico-database")
        self._waiting = 0

    @classmethod
    def open(cls, settings: config.Database, *, root: Path) -> Database:
        """Open the database of a project; nothing is connected before the first transaction.

        Args:
            settings: which one. Without a URL it is a file of SQLite below the project.
            root: the project's folder, which a relative path of SQLite begins at.

        Raises:
            DatabaseUnavailable: the URL names no database that Portico can use.
        """
        made = engine.make(settings, root)
        return cls(made, threads=1 if made.dialect.name == "sqlite" else settings.connections)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    async def tx(
        self, function: Callable[Concatenate[sa.Connection, P], T], *arguments: P.args, **keywords: P.kwargs
    ) -> T:
        """Run a function in a transaction that is committed when it returns, and undone when it raises.

        Args:
            function: takes the connection first. It may run more than once.
            arguments: the rest of its arguments.
            keywords: its keyword arguments.

        Raises:
            DatabaseBusy: too many wait already.
            DatabaseUnavailable: the database cannot be reached.
        """
        return await self._elsewhere(partial(self.run, function, *arguments, **keywords))

    async def read(
        self, function: Callable[Concatenate[sa.Connection, P], T], *arguments: P.args, **keywords: P.kwargs
    ) -> T:
        """The same for a function that only reads: it waits for no writer.

        Args:
            function: takes the connection first.
            arguments: the rest of its arguments.
            keywords: its keyword arguments.
        """
        return await self._elsewhere(partial(self.look, function, *arguments, **keywords))

    def run(self, function: Callable[Concatenate[sa.Connection, P], T], *arguments: P.args, **keywords: P.kwargs) -> T:
        """`tx` for code that has no event loop, such as commands."""
        for attempt in range(ATTEMPTS):
            try:
                with self.engine.begin() as connection:
                    return function(connection, *arguments, **keywords)
            except SQLAlchemyError as error:
                if not _again(error, attempt) or attempt == ATTEMPTS - 1:
                    raise _told(error) from error.__cause__
            time.sleep(random.uniform(0, min(PAUSE * 2**attempt, LONGEST_PAUSE)))  # noqa: S311 - spreads those that conflict
        raise AssertionError("the last attempt returns or raises")

    def look(self, function: Callable[Concatenate[sa.Connection, P], T], *arguments: P.args, **keywords: P.kwargs) -> T:
        """`read` for code that has no event loop."""
        try:
            with self.engine.connect() as connection:
                return function(engine.reading(connection), *arguments, **keywords)
        except SQLAlchemyError as error:
            raise _told(error) from error.__cause__

    @contextmanager
    def changing(self) -> Iterator[sa.Connection]:
        """A transaction that changes tables, for code that has no event loop.

        Raises:
            DatabaseUnavailable: the database cannot be reached, or the change breaks references between rows.
        """
        try:
            with engine.changing(self.engine) as connection:
                yield connection
        except SQLAlchemyError as error:
            raise _told(error) from error.__cause__

    async def _elsewhere(self, work: Callable[[], T]) -> T:
        if self._closed:
            raise DatabaseUnavailable("The database has been closed.")
        if self._waiting >= WAITING:
            raise DatabaseBusy("Too many transactions wait for the database. Try again shortly.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """End the threads and the connections; what runs is finished first."""
        self._closed = True
        self._executor.shutdown(wait=True)
        self.engine.dispose()


def _conflicts(error: SQLAlchemyError) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in CONFLICTS


def _again(error: SQLAlchemyError, attempt: int) -> bool:
    """Whether to run a transaction again (PostgreSQL's manual, "Serialization Failure Handling").

    A row that others made since the transaction looked for it is told as a broken constraint; so is a mistake, but
    that comes again each time.
    """
    unique = isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == UNIQUE_VIOLATION
    return _conflicts(error) or (unique and attempt < UNIQUE_ATTEMPTS)


def _told(error: SQLAlchemyError) -> Exception:
    """The error as this boundary tells it; what the caller must handle itself (a broken constraint) stays as it is."""
    if isinstance(error, TimeoutError):
        return DatabaseBusy("Every connection to the database is in use. Try again shortly.")
    if not isinstance(error, DBAPIError):
        return error
    text = str(error.orig).strip()
    if _conflicts(error) or "database is locked" in text:
        return DatabaseBusy("Others keep changing the same rows. Try again shortly.")
    if getattr(error.orig, "sqlstate", None) in MISSING or text.startswith(("no such table", "no such column")):
        return SchemaOutdated(
            f"The tables are not those of this version: {text.splitlines()[0]}. `portico db upgrade`."
        )
    if isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError:
        return DatabaseUnavailable(f"The database cannot be used: {text}")
    return error
