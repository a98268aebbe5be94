"""The files of one design: read below the project's root only, or fetched from where the project allows."""

from __future__ import annotations

import ipaddress
import posixpath
import stat
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from portico.design import decode, fetch
from portico.design.limits import FETCH_TOTAL, MAX_BYTES, MAX_FILES, Unreadable
from portico.design.place import Place
from portico.design.source import Sources
from portico.design.template import render


class Refused(Exception):
    """A reference leads where documents may not lead."""


class Files:
    """Opens what a document refers to, each file once.

    Args:
        root: the project's folder; None when no file may be read.
        remote: the beginnings of URLs that may be fetched.
    """

    def __init__(self, root: Path | None, remote: Collection[str] = ()) -> None:
        self.root = root.resolve() if root is not None else None
        self.sources = Sources()
        self._remote = tuple(urlsplit(prefix) for prefix in remote)
        self._open: dict[str, Place] = {}
        self._failed: dict[str, Unreadable] = {}
        self._waited = 0.0  # seconds, for other hosts

    def add(self, name: str, value: Any) -> Place:
        """Register a document that was not read from a file."""
        self._open[name] = Place(value, name)
        return self._open[name]

    def first(self, path: Path, arguments: Mapping[str, object] | None) -> Place:
        """Read the root document.

        Raises:
            Refused: it does not lie below the root.
            Unreadable: it cannot be read.
        """
        if self.root is None:
            self.root = path.resolve().parent
        name = self._below_root(path)
        text = _read(self.root / name)
        if arguments:
            text = render(text, arguments)
        return self._take(name, text)

    @property
    def names(self) -> tuple[str, ...]:
        """Every file that was read, in that order."""
        return tuple(self._open)

    def name_of(self, path: Path) -> str:
        """The name of a file in findings: relative to the root where it lies below it."""
        resolved = path.resolve()
        if self.root is not None and resolved.is_relative_to(self.root):
            return resolved.relative_to(self.root).as_posix()
        return str(path)

    def open(self, target: str, base: str) -> Place:
        """The root of the file that a reference in the file `base` names.

        Args:
            target: the reference without its fragment.
            base: the name of the file that holds it.

        Raises:
            Refused: a document may not refer to that.
            Unreadable: the file is not there, or cannot be read.
        """
        name = self._name(target, base)
        if name in self._failed:
            raise self._failed[name]
        if name not in self._open:
            if len(self._open) >= MAX_FILES:
                raise Refused(f"The document is spread over more than {MAX_FILES:,} files.")
            try:
                self._take(name, self._fetch(name) if _is_url(name) else _read(self._path(name)))
            except Unreadable as error:
                self._failed[name] = error  # a host that does not answer is waited for once
                raise
        return self._open[name]

    def _fetch(self, url: str) -> str:
        if self._waited > FETCH_TOTAL:
            raise Unreadable("unreadable-file", f"{url} is not fetched: the others took {FETCH_TOTAL:g} s.")
        began = time.monotonic()
        try:
            return fetch.text(url)
        finally:
            self._waited += time.monotonic() - began

    def _take(self, name: str, text: str) -> Place:
        as_json = decode.is_json(text, name)
        self.sources.add(name, text, as_json=as_json)
        return self.add(name, decode.value_of(text, as_json=as_json))

    def _name(self, target: str, base: str) -> str:
        parts = urlsplit(target)
        if _is_url(base) or parts.scheme in ("http", "https"):
            return self._allowed(urljoin(base, target) if _is_url(base) else target)
        if parts.scheme or parts.netloc or "\\" in target or "\0" in unquote(target):
            raise Refused(f"The reference {target!r} is neither a relative path nor an http address.")
        path = unquote(parts.path)
        if path.startswith("/"):
            raise Refused(f"The reference {target!r} is an absolute path.")
        if self.root is None:
            raise Refused(f"The reference {target!r} names a file, and this document was not read from one.")
        return self._below_root(self.root / posixpath.dirname(base) / path)

    def _below_root(self, path: Path) -> str:
        assert self.root is not None  # noqa: S101 - every caller has looked
        resolved = path.resolve()  # follows symbolic links, so that none leads outside
        if not resolved.is_relative_to(self.root):
            raise Refused(f"{path.name!r} lies outside the project's folder.")
        below = resolved.relative_to(self.root)
        if any(part.startswith(".") for part in below.parts):  # .env, .git, .portico: not for documents to publish
            raise Refused(f"{path.name!r} is hidden.")
        return below.as_posix()

    def _path(self, name: str) -> Path:
        assert self.root is not None  # noqa: S101 - `_name` has looked
        return self.root / name

    def _allowed(self, url: str) -> str:
        parts = urlsplit(url)
        if parts.username or parts.password:
            raise Refused(f"The address {parts.hostname} is given with a password.")
        path = posixpath.normpath(unquote(parts.path) or "/")
        if not any(_covers(prefix, parts, path) for prefix in self._remote):
            raise Refused(f"The address {url} is not one that this project may read from.")
        if parts.scheme != "https" and not _loopback(parts.hostname or ""):
            raise Refused(f"The address {url} is not https.")
        return parts._replace(fragment="").geturl()


def _covers(prefix: SplitResult, url: SplitResult, path: str) -> bool:
    """Whole origins and whole path segments: https://a.example/x covers neither a.example.evil.com nor /xy."""
    folder = prefix.path.rstrip("/")
    return (prefix.scheme, prefix.netloc.lower()) == (url.scheme, url.netloc.lower()) and (
        path == folder or path.startswith(f"{folder}/")
    )


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_url(name: str) -> bool:
    return name.startswith(("http://", "https://"))


def _read(path: Path) -> str:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe or a device would never end
            raise Unreadable("unreadable-file", f"{path.name!r} is not a file.")
        if status.st_size > MAX_BYTES:
            raise Unreadable("too-large", f"The file is larger than {MAX_BYTES:,} bytes.")
        return decode.text_of(path.read_bytes())
    except OSError as error:
        raise Unreadable("unreadable-file", f"The file cannot be read: {error.strerror}.") from None
