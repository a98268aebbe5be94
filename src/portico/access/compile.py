"""What `auth/roles.yaml` declares, made into what decides. Faults are gathered, not raised one by one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from portico.access import declared
from portico.access.assignment import Assignment
from portico.access.conditions import (
    Claims,
    Condition,
    ConditionInvalid,
    Path,
    Stage,
    compile_claims,
    compile_networks,
    compile_window,
)
from portico.access.declared import words
from portico.access.model import Decision
from portico.access.patterns import PathPattern, PatternInvalid, compile_path, matches
from portico.access.policy import Statement, Table, Target, table_of
from portico.design.model import METHODS, Api, Operation, escape
from portico.identity.settings import PoolSettings

SHOWN = 20  # names that a message lists


@dataclass(frozen=True, slots=True)
class Role:
    """A role at work."""

    name: str
    description: str
    max_duration: float  # seconds
    assignment: Assignment
    statements: tuple[Statement, ...]
    table: Table = field(repr=False)
    declared: declared.Role = field(repr=False)

    @property
    def claims(self) -> frozenset[str]:
        """The claims that its statements and its assignment look at."""
        found = set(self.assignment.claims)
        for statement in self.statements:
            for condition in statement.conditions:
                if isinstance(condition, Claims):
                    found.update(name for name, _ in condition.wanted)
                elif isinstance(condition, Path):
                    found.update(*(pattern.claims for pattern in condition.patterns))
        return frozenset(found)


def targets_of(apis: Iterable[Api]) -> tuple[Target, ...]:
    """The operations of APIs."""
    return tuple(
        Target(api.name, operation.id, operation.method.upper(), operation.path, _takes_rest(operation))
        for api in apis
        for operation in api.operations
    )


def _takes_rest(operation: Operation) -> bool:
    return any(one.location == "path" and one.schema.get("format") == "path" for one in operation.parameters)


class Compiler:
    """Compiles roles, and gathers what is wrong with them: JSON pointers and sentences."""

    def __init__(self, targets: Sequence[Target], settings: PoolSettings) -> None:
        self.faults: list[tuple[str, str]] = []
        self._targets = targets
        self._settings = settings
        self._apis = sorted({target.api for target in targets})

    def role(self, name: str, said: declared.Role) -> Role:
        """One role."""
        pointer = f"/roles/{escape(name)}"
        if not declared.SHORTEST <= said.max_duration <= declared.LONGEST:
            self._fault(f"{pointer}/max_duration", "max_duration must be 15m to 12h.")
        statements = tuple(
            self._statement(name, place, one, f"{pointer}/statements/{place}")
            for place, one in enumerate(said.statements)
        )
        self._no_twins(said, pointer)
        return Role(
            name=name,
            description=said.description,
            max_duration=float(said.max_duration),
            assignment=self._assignment(said, f"{pointer}/assigned_to"),
            statements=statements,
            table=table_of(name, statements, self._targets),
            declared=said,
        )

    def _assignment(self, said: declared.Role, pointer: str) -> Assignment:
        to = said.assigned_to
        for place, group in enumerate(to.groups):
            if group not in self._settings.groups:
                known = _listed(self._settings.groups)
                self._fault(f"{pointer}/groups/{place}", f"auth/pool.yaml has no group {group!r}. It has: {known}.")
        for place, rule in enumerate(to.claims):
            if not rule:
                self._fault(f"{pointer}/claims/{place}", "A rule without claims fits everyone; write signed_in: true.")
        if to.guests and not self._settings.guests:
            self._fault(f"{pointer}/guests", "auth/pool.yaml lets nobody be a guest: it says guests: false.")
        return Assignment(
            precedence=said.precedence,
            groups=frozenset(to.groups),
            rules=tuple(compile_claims(rule) for rule in to.claims),
            clients=frozenset(to.clients),
            signed_in=to.signed_in,
            guests=to.guests,
        )

    def _statement(self, role: str, place: int, said: declared.Statement, pointer: str) -> Statement:
        name = f"{role}/{said.id or place + 1}"
        operations = words(said.operations)
        paths = self._paths(words(said.paths), pointer)
        verb = "allows" if said.effect == "allow" else "denies"
        statement = Statement(
            name=name,
            effect=said.effect,
            apis=words(said.api),
            operations=operations,
            methods=tuple(method.upper() for method in words(said.methods)),
            conditions=self._conditions(said, paths, pointer),
            decision=Decision(said.effect == "allow", name, f"The statement {name} {verb} it."),
        )
        if not (operations or statement.methods or paths or said.paths):
            self._fault(pointer, 'The statement selects nothing. Give it operations, methods or paths; "*" is all.')
        self._known(statement, said, paths, pointer)
        return statement

    def _conditions(
        self, said: declared.Statement, paths: tuple[PathPattern, ...], pointer: str
    ) -> tuple[Condition, ...]:
        """The cheapest come first."""
        found: list[Condition] = []
        if said.stages:
            found.append(Stage(words(said.stages)))
        if said.claims:
            found.append(Claims(compile_claims(said.claims)))
        if paths:
            found.append(Path(paths))
        try:
            at = f"{pointer}/time"
            found.extend([compile_window(said.time)] if said.time is not None else [])
            at = f"{pointer}/from"
            found.extend([compile_networks(words(said.source))] if said.source else [])
        except ConditionInvalid as error:
            self._fault(at, f"{_sentence(error)}.")
        return tuple(found)

    def _paths(self, texts: Sequence[str], pointer: str) -> tuple[PathPattern, ...]:
        found = []
        for text in texts:
            try:
                found.append(compile_path(text))
            except PatternInvalid as error:
                self._fault(f"{pointer}/paths", f"{_sentence(error)}.")
        return tuple(found)

    def _known(
        self, statement: Statement, said: declared.Statement, paths: Sequence[PathPattern], pointer: str
    ) -> None:
        """Every name and every path must mean something that exists: a typing error would allow, or fail to deny."""
        chosen = [target for target in self._targets if any(matches(one, target.api) for one in statement.apis)]
        for pattern in statement.apis:
            if not any(matches(pattern, api) for api in self._apis):
                self._fault(f"{pointer}/api", f"There is no API {pattern!r}. {_meant(pattern, self._apis)}")
        for pattern in statement.operations:
            if chosen and not any(matches(pattern, target.id) for target in chosen):
                where = " and ".join(sorted({target.api for target in chosen}))
                names = [target.id for target in chosen]
                self._fault(f"{pointer}/operations", f"{where} has no operation {pattern!r}. {_meant(pattern, names)}")
        for pattern in statement.methods:
            if not any(matches(pattern, method.upper()) for method in METHODS):
                self._fault(f"{pointer}/methods", f"There is no method {pattern!r}.")
        for path in paths:
            if chosen and not any(path.may_match(one.path, takes_rest=one.takes_rest) for one in chosen):
                known = _listed(sorted({target.path for target in chosen}))
                self._fault(f"{pointer}/paths", f"No operation has a path like {path.text}. There are: {known}.")

    def _no_twins(self, said: declared.Role, pointer: str) -> None:
        seen: set[str] = set()
        for place, one in enumerate(said.statements):
            if one.id and one.id in seen:
                self._fault(f"{pointer}/statements/{place}/id", f"The id {one.id!r} is in this role twice.")
            seen.add(one.id)

    def _fault(self, pointer: str, message: str) -> None:
        self.faults.append((pointer, message))


def compile_roles(
    said: Mapping[str, declared.Role], targets: Sequence[Target], settings: PoolSettings
) -> tuple[dict[str, Role], list[tuple[str, str]]]:
    """Compile all roles.

    Args:
        said: what the file declares.
        targets: all operations there are.
        settings: the user pool, whose groups roles are assigned to.

    Returns:
        The roles, those first that are taken first, and what is wrong: JSON pointers and sentences.
    """
    compiler = Compiler(targets, settings)
    roles = [compiler.role(name, one) for name, one in said.items()]
    roles.sort(key=lambda role: role.assignment.order)  # stable: of equals the first in the file
    return {role.name: role for role in roles}, compiler.faults


def _meant(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(close)}?" if close else f"There are: {_listed(known)}."


def _listed(names: Iterable[str]) -> str:
    all_names = list(names)
    more = f" and {len(all_names) - SHOWN} more" if len(all_names) > SHOWN else ""
    return ", ".join(all_names[:SHOWN]) + more if all_names else "none"


def _sentence(error: Exception) -> str:
    text = str(error)
    return text[:1].upper() + text[1:]
