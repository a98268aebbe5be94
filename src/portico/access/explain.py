"""Why a policy decides as it does: every statement, and which of its conditions hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from portico.access.conditions import Condition
from portico.access.model import Call, Decision, Principal
from portico.access.policy import Statement
from portico.access.roles import Roles

Holds = Literal["yes", "no", "unknown"]
_WORDS: dict[bool | None, Holds] = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Step:
    """A condition of a statement, and whether it holds."""

    condition: str
    holds: Holds


@dataclass(frozen=True, slots=True)
class Considered:
    """A statement that is about the operation."""

    statement: str
    effect: str
    applies: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision, and everything that was considered for it."""

    decision: Decision
    considered: tuple[Considered, ...]


def explain(roles: Roles, principal: Principal, call: Call) -> Explanation:
    """The decision that `roles.decide` makes, with its reasons.

    Args:
        roles: the project's roles.
        principal: who calls, and in which role.
        call: what is called.
    """
    role = roles.all.get(principal.role)
    target = next((one for one in roles.targets if one.key == (call.api, call.operation)), None)
    statements = role.statements if role is not None and target is not None else ()
    return Explanation(
        decision=roles.decide(principal, call),
        considered=tuple(
            _considered(one, principal, call) for one in statements if target is not None and one.selects(target)
        ),
    )


def _considered(statement: Statement, principal: Principal, call: Call) -> Considered:
    return Considered(
        statement=statement.name,
        effect=statement.effect,
        applies=statement.applies(principal, call),
        steps=tuple(_step(condition, principal, call) for condition in statement.conditions),
    )


def _step(condition: Condition, principal: Principal, call: Call) -> Step:
    return Step(str(condition), _WORDS[condition.holds(principal, call)])
