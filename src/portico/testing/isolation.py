"""A project of its own: its handlers, a database and a secret that nobody else has."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from portico import config
from portico.project import Project
from portico.secret import Secret

HANDLERS = "handlers"  # the package that every project has
ORIGIN = "https://testserver"  # with https, so that cookies of the pool's pages are kept


@contextlib.contextmanager
def state(project: Project) -> Iterator[Project]:
    """The project with a database, a secret and limits of its own, and no mail server; the rest of its settings holds.

    Args:
        project: what is tested.
    """
    from portico.store import Secrets
    from portico.store.secret_file import VARIABLE

    with tempfile.TemporaryDirectory(prefix="portico-testing-") as folder:
        server = dataclasses.replace(project.config.server, mode="development", origin=ORIGIN)
        settings = dataclasses.replace(
            project.config,
            server=server,
            database=config.Database(url=Secret(f"sqlite:///{Path(folder) / 'portico.sqlite3'}")),
            mail=config.Mail(),
            redis=config.Redis(),
        )
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = Secrets.generate()
        try:
            yield dataclasses.replace(project, config=settings)
        finally:
            if before is None:
                del os.environ[VARIABLE]
            else:
                os.environ[VARIABLE] = before


@contextlib.contextmanager
def imports(root: Path) -> Iterator[None]:
    """Make `handlers` mean this project's, and afterwards what it meant before."""
    path, modules = list(sys.path), _modules()
    for name, module in modules.items():
        if not _belongs(module, root):
            del sys.modules[name]
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path[:] = path
        for name in _modules():
            del sys.modules[name]
        sys.modules.update(modules)


def _modules() -> dict[str, ModuleType]:
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] == HANDLERS}


def _belongs(module: ModuleType, root: Path) -> bool:
    places = [module.__file__] if getattr(module, "__file__", None) else list(getattr(module, "__path__", ()))
    return all(Path(str(place)).resolve().is_relative_to(root) for place in places)
