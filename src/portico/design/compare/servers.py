"""Where an API is served: base paths and hosts."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from portico.design.build import path_of
from portico.design.compare.matching import Matched
from portico.design.compare.phrases import cut, shown
from portico.design.compare.scope import Scope
from portico.design.model import Api, Operation, Server

_OWN = ("localhost", "127.0.0.1", "::1", "")


def compare(scope: Scope, old: Api, new: Api, matched: Matched) -> None:
    """Note that the whole API moved. A base path that became part of the paths moves nothing."""
    if matched.by_relative_path:
        was, comes = (shown(api.base_path or "/") for api in (old, new))
        scope.inside("base path").say("base-path-changed", f"The base path changes from {was} to {comes}.")
    before, after = _origins(old.servers), _origins(new.servers)
    for origin in before:
        if origin not in after and after:
            scope.inside("servers").say("server-removed", f"{cut(origin)} does not serve the API any more.")
    for origin in after:
        if origin not in before and before:
            scope.inside("servers").say("server-added", f"{cut(origin)} serves the API as well.")


def compare_own(scope: Scope, old: Operation, new: Operation) -> None:
    """Note that one operation moved to servers of its own."""
    before, after = _whole(old.servers), _whole(new.servers)
    if bool(before) != bool(after) or not before <= after:
        was, comes = (", ".join(sorted(urls)) or "the API's servers" for urls in (before, after))
        scope.say("operation-server-changed", f"The operation is served by {cut(comes)}, and was by {cut(was)}.")


def _origins(servers: Iterable[Server]) -> list[str]:
    """The hosts of absolute addresses; those of one's own machine are nobody else's."""
    found = (_split(server.url) for server in servers)
    return list(dict.fromkeys(f"{scheme}://{host}" for scheme, host, own in found if not own))


def _split(url: str) -> tuple[str, str, bool]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.netloc.lower(), (parts.hostname or "") in _OWN
    except ValueError:
        return "", "", True


def _whole(servers: Iterable[Server]) -> frozenset[str]:
    return frozenset(
        f"{scheme}://{host}{path_of(server.url)}" if host else path_of(server.url) or "/"
        for server in servers
        for scheme, host, _ in (_split(server.url),)
    )
