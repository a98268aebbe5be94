"""The command itself: its help, its status, its manners."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

COMMANDS = ["new", "check", "diff", "stubs", "serve", "routes", "call", "export openapi"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(portico, tmp_path, command):
    done = portico(*command.split(), "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "Example" in done.stdout
    assert f"portico {command}" in done.stdout


def test_the_version_is_printed(portico, tmp_path):
    assert portico("--version", cwd=tmp_path).stdout.startswith("portico 0.")


@pytest.mark.parametrize("words", [["bogus"], ["routes", "--bogus"], ["new"], ["routes", "--project", "/no/such"]])
def test_what_cannot_run_ends_with_status_2_and_no_traceback(portico_process, tmp_path, words):
    done = portico_process(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_broken_document_is_shown_with_its_place_and_mend(portico_process, pets):
    (pets / "specs" / "pets.yaml").write_text("openapi: 3.0.3\npaths: {\n")
    done = portico_process("routes", cwd=pets)
    assert done.returncode == 2
    assert "specs/pets.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_setting_names_those_that_exist(portico, pets):
    (pets / "portico.toml").write_text("[server]\nprot = 1\n")
    done = portico("routes", cwd=pets)
    assert (done.returncode, "port" in done.stderr) == (2, True)


def test_help_is_quick():
    """A command that is typed often may not feel slow; the limit is generous for a busy machine."""

    def once() -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "portico", "--help"], check=True, capture_output=True)
        return time.perf_counter() - started

    assert min(once() for _ in range(5)) < 0.6


def test_help_loads_nothing_that_serves():
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, portico.cli; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    heavy = {"connexion", "uvicorn", "starlette", "jsonschema_rs", "openapi_spec_validator", "httpx2", "yaml", "jinja2"}
    assert not heavy & set(loaded)


def test_a_pipe_that_closes_early_is_no_error(pets):
    script = f"{sys.executable} -m portico routes | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=pets, capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
