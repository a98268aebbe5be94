"""The documentation of keys is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portico.access.keys import ApiKey, form
from portico.access.keys.exporter import COLUMNS
from portico.access.keys.rows import TITLES

TEXT = (Path(__file__).parents[4] / "docs" / "reference" / "keys.md").read_text()


def section(heading: str) -> str:
    return re.split(r"^## ", TEXT.partition(f"## {heading}\n")[2], flags=re.MULTILINE)[0]


def test_every_field_is_documented_and_no_other() -> None:
    rows = [line.split("|")[1] for line in section("What a key has").splitlines() if line.startswith("| `")]
    documented = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert sorted(documented) == sorted({*ApiKey.__struct_fields__} - {"created_at"})


@pytest.mark.parametrize(("heading", "columns"), [("Import", tuple(TITLES.values())), ("Export", COLUMNS)])
def test_every_column_is_documented(heading: str, columns: tuple[str, ...]) -> None:
    assert [name for name in columns if f"`{name}`" not in section(heading)] == []


def test_what_scanners_look_for_is_documented() -> None:
    assert form.SCANNED_FOR in section("The secret")
