"""The policy of a role: its statements, compiled so that most decisions are a look-up.

What a statement says of APIs, operations and methods is decided once, when the file is read. Only conditions on the
request (path, stage, address, time, claims) are left for later, and an operation whose statements have none is a
finished decision. A statement that denies always wins over those that allow; where none applies, the call is denied
(as IAM has it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portico.access.conditions import Condition
from portico.access.declared import Effect
from portico.access.model import Call, Decision, Principal
from portico.access.patterns import matches

OperationKey = tuple[str, str]  # the API's name, the operation's id


@dataclass(frozen=True, slots=True)
class Target:
    """An operation, as statements select it."""

    api: str
    id: str
    method: str  # upper case
    path: str  # the template, below the base path
    takes_rest: bool = False  # its last parameter takes all the rest of the path, slashes included

    @property
    def key(self) -> OperationKey:
        """What it is looked up by."""
        return self.api, self.id


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled statement."""

    name: str  # "visitor/own-orders"
    effect: Effect
    apis: tuple[str, ...]  # patterns
    operations: tuple[str, ...]  # patterns; empty: all
    methods: tuple[str, ...]  # patterns, upper case; empty: all
    conditions: tuple[Condition, ...]
    decision: Decision  # what it decides where it applies

    def selects(self, target: Target) -> bool:
        """Whether it is about an operation at all."""
        return (
            any(matches(pattern, target.api) for pattern in self.apis)
            and (not self.operations or any(matches(pattern, target.id) for pattern in self.operations))
            and (not self.methods or any(matches(pattern, target.method) for pattern in self.methods))
        )

    def holds(self, principal: Principal, call: Call) -> bool | None:
        """Whether its conditions hold; None where that cannot be said, and none is known not to."""
        unknown = False
        for condition in self.conditions:
            said = condition.holds(principal, call)
            if said is False:
                return False
            unknown = unknown or said is None
        return None if unknown else True

    def applies(self, principal: Principal, call: Call) -> bool:
        """Whether it counts: one that allows only where all its conditions hold, one that denies also in doubt."""
        said = self.holds(principal, call)
        return said is True if self.effect == "allow" else said is not False


@dataclass(frozen=True, slots=True)
class Rule:
    """What decides about one operation, where the request matters."""

    denying: tuple[Statement, ...]
    allowing: tuple[Statement, ...]
    otherwise: Decision

    def decide(self, principal: Principal, call: Call) -> Decision:
        """The decision."""
        for statement in self.denying:
            if statement.applies(principal, call):
                return statement.decision
        for statement in self.allowing:
            if statement.applies(principal, call):
                return statement.decision
        return self.otherwise


Table = Mapping[OperationKey, Decision | Rule]


def table_of(role: str, statements: Sequence[Statement], targets: Sequence[Target]) -> Table:
    """Every operation, and what a role's statements decide about it.

    Args:
        role: its name.
        statements: in the order of the file.
        targets: all operations there are.
    """
    return {target.key: _rule(role, [one for one in statements if one.selects(target)], target) for target in targets}


def _rule(role: str, statements: Sequence[Statement], target: Target) -> Decision | Rule:
    denying = tuple(one for one in statements if one.effect == "deny")
    allowing = tuple(one for one in statements if one.effect == "allow")
    otherwise = Decision(False, None, f"No statement of the role {role} allows {target.api} {target.id} here.")
    always = next((one for one in denying if not one.conditions), None)
    if always is not None:
        return always.decision
    if not allowing:
        return otherwise
    if not denying and not allowing[0].conditions:
        return allowing[0].decision
    return Rule(denying, allowing, otherwise)
