"""`portico sdk`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from portico.sdkgen.languages import LANGUAGES

PACKAGES = [f"sdk/{language}/pets" for language in LANGUAGES]


def test_it_writes_a_package_for_each_document_and_language(portico, pets):
    done = portico("sdk", cwd=pets)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == PACKAGES
    for package in PACKAGES:
        assert (pets / package / "README.md").is_file()
        assert (pets / package / ".portico.json").is_file()


def test_a_second_time_touches_nothing(portico, pets):
    portico("sdk", cwd=pets)
    before = {path: path.stat().st_mtime_ns for path in (pets / "sdk").rglob("*")}
    done = portico("sdk", cwd=pets)
    assert done.stdout.count("up to date") == len(PACKAGES)
    assert {path: path.stat().st_mtime_ns for path in (pets / "sdk").rglob("*")} == before


def test_two_machines_write_the_same_bytes(portico, pets, tmp_path):
    written = []
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "portico", "sdk"]
        subprocess.run(command, cwd=pets, env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"}, check=True)
        written.append(
            {path.relative_to(pets): path.read_bytes() for path in (pets / "sdk").rglob("*") if path.is_file()}
        )
        shutil.rmtree(pets / "sdk")
    assert written[0] == written[1]


def test_one_language_is_enough(portico, pets):
    assert portico("sdk", "python", cwd=pets).returncode == 0
    assert [path.name for path in (pets / "sdk").iterdir()] == ["python"]


def test_an_unknown_language_is_answered_with_those_that_there_are(portico, pets):
    done = portico("sdk", "cobol", cwd=pets)
    assert done.returncode == 2
    assert "python, typescript" in done.stderr
    assert not (pets / "sdk").exists()


def test_check_writes_nothing_and_says_what_is_stale(portico, pets):
    done = portico("sdk", "--check", cwd=pets)
    assert done.returncode == 1
    assert "stale" in done.stdout
    assert not (pets / "sdk").exists()
    portico("sdk", cwd=pets)
    assert portico("sdk", "--check", cwd=pets).returncode == 0
    design = pets / "specs" / "pets.yaml"
    design.write_text(design.read_text().replace("summary: One pet", "summary: A pet"))
    done = portico("sdk", "--check", cwd=pets)
    assert done.returncode == 1
    assert "updated README.md" in done.stdout


def test_an_edited_file_stops_everything_until_somebody_decides(portico, pets):
    portico("sdk", cwd=pets)
    readme = pets / "sdk" / "python" / "pets" / "README.md"
    generated = readme.read_bytes()
    readme.write_text("mine\n")
    design = pets / "specs" / "pets.yaml"
    design.write_text(design.read_text().replace("summary: One pet", "summary: A pet"))
    other = pets / "sdk" / "typescript" / "pets" / "README.md"
    before = other.read_bytes()
    done = portico("sdk", cwd=pets)
    assert done.returncode == 1
    assert "README.md was edited by hand" in done.stderr
    assert "portico: keep" in done.stderr
    assert readme.read_text() == "mine\n"
    assert other.read_bytes() == before
    readme.write_text("<!-- portico: keep -->\nmine\n")
    assert portico("sdk", cwd=pets).returncode == 0
    assert "mine" in readme.read_text()
    readme.write_text("mine\n")
    assert portico("sdk", "--force", cwd=pets).returncode == 0
    assert readme.read_bytes() != generated
    assert "mine" not in readme.read_text()


def test_what_was_done_can_be_read_by_a_program(portico, pets):
    said = json.loads(portico("sdk", "--json", cwd=pets).stdout)
    assert [one["folder"] for one in said] == PACKAGES
    assert said[0]["files"]["README.md"] == "created"
    assert said[0]["version"] == "0.1.0"  # the document counts otherwise


def test_a_release_is_noted_and_the_next_version_follows_from_it(portico, pets):
    design = pets / "specs" / "pets.yaml"
    design.write_text(design.read_text().replace('version: "1"', "version: 1.0.0"))
    assert portico("sdk", "--release", cwd=pets).returncode == 0
    assert "1.0.0" in portico("sdk", "--check", cwd=pets).stdout
    design.write_text(design.read_text().replace("withToys, in: query", "withToys, required: true, in: query"))
    portico("sdk", cwd=pets)
    changes = (pets / "sdk" / "python" / "pets" / "CHANGELOG.md").read_text()
    assert "## 2.0.0 (not released)" in changes
    assert "### Breaking" in changes


def test_nothing_is_noted_as_released_that_could_not_be_written(portico, pets):
    portico("sdk", cwd=pets)
    (pets / "sdk" / "python" / "pets" / "README.md").write_text("mine\n")
    assert portico("sdk", "--release", cwd=pets).returncode == 1
    assert not (pets / "sdk" / "released").exists()


def test_a_later_operation_takes_no_name_away(portico, pets):
    portico("sdk", "python", cwd=pets)
    design = pets / "specs" / "pets.yaml"
    design.write_text(
        design.read_text().replace(
            "  /pets:\n",
            "  /a:\n    get: {operationId: get_pet, responses: {'200': {description: d}}}\n  /pets:\n",
        )
    )
    portico("sdk", "python", cwd=pets)
    names = json.loads((pets / "sdk" / "python" / "pets" / ".portico.json").read_text())["names"]
    operations = next(scope for name, scope in names.items() if "GET /pets/{petId}" in scope)
    assert operations["GET /pets/{petId}"] == "get_pet"
    assert operations["GET /a"] != "get_pet"


def test_pages_get_the_module_where_the_settings_say_so(portico, pets):
    (pets / "portico.toml").write_text('[sdk]\nsite = ["pets"]\n')
    assert portico("sdk", cwd=pets).returncode == 0
    assert (pets / "static_site" / "sdk" / "pets" / "index.js").is_file()


def test_packages_are_published_under_the_names_of_the_settings(portico, pets):
    names = '{ python = "acme-{api}", typescript = "@acme/{api}" }'
    (pets / "portico.toml").write_text(f"[sdk]\npackages = {names}\n")
    assert portico("sdk", cwd=pets).returncode == 0
    python = tomllib.loads((pets / "sdk" / "python" / "pets" / "pyproject.toml").read_text())
    assert python["project"]["name"] == "acme-pets"
    assert (pets / "sdk" / "python" / "pets" / "src" / "pets" / "__init__.py").is_file()
    assert json.loads((pets / "sdk" / "typescript" / "pets" / "package.json").read_text())["name"] == "@acme/pets"
    assert 'from "@acme/pets"' in (pets / "sdk" / "typescript" / "pets" / "README.md").read_text()
    assert portico("sdk", "--check", cwd=pets).returncode == 0


@pytest.mark.parametrize("name", ["Acme Pets", "../pets", "-x", "a/b/c", "@a/b"])
def test_a_name_that_nothing_can_be_published_as_is_told(portico, pets, name):
    (pets / "portico.toml").write_text(f'[sdk.packages]\npython = "{name}"\n')
    done = portico("sdk", cwd=pets)
    assert done.returncode == 2
    assert "is no name of a package" in done.stderr


def test_a_site_that_names_no_document_is_told(portico, pets):
    (pets / "portico.toml").write_text('[sdk]\nsite = ["cats"]\n')
    done = portico("sdk", cwd=pets)
    assert done.returncode == 2
    assert "there is no specs/cats.yaml" in done.stderr


def test_two_documents_that_would_be_one_package_are_told(portico, pets):
    shutil.copy(pets / "specs" / "pets.yaml", pets / "specs" / "Pets.yaml")
    done = portico("sdk", cwd=pets)
    assert done.returncode == 2
    assert "Rename one of them" in done.stderr


def test_a_package_whose_document_is_gone_is_told_and_stays(portico, pets):
    portico("sdk", cwd=pets)
    (pets / "specs" / "pets.yaml").rename(pets / "specs" / "cats.yaml")
    done = portico("sdk", cwd=pets)
    assert done.returncode == 0
    assert "sdk/python/pets has no document any more" in done.stderr
    assert portico("sdk", "--check", cwd=pets).returncode == 1
    assert (pets / "sdk" / "python" / "pets" / "README.md").is_file()


@pytest.mark.parametrize("words", [("--release", "--check"), ("--api", "dogs")])
def test_what_makes_no_sense_is_refused(portico, pets, words):
    assert portico("sdk", *words, cwd=pets).returncode == 2


def test_the_packages_of_this_project_are_current():
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-m", "portico", "sdk", "--check"], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
