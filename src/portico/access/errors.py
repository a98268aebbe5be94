"""What can be wrong with what `auth/` declares.

PorticoError
└── ConfigError
    └── DeclarationInvalid    a file of auth/ says something that cannot be; carries its faults
        ├── RolesInvalid      auth/roles.yaml
        └── PlansInvalid      auth/plans.yaml
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portico.errors import ConfigError


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong, and where."""

    file: str  # relative to the project's root
    line: int  # from 1
    column: int  # from 1
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class DeclarationInvalid(ConfigError):
    """A file of `auth/` cannot be used; `faults` says why, place by place."""

    page = ""  # of the documentation

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults) + f"\nSee {self.page}.")


class RolesInvalid(DeclarationInvalid):
    """`auth/roles.yaml` cannot be used."""

    page = "docs/reference/roles.md"


class PlansInvalid(DeclarationInvalid):
    """`auth/plans.yaml` cannot be used."""

    page = "docs/reference/plans.md"
