"""The SDKs of the reference project, as they are committed: typed, tested, and current."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.portico.sdkgen.tools import NoTool, tsc

ROOT = Path(__file__).resolve().parents[3]
APIS = sorted(path.stem for path in (ROOT / "specs").glob("*.yaml"))


def run(command: list[str], folder: Path, **environment: str) -> None:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3_000:]


@pytest.mark.parametrize("api", APIS)
def test_the_python_package_passes_its_own_tests(api: str) -> None:
    folder = ROOT / "sdk" / "python" / api
    run([sys.executable, "-m", "unittest", "discover", "tests"], folder, PYTHONPATH="src")


@pytest.mark.parametrize("api", APIS)
def test_the_python_package_passes_a_strict_type_checker(api: str, tmp_path: Path) -> None:
    source = ROOT / "sdk" / "python" / api / "src"
    run([sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(source)], tmp_path)


@pytest.mark.parametrize("api", APIS)
def test_the_javascript_package_passes_its_own_tests(api: str) -> None:
    run(["node", "--test", "test/"], ROOT / "sdk" / "typescript" / api)


@pytest.mark.parametrize("api", APIS)
def test_the_declarations_pass_the_strict_compiler(api: str) -> None:
    try:
        said = tsc(["--project", "."], ROOT / "sdk" / "typescript" / api)
    except NoTool as reason:
        pytest.skip(str(reason))
    assert said == ""
