"""What everything that keeps something is built on: the database, the secret, the clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from portico.config import Config
from portico.store.database import Clock, Database
from portico.store.secrets import Secrets


@dataclass(frozen=True, slots=True)
class State:
    """The state of one project."""

    root: Path  # the project's folder
    db: Database
    secrets: Secrets
    clock: Clock
    development: bool = False  # tables and a secret are made where there are none

    @classmethod
    def open(cls, root: Path, config: Config, *, clock: Clock = time.time) -> State:
        """The state of the project in `root`. Nothing is connected before the first transaction.

        Args:
            root: the project's folder.
            config: its configuration.
            clock: seconds since the epoch.

        Raises:
            StoreError: it cannot be used.
        """
        development = config.server.mode == "development"
        return cls(
            root=root,
            db=Database.open(config.database, root=root),
            secrets=Secrets.load(root, create=development),
            clock=clock,
            development=development,
        )
