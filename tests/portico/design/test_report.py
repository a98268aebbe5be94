"""Findings as people, programs and code scanners want them."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import jsonschema
from rich.console import Console

from portico.design import Finding, Severity, report

ERROR = Finding("specs/shop.yaml", 2, 3, "no-security-decision", Severity.ERROR, "Nobody decided.", "Decide.", "/paths")
WARNING = Finding("specs/shop.yaml", 1, 1, "odd-structure", Severity.WARNING, "It is odd.", "Mend it.")

SARIF = {  # the parts of sarif-schema-2.1.0.json that code scanners insist on
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "text": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}},
        "run": {
            "required": ["tool", "results"],
            "properties": {
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "tool": {
                    "required": ["driver"],
                    "properties": {
                        "driver": {
                            "required": ["name"],
                            "properties": {
                                "rules": {"type": "array", "uniqueItems": True, "items": {"required": ["id"]}}
                            },
                        }
                    },
                },
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            },
        },
        "result": {
            "required": ["message", "ruleId", "level", "locations"],
            "properties": {
                "message": {"$ref": "#/$defs/text"},
                "ruleIndex": {"type": "integer", "minimum": -1},
                "level": {"enum": ["none", "note", "warning", "error"]},
                "locations": {
                    "items": {
                        "required": ["physicalLocation"],
                        "properties": {
                            "physicalLocation": {
                                "required": ["artifactLocation", "region"],
                                "properties": {
                                    "artifactLocation": {
                                        "required": ["uri"],
                                        "properties": {"uri": {"format": "uri-reference"}},
                                    },
                                    "region": {
                                        "properties": {
                                            "startLine": {"type": "integer", "minimum": 1},
                                            "startColumn": {"type": "integer", "minimum": 1},
                                        }
                                    },
                                },
                            }
                        },
                    }
                },
            },
        },
    },
}


def shown(findings: list[Finding], root: Path) -> str:
    out = StringIO()
    Console(file=out, width=200, force_terminal=False).print(report.text(findings, root=root))
    return out.getvalue()


def test_people_see_the_line_and_a_caret_under_the_place(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/shop.yaml").write_text("openapi: 3.1.0\n  paths: {}\n")
    lines = shown([ERROR, WARNING], tmp_path).splitlines()
    assert lines[0].rstrip() == "specs/shop.yaml"
    assert lines[1].split() == ["1:1", "warning", "It", "is", "odd.", "odd-structure"]
    place = next(number for number, line in enumerate(lines) if "paths: {}" in line)
    assert lines[place + 1].index("^") == lines[place].index("paths")
    assert lines[-1].strip() == "1 error, 1 warning"


def test_a_line_of_megabytes_is_shown_in_part(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/shop.yaml").write_text("x" * 5_000_000 + "HERE" + "y" * 5_000_000)
    finding = Finding("specs/shop.yaml", 1, 5_000_001, "odd-structure", Severity.WARNING, "It is odd.", "Mend it.")
    lines = shown([finding], tmp_path).splitlines()
    assert lines[3].index("^") == lines[2].index("HERE")
    assert len(lines[2]) < 200


def test_a_document_cannot_command_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("x: \x1b[2J\x9b31m\u202egnp\n")
    finding = Finding("a.yaml", 1, 1, "odd-structure", Severity.WARNING, "[red]\x1b]0;owned\x07[/red]", "Mend [it].")
    text = shown([finding], tmp_path)
    assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(text)
    assert "[red]" in text
    assert "Mend [it]." in text


def test_no_findings_are_good_news(tmp_path: Path) -> None:
    assert "No faults" in shown([], tmp_path)


def test_programs_get_plain_values() -> None:
    assert report.json([ERROR]) == [
        {
            "file": "specs/shop.yaml",
            "line": 2,
            "column": 3,
            "pointer": "/paths",
            "rule": "no-security-decision",
            "severity": "error",
            "message": "Nobody decided.",
            "mend": "Decide.",
        }
    ]


def test_code_scanners_get_sarif() -> None:
    log = report.sarif([ERROR, WARNING, ERROR])
    jsonschema.validate(log, SARIF, cls=jsonschema.Draft202012Validator)
    (run,) = log["runs"]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [ids[result["ruleIndex"]] for result in run["results"]] == [result["ruleId"] for result in run["results"]]
    assert run["results"][0]["level"] == "error"
