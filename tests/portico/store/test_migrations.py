"""The revisions give exactly the tables of the code, on both databases; and who may serve on which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from tests.portico import postgres

from portico import config, store
from portico.secret import Secret
from portico.store import Database, SchemaOutdated, schema, tables
from portico.store.database import metadata


@pytest.fixture
def empty_settings(kind: str, request: pytest.FixtureRequest) -> Iterator[config.Database]:
    """A database without tables."""
    if kind == "sqlite":
        yield config.Database()
        return
    cluster: postgres.Cluster = request.getfixturevalue("cluster")
    with cluster.make() as url:
        yield config.Database(url=Secret(url))


@pytest.fixture
def empty(empty_settings: config.Database, tmp_path: Path) -> Iterator[Database]:
    folder = tmp_path / "empty"
    folder.mkdir()
    database = Database.open(empty_settings, root=folder)
    yield database
    database.close()


def described(connection: sa.Connection) -> dict[str, Any]:
    """Everything that can be told of the tables, apart from the order of columns."""
    inspector = sa.inspect(connection)
    found: dict[str, Any] = {}
    for name in sorted(set(inspector.get_table_names()) - {"alembic_version"}):
        found[name] = {
            "columns": {
                one["name"]: (str(one["type"]), one["nullable"], one["default"]) for one in inspector.get_columns(name)
            },
            "primary key": inspector.get_pk_constraint(name),
            **{
                what: sorted((dict(one) for one in ask(name)), key=str)
                for what, ask in (
                    ("foreign keys", inspector.get_foreign_keys),
                    ("indexes", inspector.get_indexes),
                    ("unique", inspector.get_unique_constraints),
                    ("checks", inspector.get_check_constraints),
                )
            },
        }
    return found


def unseen(connection: sa.Connection) -> list[tuple[Any, ...]]:
    """What SQLAlchemy does not tell: triggers, and which ids are never given twice."""
    if connection.dialect.name == "postgresql":
        query = (
            "SELECT tgname, pg_get_triggerdef(t.oid), prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid "
            "WHERE NOT tgisinternal ORDER BY 1"
        )
        return [tuple(row) for row in connection.exec_driver_sql(query)]
    rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY 1, 2")
    return [
        (name, spaced(sql) if type == "trigger" else "AUTOINCREMENT" in sql)
        for type, name, sql in rows
        if name != "alembic_version"
    ]


def spaced(sql: str) -> str:
    return re.sub(r"\s+", " ", sql.replace("IF NOT EXISTS ", ""))


def test_the_revisions_give_the_tables_of_the_code(empty: Database, database: Database):
    store.upgrade(empty)
    with empty.engine.connect() as migrated, database.engine.connect() as made:
        assert described(migrated) == described(made)
        assert unseen(migrated) == unseen(made)


def test_alembic_finds_nothing_to_do_after_an_upgrade(empty: Database):
    store.upgrade(empty)
    with empty.changing() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), tables.load()) == []


def test_every_table_of_the_package_is_known(empty: Database):
    assert {"changes", "users", "audit", "sessions", "access_keys"} <= set(tables.load().tables)
    assert tables.load() is metadata


def test_production_serves_on_no_tables_but_current_ones(empty: Database):
    with pytest.raises(SchemaOutdated, match="portico db upgrade"):
        store.prepare(empty, development=False)
    store.prepare(empty, development=True)
    store.prepare(empty, development=False)


def test_tables_of_a_newer_version_are_left_alone(empty: Database):
    store.upgrade(empty)
    empty.run(lambda connection: connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")))
    for serve in (store.check_current, store.upgrade):
        with pytest.raises(SchemaOutdated, match="newer"):
            serve(empty)


def test_an_upgrade_that_fails_leaves_nothing_behind(empty: Database):
    with empty.changing() as connection:
        connection.execute(sa.text("CREATE TABLE changes (id INTEGER)"))  # in the way of the first revision
    with pytest.raises(Exception, match="exists"):
        store.upgrade(empty)
    with empty.engine.connect() as connection:
        assert set(sa.inspect(connection).get_table_names()) <= {"changes"}


def test_workers_that_start_at_once_upgrade_once(empty_settings: config.Database, tmp_path: Path):
    databases = [Database.open(empty_settings, root=tmp_path) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(store.upgrade, databases))
    assert {one.wanted for one in found} == {schema.status(databases[0]).found}
    for database in databases:
        database.close()


def test_a_transaction_on_missing_tables_says_what_to_do(empty: Database):
    with pytest.raises(SchemaOutdated, match="portico db upgrade"):
        empty.run(lambda connection: connection.execute(sa.text("SELECT * FROM users")))


def test_the_newest_revision_is_known_by_its_file(database: Database):
    assert schema.newest() == schema.status(database).wanted
