"""A project's pool for commands: its database and its secrets, without a server."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path

from portico import project as projects
from portico.errors import ConfigError
from portico.identity.service import Identity
from portico.identity.service import open_pool as opened
from portico.identity.settings import FILE


@contextlib.contextmanager
def open_pool(root: Path, *, port: int | None = None) -> Iterator[Identity]:
    """The identity of the project in `root`, its tables up to date.

    Args:
        root: the project's folder.
        port: that its server listens on, where that is not the configured one: the origin is made of it.

    Raises:
        ConfigError: the project has no pool, or what it declares cannot be.
        StoreError: the state cannot be used.
    """
    project = projects.load(root)
    config = project.config
    if port is not None:
        config = dataclasses.replace(config, server=dataclasses.replace(config.server, port=port))
    pool = opened(project.root, config)
    if pool is None:
        raise ConfigError(f"This project has no user pool. Declare one in {FILE}: see docs/reference/pool.md.")
    try:
        identity = Identity.of(pool, config, project.apis)
        identity.prepare()
        yield identity
    finally:
        pool.db.close()
