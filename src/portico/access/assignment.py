"""Who may take which role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portico.access.conditions import claims_fit
from portico.access.declared import Scalar

GROUPS = "cognito:groups"
PREFERRED = "cognito:preferred_role"

Rules = tuple[tuple[tuple[str, tuple[Scalar, ...]], ...], ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who may take one role."""

    precedence: int
    groups: frozenset[str]
    rules: Rules  # of claims: one that fits is enough
    clients: frozenset[str]
    signed_in: bool
    guests: bool

    @property
    def claims(self) -> frozenset[str]:
        """The claims that it looks at, besides those that say who somebody is."""
        return frozenset(name for rule in self.rules for name, _ in rule)

    @property
    def order(self) -> tuple[int, int]:
        """Sorts roles: the lowest precedence first; of equals what is said of a few before what is said of all."""
        return self.precedence, 0 if self.groups else 1 if self.rules or self.clients else 2

    def admits(self, claims: Mapping[str, Any] | None, carried: frozenset[str] | None = None) -> bool:
        """Whether somebody may take the role.

        Args:
            claims: of a verified token; None for a guest.
            carried: the names of the claims that are known; None: all. What is not known fits no rule.
        """
        if claims is None:
            return self.guests
        if is_machine(claims):
            return claims.get("client_id") in self.clients
        if not claims.get("sub") or not isinstance(claims["sub"], str):
            return False
        if self.signed_in:
            return True
        if not self.groups.isdisjoint(groups_of(claims)):
            return True
        return any(claims_fit(rule, claims, carried) for rule in self.rules)


def is_machine(claims: Mapping[str, Any]) -> bool:
    """Whether a token was given to an application by itself, for nobody (RFC 9068 section 2.2: `sub` is the client)."""
    client = claims.get("client_id")
    return isinstance(client, str) and claims.get("sub", client) == client


def groups_of(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """The groups that a token names.

    Args:
        claims: of the token.
    """
    groups = claims.get(GROUPS)
    return tuple(one for one in groups if isinstance(one, str)) if isinstance(groups, list | tuple) else ()
