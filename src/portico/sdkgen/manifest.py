"""What a generation wrote and what it called things: `.portico.json` in each package, committed with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portico.errors import PorticoError
from portico.sdkgen.language import File
from portico.sdkgen.names import Recorded

NAME = ".portico.json"
_FORMAT = 1


class ManifestBroken(PorticoError):
    """A manifest cannot be read. Without it names could change, and what people wrote could be overwritten."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The record of one package."""

    files: Mapping[str, str] = field(default_factory=dict)  # path -> SHA-256 of what was written, hexadecimal
    names: Recorded = field(default_factory=dict)

    @classmethod
    def of(cls, files: Iterable[File], names: Recorded) -> Manifest:
        """The record of a generation."""
        return cls({file.path: digest(file.content) for file in files}, names)

    def encoded(self) -> bytes:
        """As it is written: the same bytes every time, a line for each file and scope, so that diffs are small."""
        scopes = [f"    {_json(scope)}: {_json(names)}" for scope, names in sorted(self.names.items())]
        files = [f"    {_json(path)}: {_json(value)}" for path, value in sorted(self.files.items())]
        parts = [f'  "format": {_FORMAT}', f'  "files": {_block(files)}', f'  "names": {_block(scopes)}']
        return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def read(folder: Path) -> Manifest:
    """The record of a package; an empty one where nothing was generated yet.

    Args:
        folder: the package's.

    Raises:
        ManifestBroken: it is no manifest.
    """
    path = folder / NAME
    if not path.is_file():
        return Manifest()
    try:
        found = json.loads(path.read_bytes())
        files, names = _texts(found["files"]), {scope: _texts(names) for scope, names in found["names"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ManifestBroken(
            f"{path} is damaged (a merge, perhaps). Take it back from the repository, then run `portico sdk` again."
        ) from None
    return Manifest(files, names)


def digest(content: bytes) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _texts(found: object) -> dict[str, str]:
    if not isinstance(found, dict) or not all(isinstance(one, str) for pair in found.items() for one in pair):
        raise TypeError
    return found


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, sort_keys=True)


def _block(lines: list[str]) -> str:
    return "{\n" + ",\n".join(lines) + "\n  }" if lines else "{}"
