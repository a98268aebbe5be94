"""A document is other people's text: nothing of it becomes code in any SDK.

Each text of `hostile.py` stands in every place of a document. What is generated must parse, import and pass its own
tests, and the file BOOM, which each text tries to make, must not be there.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.portico.sdkgen.hostile import TEXTS, document

from portico import design
from portico.sdkgen.languages import LANGUAGES, language
from portico.sdkgen.names import Names
from portico.sdkgen.plan import build

IMPORT = """
import importlib, sys
for number in range(int(sys.argv[1])):
    package = importlib.import_module(f"hostile{number}")
    models = importlib.import_module(f"hostile{number}.models")
    for name in dir(models):
        getattr(models, name).__doc__
"""
LOAD = """
import { readdirSync } from "node:fs";
for (const name of readdirSync("typescript")) {
  const found = await import(`${process.cwd()}/typescript/${name}/src/index.js`);
  if (Object.keys(found).length === 0) throw new Error(name);
}
await new Promise((resolve) => setTimeout(resolve, 100)); // so that a promise which somebody started is done
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a package of each language for each text."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "specs").mkdir()
    for number, text in enumerate(TEXTS):
        path = root / "specs" / f"hostile{number}.json"
        path.write_text(json.dumps(document(text)), encoding="utf-8")
        plan = build(design.read(path, root=root), version="1.0.0")
        for name in LANGUAGES:
            home = root / name / path.stem
            for file in language(name).files(plan, Names()):
                target = home / file.path
                assert target.resolve().is_relative_to(home.resolve())
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.content)
    yield root
    assert list(root.rglob("BOOM*")) == []


def run(command: list[str], packages: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=packages, env={**os.environ, **environment}, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3_000:]
    assert list(packages.rglob("BOOM*")) == []
    return done.stdout


def test_python_says_nothing_but_what_a_client_is_made_of(packages: Path) -> None:
    for path in (packages / "python").rglob("*.py"):
        if "_runtime" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) not in ("__import__", "eval", "exec"), path
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("touch", "system", "__import__"), path


def test_what_is_published_is_as_it_was_meant(packages: Path) -> None:
    for path in (packages / "python").glob("*/pyproject.toml"):
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        assert set(said) <= {"build-system", "project", "tool"}
        assert "scripts" not in said["project"]
    for path in (packages / "typescript").glob("*/package.json"):
        said = json.loads(path.read_bytes())
        assert "postinstall" not in said.get("scripts", {})


def test_no_file_hides_what_it_says(packages: Path) -> None:
    """No control characters, and none that change the order in which others are shown (CVE-2021-42574)."""
    for name in LANGUAGES:
        for path in (packages / name).rglob("*"):
            if path.is_file() and "untime" not in path.as_posix():
                text = path.read_text(encoding="utf-8")
                bad = [
                    ch
                    for ch in text
                    if (ord(ch) < 32 and ch not in "\n\t") or ch in "\x7f\u202e\u2066\u2069\u2028\u2029\ufeff"
                ]
                assert bad == [], path


def test_python_imports_it(packages: Path) -> None:
    sources = os.pathsep.join(str(path / "src") for path in sorted((packages / "python").iterdir()))
    run([sys.executable, "-c", IMPORT, str(len(TEXTS))], packages, PYTHONPATH=sources)


def test_python_passes_the_generated_tests(packages: Path) -> None:
    for number in (0, 7, 19, 33, 40):
        home = packages / "python" / f"hostile{number}"
        run(
            [sys.executable, "-m", "unittest", "discover", "-s", str(home / "tests")],
            packages,
            PYTHONPATH=str(home / "src"),
        )


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_node_loads_it(packages: Path) -> None:
    run(["node", "--input-type=module", "--eval", LOAD], packages)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_node_passes_the_generated_tests(packages: Path) -> None:
    for number in (0, 7, 19, 33, 40):
        run(["node", "--test", str(packages / "typescript" / f"hostile{number}" / "test")], packages)
