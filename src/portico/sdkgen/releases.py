"""The version of an SDK and its changelog, from what changed in the document since the last release.

sdk/released/<document>.json           the version that was released last, and what each release changed
sdk/released/<document>.design.json    the document that it was made of

Before the first release an SDK has the document's own version. After it the comparison of the two documents says what
the next one is; the document may ask for a higher version, never for a lower one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import msgspec

from portico import design
from portico.design.compare import Change, compare, next_version
from portico.design.model import Api
from portico.design.publish import unpack
from portico.errors import PorticoError
from portico.sdkgen.folder import refuse_links
from portico.stubs.text import visible

FIRST = "0.1.0"
FOLDER = Path("sdk/released")
_VERSION = re.compile(r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>&|#!~])")
_HEADINGS = (("breaking", "Breaking"), ("compatible", "Added and changed"), ("cosmetic", "Words"))
_MOST = 200  # changes of one kind that a changelog lists

Line: TypeAlias = tuple[str, str, str]  # severity, place, text


class ReleaseBroken(PorticoError):
    """The record of a release cannot be read: without it the next version is unknown."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One release."""

    version: str
    date: str  # YYYY-MM-DD
    changes: tuple[Line, ...] = ()


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What sdk/released/<document>.json holds."""

    digest: str  # of the document
    releases: tuple[Entry, ...]  # the latest first; one at least


@dataclass(frozen=True, slots=True)
class Release:
    """What a package says of itself."""

    version: str  # SemVer
    changes: str  # CHANGELOG.md
    pending: tuple[Line, ...] = ()  # since the last release
    released: bool = False  # whether this very document was released


def release_of(root: Path, api: Api) -> Release:
    """The version that the packages of an API have now.

    Args:
        root: the project's folder.
        api: the design.

    Raises:
        ReleaseBroken: what was released before cannot be read.
    """
    record = _read(root, api)
    own = api.version if _VERSION.fullmatch(api.version) else FIRST
    if record is None:
        return Release(own, _changelog(own, (), ()))
    last = record.releases[0].version
    if record.digest == _digest(_text(api)):
        return Release(last, _changelog(last, (), record.releases), (), released=True)
    before = design.read(_design(root, api), root=root)
    comparison = compare(before, api)
    version = max(next_version(last, comparison.verdict), own, key=_numbers)
    pending = tuple(_line(change) for change in comparison.changes)
    return Release(version, _changelog(version, pending, record.releases), pending)


def record_release(root: Path, api: Api, today: dt.date) -> Release:
    """Note that what the packages of an API are now has been released.

    Args:
        root: the project's folder.
        api: the design.
        today: the day of the release.

    Raises:
        ReleaseBroken: what was released before cannot be read.
        Outside: the record is a link, or lies behind one.
    """
    release = release_of(root, api)
    if release.released:
        return release
    text = _text(api)
    before = _read(root, api)
    entry = Entry(release.version, today.isoformat(), release.pending)
    record = Record(_digest(text), (entry, *(before.releases if before is not None else ())))
    for path in (_design(root, api), _file(root, api)):
        refuse_links(root, path)
    _design(root, api).parent.mkdir(parents=True, exist_ok=True)
    _design(root, api).write_bytes(text)
    _file(root, api).write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
    return release_of(root, api)


def _file(root: Path, api: Api) -> Path:
    return root / FOLDER / f"{api.name}.json"


def _design(root: Path, api: Api) -> Path:
    return root / FOLDER / f"{api.name}.design.json"


def _read(root: Path, api: Api) -> Record | None:
    path = _file(root, api)
    if not path.is_file():
        return None
    try:
        record = msgspec.json.decode(path.read_bytes(), type=Record)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReleaseBroken(f"{path} is damaged: {error}. Take it back from the repository.") from None
    fits = record.releases and all(_VERSION.fullmatch(entry.version) for entry in record.releases)
    if not fits or not _design(root, api).is_file():
        raise ReleaseBroken(f"{path} is incomplete: a release with its document is needed. Take both back from git.")
    return record


def _text(api: Api) -> bytes:
    """The document in one piece, the same bytes every time."""
    return json.dumps(unpack(api), ensure_ascii=False, indent=1, default=str).encode() + b"\n"


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _line(change: Change) -> Line:
    return change.severity, change.place, change.text


def _changelog(version: str, pending: Iterable[Line], releases: Sequence[Entry]) -> str:
    parts = ["# Changelog\n"]
    if not releases or version != releases[0].version:
        parts.append(f"## {version} (not released)\n")
        parts.extend(_section(tuple(pending)) if releases else ["The first version.\n"])
    for number, entry in enumerate(releases):
        parts.append(f"## {entry.version} ({visible(entry.date)})\n")
        parts.extend(_section(entry.changes) if number < len(releases) - 1 else ["The first version.\n"])
    return "\n".join(parts)


def _section(changes: tuple[Line, ...]) -> Iterable[str]:
    if not changes:
        yield "Made anew; the API is the same.\n"
    for severity, heading in _HEADINGS:
        mine = [f"- {_markdown(place)}: {_markdown(text)}" for kind, place, text in changes if kind == severity]
        if mine:
            more = [f"- and {len(mine) - _MOST} more"] if len(mine) > _MOST else []
            yield f"### {heading}\n" + "".join(f"{line}\n" for line in [*mine[:_MOST], *more])


def _markdown(text: str) -> str:
    """Words of the document inside a list item: nothing of them is markup."""
    return _MARKDOWN.sub(r"\\\1", visible(text))
