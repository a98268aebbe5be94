"""Writing packages: nothing that a person wrote is lost, and nothing is written outside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portico.sdkgen import folder, manifest
from portico.sdkgen.folder import Change, Outside
from portico.sdkgen.language import File
from portico.sdkgen.manifest import ManifestBroken

FILES = [File("README.md", b"one\n"), File("src/a.py", b"a\n")]


def states(changes: list[Change]) -> dict[str, str]:
    return {change.path: change.state for change in changes}


def make(at: Path, files: list[File], *, force: bool = False) -> dict[str, str]:
    changes = folder.compare(at, files, {"types": {"A": "A"}}, force=force)
    folder.write(at, changes)
    return states(changes)


def test_everything_is_created_and_then_unchanged_and_untouched(tmp_path: Path) -> None:
    assert make(tmp_path, FILES) == {".portico.json": "created", "README.md": "created", "src/a.py": "created"}
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert make(tmp_path, FILES) == {"README.md": "unchanged", "src/a.py": "unchanged"}
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before


def test_what_changed_is_updated_and_what_is_no_longer_generated_goes(tmp_path: Path) -> None:
    make(tmp_path, FILES)
    found = make(tmp_path, [File("README.md", b"two\n")])
    assert found == {".portico.json": "updated", "README.md": "updated", "src/a.py": "removed"}
    assert not (tmp_path / "src").exists()


def test_a_file_that_a_person_added_stays(tmp_path: Path) -> None:
    make(tmp_path, FILES)
    (tmp_path / "src" / "mine.py").write_bytes(b"mine\n")
    make(tmp_path, [File("README.md", b"two\n")])
    assert (tmp_path / "src" / "mine.py").read_bytes() == b"mine\n"


def test_a_file_that_a_person_marked_stays_as_it_is(tmp_path: Path) -> None:
    make(tmp_path, FILES)
    (tmp_path / "README.md").write_bytes(b"<!-- portico: keep -->\nmine\n")
    assert make(tmp_path, [File("README.md", b"two\n")])["README.md"] == "kept"
    assert (tmp_path / "README.md").read_bytes() == b"<!-- portico: keep -->\nmine\n"
    assert make(tmp_path, [], force=True)["README.md"] == "kept"


def test_a_file_that_a_person_edited_is_told_and_not_overwritten(tmp_path: Path) -> None:
    make(tmp_path, FILES)
    (tmp_path / "README.md").write_bytes(b"mine\n")
    assert make(tmp_path, [File("README.md", b"two\n"), FILES[1]])["README.md"] == "edited"
    assert (tmp_path / "README.md").read_bytes() == b"mine\n"
    assert make(tmp_path, [File("README.md", b"two\n"), FILES[1]], force=True)["README.md"] == "updated"


def test_a_file_that_was_there_before_the_first_generation_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(b"mine\n")
    assert make(tmp_path, FILES)["README.md"] == "edited"
    assert (tmp_path / "README.md").read_bytes() == b"mine\n"


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    away, package = tmp_path / "away", tmp_path / "package"
    away.mkdir()
    package.mkdir()
    os.symlink(away, package / "src")
    with pytest.raises(Outside):
        folder.compare(package, FILES, {})
    assert list(away.iterdir()) == []


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", ""])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(Outside):
        folder.compare(tmp_path, [File(name, b"")], {})


def test_a_manifest_cannot_make_it_remove_files_elsewhere(tmp_path: Path) -> None:
    victim, package = tmp_path / "victim", tmp_path / "package"
    victim.write_bytes(b"x")
    package.mkdir()
    record = manifest.Manifest({"../victim": manifest.digest(b"x")}, {})
    (package / manifest.NAME).write_bytes(record.encoded())
    with pytest.raises(Outside):
        folder.compare(package, [], {})
    assert victim.read_bytes() == b"x"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"files": [], "names": {}}', '{"files": {"a": 1}, "names": {}}', "<<<<<<< ours"]
)
def test_a_damaged_manifest_is_refused_with_its_mend(tmp_path: Path, text: str) -> None:
    (tmp_path / manifest.NAME).write_text(text, encoding="utf-8")
    with pytest.raises(ManifestBroken, match="run `portico sdk` again"):
        folder.compare(tmp_path, FILES, {})


def test_a_manifest_reads_as_it_was_written(tmp_path: Path) -> None:
    record = manifest.Manifest.of(FILES, {"types": {"a b": "AB", "ü": "U"}})
    (tmp_path / manifest.NAME).write_bytes(record.encoded())
    assert manifest.read(tmp_path) == record


def test_no_text_of_a_document_marks_a_file_to_be_kept(tmp_path: Path) -> None:
    marked = b"x" * 2_030 + b" portico: keep\n"
    for first in (b"# portico: keep\n" * 200, marked):
        make(tmp_path, [File("a.py", first)])
        assert make(tmp_path, [File("a.py", b"two\n")])["a.py"] == "updated"
    late = b"x" * 3_000 + b" portico: keep\n"
    make(tmp_path, [File("a.py", late)])
    assert (tmp_path / "a.py").read_bytes() == late, "further down it says nothing"


@pytest.mark.parametrize("linked", ["sdk", "sdk/python", "sdk/python/shop"])
def test_a_folder_of_a_project_that_is_or_lies_behind_a_link_is_refused(tmp_path: Path, linked: str) -> None:
    root, away = tmp_path / "project", tmp_path / "away"
    away.mkdir()
    (root / linked).parent.mkdir(parents=True)
    os.symlink(away, root / linked)
    with pytest.raises(Outside, match="is a link"):
        folder.refuse_links(root, root / "sdk" / "python" / "shop")
    folder.refuse_links(root, root / "other" / "shop")
