"""Setting up on a machine that lacks something says what, and how to get it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

VENV = Path(__file__).parents[2] / ".ci" / "venv"


def set_up(tmp_path: Path, python: str) -> subprocess.CompletedProcess[str]:
    """Run the set-up where `python3` is a script of ours."""
    fake = tmp_path / "python3"
    fake.write_text(f"#!/bin/sh\n{python}\n")
    fake.chmod(0o755)
    return subprocess.run(
        [VENV, tmp_path / "venv"], env={"PATH": "/bin", "PYTHON": str(fake)}, capture_output=True, text=True
    )


def test_an_old_python_is_named_with_what_to_install(tmp_path):
    done = set_up(tmp_path, '[ "$1" = --version ] && echo "Python 3.9.1" && exit 0; exit 1')
    assert done.returncode == 2
    assert "needs Python 3.11 or newer" in done.stderr
    assert "Python 3.9.1" in done.stderr


def test_a_python_without_venv_is_told_the_package(tmp_path):
    done = set_up(tmp_path, 'case "$2" in *ensurepip*) exit 1;; esac')
    assert (done.returncode, "apt-get install python3-venv" in done.stderr) == (2, True)


@pytest.mark.parametrize("script", ["venv", "apt", "run"])
def test_the_scripts_are_executable(script):
    assert VENV.with_name(script).stat().st_mode & 0o111
