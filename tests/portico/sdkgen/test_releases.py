"""The version of an SDK follows from what changed in the document since the last release."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

from portico import design
from portico.design import Api
from portico.sdkgen.folder import Outside
from portico.sdkgen.releases import FOLDER, ReleaseBroken, record_release, release_of

TODAY = dt.date(2026, 11, 21)


def api(root: Path, version: str = "1.4.2", **parameters: bool) -> Api:
    """A document whose only operation has these query parameters: name -> required."""
    listed = [
        {"name": name, "in": "query", "required": required, "schema": {"type": "string"}}
        for name, required in parameters.items()
    ]
    operation = {"operationId": "look", "parameters": listed, "responses": {"204": {"description": "d"}}}
    document = {"openapi": "3.1.1", "info": {"title": "Shop", "version": version}, "paths": {"/a": {"get": operation}}}
    (root / "specs").mkdir(exist_ok=True)
    path = root / "specs" / "shop.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return design.read(path, root=root)


def test_before_the_first_release_it_is_the_documents_own(tmp_path: Path) -> None:
    assert release_of(tmp_path, api(tmp_path)).version == "1.4.2"


@pytest.mark.parametrize("version", ["2026-01-01", "v1", "1.0", "1", "01.2.3", ""])
def test_a_document_whose_version_counts_otherwise_begins_at_the_beginning(tmp_path: Path, version: str) -> None:
    assert release_of(tmp_path, api(tmp_path, version)).version == "0.1.0"


def test_what_was_released_keeps_its_version_as_long_as_the_document_is_the_same(tmp_path: Path) -> None:
    record_release(tmp_path, api(tmp_path), TODAY)
    release = release_of(tmp_path, api(tmp_path))
    assert (release.version, release.released) == ("1.4.2", True)
    assert "## 1.4.2 (2026-11-21)" in release.changes


@pytest.mark.parametrize(
    ("parameters", "version", "heading"),
    [({"extra": False}, "1.5.0", "Added"), ({"must": True}, "2.0.0", "Breaking")],
)
def test_a_change_makes_the_next_version_and_tells_why(
    tmp_path: Path, parameters: dict[str, bool], version: str, heading: str
) -> None:
    record_release(tmp_path, api(tmp_path), TODAY)
    release = release_of(tmp_path, api(tmp_path, **parameters))
    assert release.version == version
    assert f"## {version} (not released)" in release.changes
    assert f"### {heading}" in release.changes
    assert release_of(tmp_path, api(tmp_path, **parameters)) == release


def test_the_document_may_ask_for_more_and_never_for_less(tmp_path: Path) -> None:
    record_release(tmp_path, api(tmp_path), TODAY)
    assert release_of(tmp_path, api(tmp_path, "3.0.0", extra=False)).version == "3.0.0"
    assert release_of(tmp_path, api(tmp_path, "1.4.3", must=True)).version == "2.0.0"


def test_each_release_stays_in_the_changelog(tmp_path: Path) -> None:
    record_release(tmp_path, api(tmp_path), TODAY)
    record_release(tmp_path, api(tmp_path, extra=False), TODAY)
    changes = release_of(tmp_path, api(tmp_path, extra=False, must=True)).changes
    headings = [line for line in changes.splitlines() if line.startswith("## ")]
    assert headings == ["## 2.0.0 (not released)", "## 1.5.0 (2026-11-21)", "## 1.4.2 (2026-11-21)"]


def test_releasing_twice_is_releasing_once(tmp_path: Path) -> None:
    first = record_release(tmp_path, api(tmp_path), TODAY)
    assert record_release(tmp_path, api(tmp_path), TODAY + dt.timedelta(days=1)) == first


def test_a_changelog_holds_no_markup_of_the_document(tmp_path: Path) -> None:
    record_release(tmp_path, api(tmp_path), TODAY)
    evil = "[x](javascript:alert(1)) <script>`|\n# heading\u202e"
    changes = release_of(tmp_path, api(tmp_path, **{evil: True})).changes
    assert "\\<script\\>" in changes
    assert "[x](" not in changes.replace("\\[", "").replace("\\]", "")
    assert "\n# heading" not in changes
    assert "\u202e" not in changes


@pytest.mark.parametrize("text", ["", "{}", '{"digest": "x", "releases": []}', '{"digest": 1}', "<<<<<<<"])
def test_a_damaged_record_is_refused(tmp_path: Path, text: str) -> None:
    record_release(tmp_path, api(tmp_path), TODAY)
    (tmp_path / FOLDER / "shop.json").write_text(text, encoding="utf-8")
    with pytest.raises(ReleaseBroken, match="Take"):
        release_of(tmp_path, api(tmp_path))


def test_nothing_is_recorded_through_a_link(tmp_path: Path) -> None:
    away, root = tmp_path / "away", tmp_path / "project"
    away.mkdir()
    (root / "sdk").mkdir(parents=True)
    (root / FOLDER).symlink_to(away)
    with pytest.raises(Outside):
        record_release(root, api(root), TODAY)
    assert list(away.iterdir()) == []


def test_a_record_without_its_document_is_refused(tmp_path: Path) -> None:
    record_release(tmp_path, api(tmp_path), TODAY)
    (tmp_path / FOLDER / "shop.design.json").unlink()
    with pytest.raises(ReleaseBroken):
        release_of(tmp_path, api(tmp_path, extra=False))
