"""A project's pool for commands: its database and its secrets, without a server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from portico import project as projects
from portico.errors import ConfigError
from portico.identity.service import Identity
from portico.identity.service import open_pool as opened
from portico.identity.settings import FILE


@contextlib.contextmanager
def open_pool(root: Path) -> Iterator[Identity]:
    """The identity of the project in `root`, its tables up to date.

    Args:
        root: the project's folder.

    Raises:
        ConfigError: the project has no pool, or what it declares cannot be.
        StoreError: the state cannot be used.
    """
    project = projects.load(root)
    pool = opened(project.root, project.config)
    if pool is None:
        raise ConfigError(f"This project has no user pool. Declare one in {FILE}: see docs/reference/pool.md.")
    try:
        identity = Identity.of(pool, project.config, project.apis)
        identity.prepare()
        yield identity
    finally:
        pool.db.close()
