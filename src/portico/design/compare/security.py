"""Who may call an operation: requirements are alternatives, of which one must be met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portico.design.compare.phrases import cut, named
from portico.design.compare.scope import Scope
from portico.design.model import Operation, Requirement

Ways = list[Mapping[str, frozenset[str]]]  # each: schemes with their scopes, all needed


def compare(scope: Scope, old: Operation, new: Operation, renamed: Mapping[str, str]) -> None:
    """Note what changed of who may call an operation.

    Args:
        scope: the operation.
        old: the operation before.
        new: the operation after.
        renamed: the schemes that have another name, from the old one to the new one.
    """
    before, after = _ways(old.security, renamed), _ways(new.security, {})
    if {} in before and {} not in after:
        scope.say("security-added", f"The operation was open, and needs {_told(after)} now.")
    for way in before if {} not in before else ():
        if not any(_asks_no_more(other, way) for other in after):
            _lost(scope, way, after)
    if {} in after and {} not in before:
        scope.say("security-removed", f"The operation needed {_told(before)}, and is open now.")
    for way in after if {} not in after else ():
        if {} not in before and not any(_asks_no_more(other, way) for other in before):
            _gained(scope, way, before)


def _ways(security: tuple[Requirement, ...] | None, renamed: Mapping[str, str]) -> Ways:
    """The alternatives; where nothing is required, or nothing is said, the empty one."""
    ways = [
        {renamed.get(name, name): frozenset(scopes) for name, scopes in requirement.schemes.items()}
        for requirement in security or ()
    ]
    return list(ways) or [{}]


def _asks_no_more(one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> bool:
    """Whether everybody who meets the second alternative meets the first."""
    return all(name in other and scopes <= other[name] for name, scopes in one.items())


def _lost(scope: Scope, way: Mapping[str, frozenset[str]], after: Ways) -> None:
    for other in after:
        if other.keys() == way.keys() and _asks_no_more(way, other):
            scope.say("security-scope-added", f"{_told([way])} is not enough any more: it needs {_told([other])}.")
            return
    scope.say("security-alternative-removed", f"{_told([way])} does not let in any more: it needs {_told(after)}.")


def _gained(scope: Scope, way: Mapping[str, frozenset[str]], before: Ways) -> None:
    for other in before:
        if other.keys() == way.keys() and _asks_no_more(way, other):
            scope.say("security-scope-removed", f"{_told([way])} is enough, where {_told([other])} was needed.")
            return
    scope.say("security-alternative-added", f"{_told([way])} lets in as well.")


def _told(ways: Iterable[Mapping[str, frozenset[str]]]) -> str:
    return " or ".join(
        " and ".join(f"{cut(name)}{f' ({named(sorted(scopes))})' if scopes else ''}" for name, scopes in way.items())
        or "nothing"
        for way in ways
    )
