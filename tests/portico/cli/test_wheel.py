"""What is published works where the repository is not: the slow test of the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """`portico` in an environment of its own; dependencies are lent by this one, so no network is needed."""
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)],
        check=True,
        capture_output=True,
    )
    packages = next(folder.glob("lib/python*/site-packages"))
    # a path in a .pth file is not searched for more .pth files: this environment's editable install stays outside
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin" / "portico"


def run(command: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run([command, *words], cwd=cwd, env=clean, capture_output=True, text=True, timeout=60)


def test_the_wheel_holds_the_starter_and_no_leftovers(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for name in (
        "specs/concierge.yaml",
        "handlers/__init__.py",
        "auth/pool.yaml",
        "portico.toml",
        "README.md",
        "gitignore",
    ):
        assert f"portico/starter/{name}" in names
    assert any(name.startswith("portico/starter/static_site/") for name in names)
    assert any(name.startswith("portico/starter/tests/project/") for name in names)
    assert "portico/py.typed" in names
    assert [name for name in names if "__pycache__" in name or name.endswith(".pyc") or "node_modules" in name] == []
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"portico"}, (
        "nothing beside the package"
    )


def test_an_installed_portico_makes_and_checks_a_project_that_answers(installed, tmp_path, serving):
    where = "import portico; print(portico.__file__)"
    found = run(installed.with_name("python"), "-c", where, cwd=tmp_path).stdout
    assert str(ROOT) not in found

    made = run(installed, "new", "florist", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    project = tmp_path / "florist"
    assert (project / ".gitignore").is_file()
    assert (project / "README.md").read_text().startswith("# florist")

    checked = run(installed, "check", cwd=project)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    routes = json.loads(run(installed, "routes", "--json", cwd=project).stdout)
    assert {route["state"] for route in routes} == {"written"}

    with serving(project, command=[str(installed)]) as url:
        body = ["--body", '{"text": "Hello"}']
        answer = run(installed, "call", "messages", "answerMessage", *body, "--url", url, cwd=project)
        assert answer.returncode == 0, answer.stderr
        assert "Hello" in json.loads(answer.stdout)["text"]


def test_an_editable_install_finds_the_starter_in_the_repository(tmp_path):
    from portico.cli.new import starter

    assert starter.source() == ROOT
