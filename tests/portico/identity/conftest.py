"""A pool on a database of its own, with a clock that a test sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from portico import config
from portico.identity.pool import Pool
from portico.identity.settings import PoolSettings
from portico.store import Database, Secrets, metadata


@dataclass
class ManualClock:
    """Stands still until somebody moves it."""

    now: float = field(default=1_800_000_000.0)  # seconds since the epoch

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def settings() -> PoolSettings:
    """Override this in a module to declare another pool."""
    return PoolSettings()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(config.Database(), root=tmp_path)
    metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def pool(settings: PoolSettings, database: Database, clock: ManualClock, tmp_path: Path) -> Pool:
    return Pool(
        settings=settings,
        origin="http://localhost:8000",
        db=database,
        secrets=Secrets(Secrets.generate()),
        clock=clock,
        root=tmp_path,
        development=True,
    )
