"""The version that follows a change (Semantic Versioning 2.0.0)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from portico.errors import PorticoError

if TYPE_CHECKING:
    from portico.design.compare.change import Verdict

_NUMBER = r"(0|[1-9]\d{0,17})"
_PART = r"(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(-{_PART}(?:\.{_PART})*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?", re.ASCII
)
_LONGEST = 256  # characters
_UNSTABLE: dict[Verdict, Verdict] = {"major": "minor", "minor": "patch"}


class VersionInvalid(PorticoError):
    """A version is not one of Semantic Versioning."""


def next_version(version: str, verdict: Verdict) -> str:
    """The version after a change.

    Before 1.0.0 anything may change (clause 4). There the parts move down by one, as package managers read such
    versions: what breaks takes a new minor version, what is compatible a new patch. A pre-release becomes its release
    where that is enough: 2.0.0-rc.1 with any change is 2.0.0. Build metadata is dropped.

    Args:
        version: of the design before the change: "1.4.2".
        verdict: of the comparison.

    Raises:
        VersionInvalid: the version has no meaning in Semantic Versioning.
    """
    found = _VERSION.fullmatch(version) if len(version) <= _LONGEST else None
    if found is None:
        shown = version if len(version) <= 40 else f"{version[:39]}…"
        raise VersionInvalid(
            f"{shown!r} is not a version of Semantic Versioning. Write info.version with three numbers, such as 1.4.2."
        )
    if verdict == "none":
        return version
    major, minor, patch = int(found[1]), int(found[2]), int(found[3])
    part = verdict if major else _UNSTABLE.get(verdict, verdict)
    if found[4] and _released(part, minor, patch):
        return f"{major}.{minor}.{patch}"
    return {"major": f"{major + 1}.0.0", "minor": f"{major}.{minor + 1}.0"}.get(part, f"{major}.{minor}.{patch + 1}")


def _released(part: Verdict, minor: int, patch: int) -> bool:
    """Whether the release that a pre-release precedes is itself a step of that size."""
    return part == "patch" or (patch == 0 and (part == "minor" or minor == 0))
