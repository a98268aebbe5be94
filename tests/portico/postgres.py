"""A private PostgreSQL for one run of the tests: in a folder of its own, reached by a socket only, gone afterwards."""

from __future__ import annotations

import contextlib
import getpass
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

OPTIONS = (
    "listen_addresses=",
    "max_connections=200",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off"),  # nothing here outlives the tests
)
Connection = psycopg.Connection[tuple[Any, ...]]
TEMPLATE = "template_portico"
PATIENCE = 30.0  # seconds that a cluster may take to answer

EMPTYING = b"""
CREATE FUNCTION empty_all_tables() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one regclass;
    found boolean;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;  -- no triggers: append-only tables are emptied too
    FOR one IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', one) INTO found;
        IF found THEN EXECUTE format('DELETE FROM %s', one); END IF;
    END LOOP;
    PERFORM setval(oid::regclass, 1, false) FROM pg_class
        WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
END $$"""


class Unavailable(Exception):
    """There is no PostgreSQL on this machine, or it does not start."""


class Cluster:
    """A running server. Making a database costs 60 ms and emptying one 3, so tests borrow them in turn."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.user = "postgres" if os.getuid() == 0 else getpass.getuser()  # it refuses to run as root
        self._programs = programs
        self._as: dict[str, Any] = (
            {"user": self.user, "group": self.user, "extra_groups": []} if os.getuid() == 0 else {}
        )
        self._server: subprocess.Popen[bytes] | None = None
        self._free: list[tuple[str, Connection]] = []
        self._admin: Connection | None = None

    def initialise(self) -> None:
        """Make the folder of the data.

        Raises:
            Unavailable: it cannot be made.
        """
        if self._as:
            shutil.chown(self.folder, self.user, self.user)
        words = ["-D", self.folder / "data", "-U", self.user, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        command = [self._programs / "initdb", *words]
        made = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, **self._as)
        if made.returncode:
            raise Unavailable(f"initdb failed: {made.stderr.strip()[-500:]}")

    def start(self) -> None:
        """Start the server as a child, which ends with these tests even when they are killed (where `setpriv` exists).

        Raises:
            Unavailable: it does not answer.
        """
        options = [word for one in (*OPTIONS, f"unix_socket_directories={self.folder}") for word in ("-c", one)]
        leash = ["setpriv", "--pdeathsig", "INT", "--"] if shutil.which("setpriv") else []
        command = [*leash, self._programs / "postgres", "-D", self.folder / "data", *options]
        with (self.folder / "log").open("wb") as log:
            self._server = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **self._as)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError as error:
                if self._server.poll() is not None or time.monotonic() > deadline:
                    log_text = (self.folder / "log").read_text(errors="replace")[-500:]
                    raise Unavailable(f"PostgreSQL does not start: {log_text or error}") from None
            time.sleep(0.02)  # between two looks, not to pass

    def stop(self) -> None:
        """End the server at once, and with it every connection."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(PATIENCE)

    def url(self, name: str) -> str:
        """What `[database] url` would say."""
        return f"postgresql://{self.user}@/{name}?host={self.folder}"

    def connect(self, name: str = "postgres") -> Connection:
        """A connection to a database, each of whose statements is a transaction."""
        return psycopg.connect(host=str(self.folder), user=self.user, dbname=name, autocommit=True)

    def make_template(self, metadata: sa.MetaData) -> None:
        """Create the tables that borrowed databases have."""
        self._command(f"CREATE DATABASE {TEMPLATE}")
        engine = sa.create_engine(self.url(TEMPLATE).replace("://", "+psycopg://", 1))
        metadata.create_all(engine)
        engine.dispose()
        with self.connect(TEMPLATE) as connection:
            connection.execute(EMPTYING)

    @contextlib.contextmanager
    def borrow(self) -> Iterator[str]:
        """The URL of a database with all tables, and nothing in them. Who changes its tables takes `make` instead."""
        name, connection = self._free.pop() if self._free else self._another()
        try:
            yield self.url(name)
        finally:
            connection.execute("SELECT empty_all_tables()")
            self._free.append((name, connection))

    @contextlib.contextmanager
    def make(self) -> Iterator[str]:
        """The URL of a database without tables."""
        name = self._create("template0")
        try:
            yield self.url(name)
        finally:
            self._command(f"DROP DATABASE {name} WITH (FORCE)")

    def _another(self) -> tuple[str, Connection]:
        name = self._create(TEMPLATE)
        return name, self.connect(name)

    def _create(self, template: str) -> str:
        name = f"test_{secrets.token_hex(6)}"
        self._command(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def _command(self, sql: str) -> None:
        self._admin = self._admin or self.connect()
        self._admin.execute(sql.encode())


@contextlib.contextmanager
def running() -> Iterator[Cluster]:
    """Start a server, and end it.

    Raises:
        Unavailable: it cannot be had here.
    """
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="portico-pg-"))
    try:
        cluster = Cluster(folder, programs)
        try:
            cluster.initialise()
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    elsewhere = shutil.which("postgres")
    if not found and elsewhere is None:
        raise Unavailable("PostgreSQL is not installed; on Debian: sudo apt-get install postgresql")
    return found[-1].parent if found else Path(str(elsewhere)).resolve().parent
