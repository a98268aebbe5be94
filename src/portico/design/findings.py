"""What is wrong with a design, where, and how to mend it."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Severity(enum.StrEnum):
    """An error keeps the document from being served; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault of a design."""

    file: str  # relative to the project's root where it lies below it
    line: int  # from 1
    column: int  # from 1
    rule: str  # "duplicate-operation-id": see docs/reference/rules.md
    severity: Severity
    message: str  # one sentence: what is wrong
    mend: str  # one sentence: what to do about it
    pointer: str = ""  # JSON pointer (RFC 6901) of the node

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message} [{self.rule}] {self.mend}"
