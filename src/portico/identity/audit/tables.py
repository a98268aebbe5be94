"""The table of the audit log, and what makes the database itself refuse to change it."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from portico.store import metadata

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Double, nullable=False, index=True),  # seconds since the epoch
    sa.Column("event", sa.String(64), nullable=False),
    sa.Column("outcome", sa.String(8), nullable=False),
    sa.Column("user_id", sa.String(64), nullable=True, index=True),  # no foreign key: entries outlive people
    sa.Column("client_id", sa.String(128), nullable=True),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("user_agent", sa.String(256), nullable=False),
    sa.Column("request_id", sa.String(128), nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sqlite_autoincrement=True,  # an id is never given twice
)

PROTECTION: Mapping[str, tuple[str, ...]] = {
    "sqlite": tuple(
        f"CREATE TRIGGER IF NOT EXISTS audit_refuses_{verb} BEFORE {verb} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
        "CREATE OR REPLACE TRIGGER audit_refuses_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()",
    ),
}
"""Statements that `create_all` runs after the table is made. A migration that makes the table calls `protect`."""


def protect(connection: sa.Connection) -> None:
    """Make the database refuse to change or delete entries. It may be called again.

    Args:
        connection: to the database that has the table.
    """
    for statement in PROTECTION.get(connection.dialect.name, ()):
        connection.exec_driver_sql(statement)


@sa.event.listens_for(audit, "after_create")
def _protect(_table: sa.Table, connection: sa.Connection, **_options: object) -> None:
    protect(connection)
