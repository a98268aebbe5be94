"""A pool on a database of its own, with a clock that a test sets."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.portico.clocks import ManualClock

from portico.identity.pool import Pool
from portico.identity.settings import PoolSettings
from portico.store import Database, Secrets

__all__ = ["ManualClock"]


@pytest.fixture
def settings() -> PoolSettings:
    """Override this in a module to declare another pool."""
    return PoolSettings()


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
