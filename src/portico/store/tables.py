"""The tables of the store itself, and the way to all others.

Every feature keeps its tables in a module that is called `tables`, as `sa.Table(..., portico.store.metadata, ...)`.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import sqlalchemy as sa

import portico
from portico.store.database import metadata

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("transaction", sa.BigInteger, nullable=True, index=True),  # on PostgreSQL; ids are not in order there
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(255), nullable=False),
    sa.Column("value", sa.JSON, nullable=True),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("until", sa.Double, nullable=False, index=True),
    sqlite_autoincrement=True,  # an id is never given twice
)


def load() -> sa.MetaData:
    """Every table of Portico: imports each feature's module `tables`, wherever it lies, so none can be forgotten."""
    package = Path(portico.__file__).parent
    for path in sorted(package.rglob("tables.py")):
        importlib.import_module(".".join(("portico", *path.relative_to(package).with_suffix("").parts)))
    return metadata
