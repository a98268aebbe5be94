"""A database for every test that asks for one: each such test runs on SQLite and on PostgreSQL.

`database` has all tables and nothing in them. `database_settings` is the `[database]` table of the configuration that
opens the same database again, in another process or after a restart. For one kind only:
`@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests.portico import postgres, redis
from tests.portico.clocks import ManualClock

from portico import config
from portico.secret import Secret
from portico.store import Database, tables

# How long an example takes says something of the machine, and nothing of what is tested.
settings.register_profile("portico", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("portico")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """A PostgreSQL of this run; what needs it is skipped where there is none."""
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(postgres.running())
        except postgres.Unavailable as error:
            pytest.skip(str(error))
        cluster.make_template(tables.load())
        yield cluster


@pytest.fixture(scope="session")
def redis_server() -> Iterator[redis.Server]:
    """A Redis of this run; what needs it is skipped where there is none."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(redis.running())
        except redis.Unavailable as error:
            pytest.skip(str(error))
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "portico.sqlite3"
    database = Database.open(config.Database(url=Secret(f"sqlite:///{path}")), root=path.parent)
    tables.load().create_all(database.engine)
    database.close()  # the last connection's end moves the write-ahead log into the file
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database."""
    return str(request.param)


@pytest.fixture
def database_settings(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[config.Database]:
    if kind == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / ".portico" / "portico.sqlite3"
        path.parent.mkdir(mode=0o700)
        shutil.copyfile(template, path)
        yield config.Database()
        return
    cluster: postgres.Cluster = request.getfixturevalue("cluster")
    with cluster.borrow() as url:
        yield config.Database(url=Secret(url))


@pytest.fixture
def database(database_settings: config.Database, tmp_path: Path) -> Iterator[Database]:
    database = Database.open(database_settings, root=tmp_path)
    yield database
    database.close()
