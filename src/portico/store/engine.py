"""The two kinds of database: how each is connected to, and how each of their transactions begins."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import QueuePool, StaticPool

from portico import config
from portico.store.errors import DatabaseUnavailable

FILE = Path(".portico/portico.sqlite3")
BUSY_TIMEOUT = 5.0  # seconds that another process may hold SQLite's lock
STATEMENT_TIMEOUT = 30_000  # milliseconds that PostgreSQL may spend on one statement
SQLITE = ("synchronous=NORMAL", "foreign_keys=ON", "trusted_schema=OFF")
POSTGRESQL: dict[str, Any] = {
    "connect_timeout": 5,  # seconds
    "keepalives_idle": 10,  # seconds
    "tcp_user_timeout": 20_000,  # milliseconds without an answer from the other machine
    "options": f"-c statement_timeout={STATEMENT_TIMEOUT} -c idle_in_transaction_session_timeout={STATEMENT_TIMEOUT}",
}
_READS = "portico_reads"


def make(settings: config.Database, root: Path) -> sa.Engine:
    """The engine of a project's database; nothing is connected yet.

    Args:
        settings: which one. Without a URL it is a file of SQLite below the project.
        root: the project's folder, which a relative path of SQLite begins at.

    Raises:
        DatabaseUnavailable: the URL names no database that Portico can use, or its file cannot be made.
    """
    url = _url(settings.url.reveal(), root)
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    given = {name: value for name, value in POSTGRESQL.items() if name not in url.query}
    return sa.create_engine(
        url,
        isolation_level="SERIALIZABLE",
        hide_parameters=True,
        pool_size=settings.connections,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT,
        pool_pre_ping=True,
        connect_args=given,
    )


def reading(connection: sa.Connection) -> sa.Connection:
    """The same connection for a transaction that only reads, and that no writer disturbs: it sees one moment."""
    if connection.dialect.name == "sqlite":
        return connection.execution_options(**{_READS: True})
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


@contextmanager
def changing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that changes tables.

    On SQLite a table is changed by making it anew, which the references to it must not notice. On PostgreSQL it sees
    what was committed while it waited for others to change tables.

    Raises:
        DatabaseUnavailable: the change would leave references to rows that are not there.
    """
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            with connection.execution_options(isolation_level="READ COMMITTED").begin():
                yield connection
            return
        raw = _raw(connection)
        raw.execute("PRAGMA foreign_keys=OFF")  # does nothing once a transaction has begun
        try:
            with connection.begin():
                yield connection
                broken = raw.execute("PRAGMA foreign_key_check").fetchone()
                if broken:
                    raise DatabaseUnavailable(f"Rows of {broken[0]} refer to rows of {broken[2]} that are not there.")
        finally:
            raw.execute("PRAGMA foreign_keys=ON")


def _raw(connection: sa.Connection) -> sqlite3.Connection:
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)  # noqa: S101 - tells the type; no other dialect comes here
    return raw


def _url(text: str, root: Path) -> sa.URL:
    if not text:
        return sa.URL.create("sqlite", database=str(root / FILE))
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError:
        raise DatabaseUnavailable(
            "[database] url is no URL of a database: postgresql://user:password@host/name"
        ) from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        raise DatabaseUnavailable(
            f"[database] url: Portico runs on sqlite and postgresql, not on {url.get_backend_name()}."
        )
    if url.database and url.database != ":memory:":
        url = url.set(database=str(root / url.database))
    return url


def _sqlite(url: sa.URL) -> sa.Engine:
    memory = url.database in (None, "", ":memory:")
    engine = sa.create_engine(
        url,
        poolclass=StaticPool if memory else QueuePool,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT},
    )

    @event.listens_for(engine, "do_connect")
    def private(*_arguments: object) -> None:
        if not memory:
            _make_private(Path(str(url.database)))

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # `begin` below says when
        _write_ahead(connection)
        for pragma in SQLITE:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        reads = connection.get_execution_options().get(_READS, False)
        _raw(connection).execute(f"PRAGMA query_only={int(reads)}")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on. SQLite does not wait by itself for who writes to a file that has none yet."""
    deadline = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.005)
        else:
            return


def _make_private(path: Path) -> None:
    """Make the file before SQLite does, for its owner's eyes only; what SQLite puts beside it gets the same mode."""
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise DatabaseUnavailable(f"The database {path} cannot be used: {error.strerror}.") from None
