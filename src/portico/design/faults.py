"""Faults found while reading: a rule broken at a place, before anyone has counted lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portico.design.findings import Finding, Severity
from portico.design.model import Location
from portico.design.rules import RULES
from portico.design.source import Sources


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule broken at a place."""

    rule: str
    at: Location
    message: str
    mend: str = ""  # "": the rule's own
    line: int = 0  # 0: to be found from the pointer
    column: int = 0

    @property
    def severity(self) -> Severity:
        """The rule's severity."""
        return RULES[self.rule].severity


class FaultError(Exception):
    """One fault that ends what was being done."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.message)


def findings(faults: Iterable[Fault], sources: Sources) -> list[Finding]:
    """Faults with their lines and columns, in the order of the files; the same fault is told once."""
    wanted: dict[str, set[str]] = {}
    unique = list(dict.fromkeys(faults))
    for fault in unique:
        if not fault.line:
            wanted.setdefault(fault.at.file, set()).add(fault.at.pointer)
    positions = {file: sources.positions(file, pointers) for file, pointers in wanted.items()}
    result = []
    for fault in unique:
        line, column = (fault.line, fault.column) if fault.line else positions[fault.at.file][fault.at.pointer]
        rule = RULES[fault.rule]
        result.append(
            Finding(
                fault.at.file, line, column, rule.name, rule.severity, fault.message, fault.mend or rule.mend,
                fault.at.pointer,
            )
        )  # fmt: skip
    return sorted(set(result))
