"""Operations: what becomes of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from portico.design.compare import bodies, parameters, responses, security, servers
from portico.design.compare.matching import Matched
from portico.design.compare.phrases import cut
from portico.design.compare.scope import Scope
from portico.design.compare.wording import reword
from portico.design.model import Operation


def compare(scope: Scope, matched: Matched, renamed: Mapping[str, str]) -> None:
    """Note what changed of all operations.

    Args:
        scope: the designs.
        matched: which operations are the same.
        renamed: the security schemes that have another name.
    """
    for old, new in matched.kept:
        here = _scope(scope, old, new)
        if id(old) in matched.moved:
            here.say("operation-moved", f"The operation moves from {_title(old)} to {_title(new)}.")
        _compare(here, old, new, renamed)
    for old in matched.gone:
        _scope(scope, old, None).say("operation-removed", f"The operation {cut(old.id)} is gone.")
    for new in matched.come:
        _scope(scope, None, new).say("operation-added", f"The operation {cut(new.id)} is new.")


def _scope(scope: Scope, old: Operation | None, new: Operation | None) -> Scope:
    operation = new or old
    assert operation is not None  # noqa: S101 - one of them is there
    at = (one.at if one is not None else None for one in (old, new))
    return replace(scope.inside(_title(operation), *at), operation=operation.id)


def _title(operation: Operation) -> str:
    return f"{operation.method.upper()} {cut(operation.path, 120)}"


def _compare(scope: Scope, old: Operation, new: Operation, renamed: Mapping[str, str]) -> None:
    if old.id != new.id:
        scope.say("operation-renamed", f"The operation is called {cut(new.id)}, and was called {cut(old.id)}.")
    if old.deprecated != new.deprecated:
        rule, verb = ("deprecated", "is") if new.deprecated else ("restored", "is not")
        scope.say(f"operation-{rule}", f"The operation {verb} deprecated now.")
    servers.compare_own(scope, old, new)
    security.compare(scope, old, new, renamed)
    reword(scope, old, new, "summary", "description")
    if old.tags != new.tags:
        scope.say("tags-changed", "The operation has other tags.")
    parameters.compare(scope, old, new)
    bodies.compare(scope, old.body, new.body)
    responses.compare(scope, old, new)
