"""The state of a project: one database, one way to run a transaction, one project secret.

    db = Database.open(settings.database, root=project.root)
    user = await db.tx(repository.create, username="ada")   # def create(conn, *, username): ...

SQLite is the default, PostgreSQL a URL away; the same code runs on both.
"""

from portico.store import sealed
from portico.store.database import Clock, Database, metadata
from portico.store.errors import (
    CannotBackUp,
    DatabaseBusy,
    DatabaseUnavailable,
    NotSealedHere,
    SchemaOutdated,
    SecretKept,
    SecretMissing,
    StoreError,
)
from portico.store.schema import check_current, prepare, upgrade
from portico.store.secrets import Secrets
from portico.store.state import State

__all__ = [
    "CannotBackUp",
    "Clock",
    "Database",
    "DatabaseBusy",
    "DatabaseUnavailable",
    "NotSealedHere",
    "SchemaOutdated",
    "SecretKept",
    "SecretMissing",
    "Secrets",
    "State",
    "StoreError",
    "check_current",
    "metadata",
    "prepare",
    "sealed",
    "upgrade",
]
