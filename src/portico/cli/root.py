"""Which project a command works on."""

from __future__ import annotations

import os
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
_MARKS = ("portico.toml", "specs")


def find(project: Path | None, *, here: Path | None = None) -> Path:
    """The root of the project, which is put on `sys.path` so that `handlers` can be imported.

    Args:
        project: the folder that was named, if one was.
        here: where to start looking upwards otherwise; the working directory.

    Raises:
        ConfigError: there is no project there.
    """
    root = _named(project) if project is not None else nearest(here or Path.cwd())
    if root is None:
        raise ConfigError(
            f"{here or Path.cwd()} is not inside a Portico project. "
            "Go into one, name it (--project DIR), or make one (portico new NAME)."
        )
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    return root


def _named(project: Path) -> Path:
    root = project.resolve()
    if not root.is_dir():
        raise ConfigError(f"There is no folder {project}. Name the folder that holds specs/ and portico.toml.")
    return root


def nearest(here: Path) -> Path | None:
    """The project that a folder lies in, if it lies in one that may be run from."""
    here = here.resolve()
    for folder in (here, *here.parents):
        marks = [folder / mark for mark in _MARKS if (folder / mark).exists()]
        if marks and (folder == here or _trusted(marks[0], here)):
            return folder
    return None


def _trusted(mark: Path, here: Path) -> bool:
    """Whether a project above the working directory may be run from: its code will be imported.

    Someone else could have put one into a shared folder such as /tmp (compare git's CVE-2022-24765).
    """
    if not hasattr(os, "geteuid"):  # Windows has no owner to compare
        return True
    return mark.lstat().st_uid in {os.geteuid(), 0, here.stat().st_uid}
