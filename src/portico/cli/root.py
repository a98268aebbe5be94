"""Which project a command works on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from portico.errors import ConfigError

ProjectOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--project", metavar="DIR", help="The project's folder; else the nearest upwards with portico.toml or specs/."
    ),
]


def find(project: Path | None) -> Path:
    """The root of the project, which is put on `sys.path` so that `handlers` can be imported.

    Args:
        project: the folder that was named, if one was; else the working directory is looked at, and those above it.

    Raises:
        ConfigError: there is no project there.
    """
    from portico.project import find_root

    if project is not None and not project.is_dir():
        raise ConfigError(f"There is no folder {project}. Name the folder that holds specs/ and portico.toml.")
    root = project.resolve() if project is not None else find_root(Path.cwd())
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    return root


def nearest() -> Path | None:
    """The project that the working directory lies in, if it lies in one that may be run from."""
    from portico.project import find_root

    try:
        return find_root(Path.cwd())
    except ConfigError:
        return None
