"""The documentation of `auth/roles.yaml` is true."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from portico.access import document
from portico.access.declared import Assigned, Role, Statement, Window

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(
    ("heading", "declared"),
    [("A role", Role), ("assigned_to", Assigned), ("A statement", Statement), ("time", Window)],
)
def test_every_key_is_documented_and_no_other(heading: str, declared: type[msgspec.Struct]) -> None:
    text = (DOCS / "reference" / "roles.md").read_text()
    section = re.split(r"^#+ ", text.partition(f"# {heading}\n")[2], flags=re.MULTILINE)[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    documented = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert sorted(documented) == sorted(field.encode_name for field in msgspec.structs.fields(declared))


def test_the_keys_at_the_top_are_documented() -> None:
    text = (DOCS / "reference" / "roles.md").read_text()
    assert all(f"| `{key}` |" in text for key in document.DECLARATION.keys)


def test_the_example_of_the_guide_can_be_read() -> None:
    example = (DOCS / "guides" / "roles.md").read_text().partition("```yaml\n")[2].partition("```")[0]
    assert [one.id for one in document.read(example).roles["visitor"].statements] == ["look", "own-orders"]
