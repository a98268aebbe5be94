"""The version of an SDK and its changelog."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from portico.design.model import Api

FIRST = "0.1.0"
_SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


@dataclass(frozen=True, slots=True)
class Release:
    """What a package says of itself."""

    version: str  # SemVer
    changes: str  # CHANGELOG.md


def release_of(root: Path, api: Api) -> Release:
    """The version that the packages of an API have now."""
    version = api.version if _SEMVER.fullmatch(api.version) else FIRST
    return Release(version, f"# Changelog\n\n## {version}\nThe first version.\n")
