"""Findings for people, for programs (JSON) and for code scanners (SARIF 2.1.0)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

import portico
from portico.design.findings import Finding, Severity
from portico.design.limits import MAX_BYTES
from portico.design.rules import RULES

_WIDTH = 100  # of a source line that is shown
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def text(findings: Sequence[Finding], *, root: Path | None = None) -> RenderableType:
    """Findings by file, each with its line and a caret under the place.

    Args:
        findings: what to show.
        root: the folder that the files' names are relative to; this folder or the closest above that holds them.
    """
    if not findings:
        return Text("No faults found.", style="green")
    parts: list[RenderableType] = []
    for file, group in groupby(sorted(findings), key=lambda finding: finding.file):
        lines = _lines(file, root)
        parts.append(Text(_plain(file), style="bold underline"))
        parts.extend(_finding(finding, lines) for finding in group)
        parts.append(Text())
    parts.append(_summary(findings))
    return Group(*parts)


def _finding(finding: Finding, lines: Sequence[str]) -> Text:
    colour = "red" if finding.severity is Severity.ERROR else "yellow"
    result = Text.assemble(
        (f"  {finding.line}:{finding.column}", "dim"), "  ", (finding.severity, colour), f"  {_plain(finding.message)}",
        (f"  {finding.rule}", "dim"),
    )  # fmt: skip
    if 0 < finding.line <= len(lines):
        shown, caret = _window(lines[finding.line - 1], finding.column)
        result.append(f"\n      {shown}\n      {' ' * caret}")
        result.append("^", style=colour)
    result.append(f"\n      {_plain(finding.mend)}", style="cyan")
    return result


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a line around a column, and where the column is in it: a JSON file may be one line of megabytes."""
    start = max(0, min(column - 1 - _WIDTH // 4, len(line) - _WIDTH))
    if start == 0:
        start = min(len(line) - len(line.lstrip()), column - 1)
    return _plain(line[start : start + _WIDTH].replace("\t", " ")), max(0, column - 1 - start)


def _plain(value: str) -> str:
    """Without characters that would command the terminal or turn the text round: documents come from strangers."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)


def _lines(file: str, root: Path | None) -> list[str]:
    folders = [root] if root is not None else [Path.cwd(), *Path.cwd().parents]
    for folder in folders:
        path = folder / file
        try:
            if path.is_file() and path.stat().st_size <= MAX_BYTES:
                return path.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            continue
    return []


def _summary(findings: Sequence[Finding]) -> Text:
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    warnings = len(findings) - errors
    parts = [_count(errors, "error")] if errors else []
    parts += [_count(warnings, "warning")] if warnings else []
    return Text(", ".join(parts), style="bold red" if errors else "bold yellow")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as plain values, one object each."""
    return [
        {
            "file": finding.file,
            "line": finding.line,
            "column": finding.column,
            "pointer": finding.pointer,
            "rule": finding.rule,
            "severity": str(finding.severity),
            "message": finding.message,
            "mend": finding.mend,
        }
        for finding in findings
    ]


def sarif(findings: Sequence[Finding]) -> dict[str, Any]:
    """Findings as a SARIF 2.1.0 log (OASIS), for code scanning services."""
    names = sorted({finding.rule for finding in findings})
    index = {name: number for number, name in enumerate(names)}
    driver = {
        "name": "Portico",
        "version": portico.__version__,
        "rules": [_sarif_rule(name) for name in names],
    }
    results = [_sarif_result(finding, index) for finding in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _sarif_rule(name: str) -> dict[str, Any]:
    rule = RULES.get(name)
    if rule is None:
        return {"id": name}
    return {
        "id": name,
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.mend},
        "defaultConfiguration": {"level": str(rule.severity)},
    }


def _sarif_result(finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": finding.file},
        "region": {"startLine": finding.line, "startColumn": finding.column},
    }
    return {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": str(finding.severity),
        "message": {"text": f"{finding.message} {finding.mend}"},
        "locations": [{"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": finding.pointer}]}],
    }
