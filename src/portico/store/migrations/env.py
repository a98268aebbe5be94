"""What Alembic runs for every command: the connection comes from `portico.store.schema`."""

from __future__ import annotations

from alembic import context

from portico.store import tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=tables.load(),
    render_as_batch=True,  # SQLite changes a table by making it anew
    compare_type=True,
    compare_server_default=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
