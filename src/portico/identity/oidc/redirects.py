"""Redirect URIs: which ones may be registered, and that only those are used (RFC 9700 section 2.1)."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterable, Mapping

LENGTH = 1_024  # characters
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_WITH_PORT = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\])):([1-9][0-9]{0,4})(/.*)", re.ASCII)
_LAST_PORT = 65_535
_SCRIPTED = frozenset({"javascript", "data", "vbscript", "file", "blob", "about", "view-source", "filesystem"})


def absolute(uri: str, origin: str) -> str:
    """A declared URI as browsers see it: one that begins with "/" is below the project's origin."""
    return f"{origin}{uri}" if uri.startswith("/") and not uri.startswith("//") else uri


def fault(uri: str) -> str | None:
    """Why nobody may be sent to a URI; None for a good one.

    Good are https, http on the machine itself, and an app's own scheme with a dot in it (RFC 8252 sections 7.1 to 7.3).
    """
    if len(uri) > LENGTH or not uri.isascii() or not uri.isprintable() or " " in uri or "\\" in uri or "*" in uri:
        return "it is too long, or has characters that no URI has, or a wildcard"
    try:
        parts = urllib.parse.urlsplit(uri)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "it is no URI"
    if "#" in uri:
        return "it has a fragment (RFC 6749 section 3.1.2)"
    if parts.username is not None or parts.password is not None:
        return "it holds a user name"
    if parts.scheme in ("http", "https"):
        if not host:
            return "it names no host"
        return None if parts.scheme == "https" or host in LOOPBACK else "http is for this machine only: use https"
    if parts.scheme in _SCRIPTED or "." not in parts.scheme:
        return "its scheme is neither https nor an app's own, such as com.example.app"
    return None


def is_registered(uri: str, registered: Iterable[str], *, any_port: bool = False) -> bool:
    """Whether a client may use a URI: character for character (RFC 9700 section 4.1.3).

    Args:
        uri: that it wants to use.
        registered: its own.
        any_port: whether one on the loopback address that is registered without a port stands for all ports, since a
            program listens on the one that the system gives it (RFC 8252 section 7.3). A name is not that address.
    """
    portless = _without_port(uri) if any_port else None
    return any(one in (uri, portless) for one in registered)


def _without_port(uri: str) -> str | None:
    """A URI on the loopback address without its port; None for all others, which have to be as they are registered.

    Nothing is parsed, so nothing can be read in two ways: but for the port every character is compared.
    """
    found = _WITH_PORT.fullmatch(uri)
    return f"{found[1]}{found[3]}" if found is not None and int(found[2]) <= _LAST_PORT else None


def origin_of(uri: str) -> str | None:
    """The web origin of a URI (RFC 6454 section 4), as browsers send it; None for an app's own scheme."""
    parts = urllib.parse.urlsplit(uri)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    default = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def with_parameters(uri: str, parameters: Mapping[str, str]) -> str:
    """A URI with parameters added to those that it has (RFC 6749 section 4.1.2)."""
    return f"{uri}{'&' if '?' in uri else '?'}{urllib.parse.urlencode(parameters)}"
