"""The tables of a database: which revision they are of, and how they become current."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from portico.store.database import Database
from portico.store.errors import SchemaOutdated

if TYPE_CHECKING:
    from alembic.config import Config

VERSIONS = sa.table("alembic_version", sa.column("version_num", sa.String))
VERSIONS_FOLDER = Path(__file__).parent / "migrations" / "versions"
_LOCK = 0x706F727469636F  # "portico": one process at a time upgrades a PostgreSQL database


@dataclass(frozen=True, slots=True)
class Status:
    """Which revision the tables are of."""

    found: str | None  # None: there are no tables of Portico
    wanted: str  # by this version of Portico
    missing: tuple[str, ...]  # revisions that an upgrade would apply, "0002 users have a locale"

    @property
    def is_current(self) -> bool:
        """Whether the tables are those of this version."""
        return self.found == self.wanted


def newest() -> str:
    """The newest revision of this version, by the names of its files."""
    return max(path.name.partition("_")[0] for path in VERSIONS_FOLDER.glob("[0-9]*_*.py"))


def status(db: Database) -> Status:
    """Compare the tables of a database with those of this version.

    Raises:
        DatabaseUnavailable: it cannot be read.
        SchemaOutdated: the tables are of a newer version.
    """
    from alembic.script import ScriptDirectory

    found = db.look(_revision)
    scripts = ScriptDirectory.from_config(configuration())
    wanted = scripts.get_current_head()
    revisions = [] if wanted is None else list(scripts.walk_revisions())  # the newest first
    known = [one.revision for one in revisions]
    if found is not None and found not in known:
        raise SchemaOutdated(
            f"The database is of revision {found}, which is newer than this version of Portico ({wanted}). "
            "Install the version that it was made with, or a newer one."
        )
    missing = revisions if found is None else revisions[: known.index(found)]
    return Status(found, wanted or "", tuple(f"{one.revision} {one.doc}" for one in reversed(missing)))


def check_current(db: Database) -> None:
    """See that the tables are those of this version.

    Raises:
        DatabaseUnavailable: it cannot be read.
        SchemaOutdated: they are older, or newer.
    """
    now = status(db)
    if not now.is_current:
        if not now.found:
            raise SchemaOutdated("The database is empty. `portico db upgrade` makes its tables.")
        raise SchemaOutdated(
            f"The database is of revision {now.found}; this version of Portico needs {now.wanted}. "
            "Back it up (`portico db backup FILE`), then: `portico db upgrade`."
        )


def upgrade(db: Database) -> Status:
    """Make the tables those of this version; all of it or nothing. What is current already stays as it is.

    Returns:
        What was found before.

    Raises:
        DatabaseUnavailable: it cannot be changed.
        SchemaOutdated: the tables are of a newer version.
    """
    before = status(db)
    if not before.is_current:
        migrate(db, "head")
    return before


def prepare(db: Database, *, development: bool) -> None:
    """What a server does before it serves: in development the tables are made or upgraded, else only looked at.

    Args:
        db: the database.
        development: whether nobody minds.

    Raises:
        DatabaseUnavailable: it cannot be used.
        SchemaOutdated: the tables are older, or newer, than this version.
    """
    if db.look(_revision) == newest():  # without Alembic: a server that finds its tables needs none of its 10 MB
        return
    if development:
        upgrade(db)
    else:
        check_current(db)


def migrate(db: Database, revision: str) -> None:
    """Go to a revision, forwards only, in one transaction.

    Args:
        db: the database.
        revision: its name, or "head".
    """
    from alembic import command

    with db.changing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        command.upgrade(configuration(connection), revision)


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSIONS.name):
        return None
    return connection.execute(sa.select(VERSIONS.c.version_num)).scalar_one_or_none()


def configuration(connection: sa.Connection | None = None) -> Config:
    """What Alembic's commands take.

    Args:
        connection: to work on.
    """
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", "portico.store:migrations")
    settings.attributes["connection"] = connection
    return settings
