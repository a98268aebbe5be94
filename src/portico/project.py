"""A project on disk: its configuration and its designs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from portico import config, design
from portico.config import Config
from portico.design.model import Api
from portico.errors import ConfigError

SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Project:
    """What `portico` works on: the folder with `specs/`, `handlers/` and `portico.toml`."""

    root: Path
    config: Config
    apis: tuple[Api, ...]


def documents(root: Path) -> list[Path]:
    """The designs of a project: one document an API, directly in `specs/`; what they refer to lies in folders below."""
    return sorted(path for path in (root / "specs").glob("*") if path.is_file() and path.suffix in SUFFIXES)


def load(root: Path) -> Project:
    """Read a project.

    Args:
        root: the project's folder.

    Raises:
        ConfigError: the folder is not a project, or its configuration is wrong.
        DesignError: a document cannot be used.
    """
    if not (root / "specs").is_dir():
        raise ConfigError(f"{root} has no folder specs/: it is not a Portico project. `portico new NAME` makes one.")
    settings = config.load(root)
    apis = tuple(
        design.read(path, root=root, arguments=settings.design.arguments, remote=settings.design.remote)
        for path in documents(root)
    )
    return Project(root=root, config=settings, apis=apis)
