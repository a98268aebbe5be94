"""A project on disk: its configuration and its designs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from portico import config, design
from portico.config import Config
from portico.design.findings import Finding
from portico.design.model import Api
from portico.design.schemes import Auth
from portico.errors import ConfigError, DesignError
from portico.identity import settings as pools

SUFFIXES = (".yaml", ".yml", ".json")
MARKS = ("portico.toml", "specs")
ROLES = Path("auth/roles.yaml")
PLANS = Path("auth/plans.yaml")


@dataclass(frozen=True, slots=True)
class Project:
    """What `portico` works on: the folder with `specs/`, `handlers/` and `portico.toml`."""

    root: Path
    config: Config
    apis: tuple[Api, ...]


def documents(root: Path) -> list[Path]:
    """The designs of a project: one document an API, directly in `specs/`; what they refer to lies in folders below."""
    return sorted(path for path in (root / "specs").glob("*") if path.is_file() and path.suffix in SUFFIXES)


def find_root(start: Path) -> Path:
    """The project that a folder belongs to: itself, or the nearest above, with `portico.toml` or `specs/`.

    Args:
        start: where to begin.

    Raises:
        ConfigError: there is none, or it is somebody else's: its code would be run with your rights.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        mark = next((mark for name in MARKS if (mark := folder / name).exists()), None)
        if mark is not None and (folder == start or _trusted(mark, start)):
            return folder
    raise ConfigError(
        f"{start} is not inside a Portico project. "
        "Go into one, name it with --project DIR, or make one: portico new NAME"
    )


def _trusted(mark: Path, start: Path) -> bool:
    """Whether a project further up may be run from; anybody could put one into a shared folder (CVE-2022-24765)."""
    if not hasattr(os, "geteuid"):  # Windows has no owner to compare
        return True
    return mark.lstat().st_uid in {os.geteuid(), 0, start.stat().st_uid}


def auth_of(root: Path, settings: Config) -> Auth:
    """What a project's `auth/` declares, as its designs can refer to it.

    Args:
        root: the project's folder.
        settings: its configuration.

    Raises:
        ConfigError: auth/pool.yaml says something that cannot be.
    """
    pool = pools.load(root)
    plans = (root / PLANS).is_file()
    if pool is None:
        return Auth(plans=plans)
    origin, roles = settings.server.origin.rstrip("/"), (root / ROLES).is_file()
    return Auth(pool.name, origin, frozenset(pool.scopes), roles, plans)


def load(root: Path) -> Project:
    """Read a project.

    Args:
        root: the project's folder.

    Raises:
        ConfigError: the folder is not a project, or its configuration is wrong.
        DesignError: documents cannot be used; carries the findings of all of them.
    """
    root = root.resolve()
    if not (root / "specs").is_dir():
        raise ConfigError(f"{root} has no folder specs/: it is not a Portico project. `portico new NAME` makes one.")
    settings = config.load(root)
    apis: list[Api] = []
    findings: list[Finding] = []
    for path in documents(root):
        try:
            apis.append(
                design.read(path, root=root, arguments=settings.design.arguments, remote=settings.design.remote)
            )
        except DesignError as error:
            findings.extend(error.findings)
    if findings:
        raise DesignError(findings)
    return Project(root=root, config=settings, apis=tuple(apis))
