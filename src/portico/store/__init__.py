"""The state of a project: one database, one way to run a transaction, one project secret.

    db = Database.open(settings.database, root=project.root)
    user = await db.tx(repository.create, username="ada")   # def create(conn, *, username): ...

SQLite is the default, PostgreSQL a URL away; the same code runs on both.
"""

from portico.store.database import Clock, Database, metadata
from portico.store.errors import (
    DatabaseBusy,
    DatabaseUnavailable,
    NotSealedHere,
    SchemaOutdated,
    SecretMissing,
    StoreError,
)
from portico.store.secrets import Secrets

__all__ = [
    "Clock",
    "Database",
    "DatabaseBusy",
    "DatabaseUnavailable",
    "NotSealedHere",
    "SchemaOutdated",
    "SecretMissing",
    "Secrets",
    "StoreError",
    "metadata",
]
