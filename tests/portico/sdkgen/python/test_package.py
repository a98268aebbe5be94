"""A package that is generated for the reference project: it is typed, tested, alone, and the same every time."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from portico import design
from portico.sdkgen.names import Names
from portico.sdkgen.plan import Sdk, build
from portico.sdkgen.python import LANGUAGE

ROOT = Path(__file__).resolve().parents[4]
USED = """
from concierge import ABSENT, Concierge, Credentials, Options, Response, errors, models

client = Concierge("http://localhost:8000", credentials=Credentials("a", "b"))
reply: models.Reply = client.send_message(messages=[{"type": "unstructured", "unstructured": {"text": "Hi"}}])
whole = client.send_message(body=models.Conversation(messages=[]))
message = reply.messages[0]
if message.unstructured is not ABSENT:
    text: str = message.unstructured.text
response: Response[models.Product] = client.raw(client.get_product)("dozen-red-roses", options=Options(timeout=3))
name: str = response.data.name
changed: models.Product = response.data.replace(name="x")
"""
MISUSED = """
from concierge import Concierge, models

client = Concierge("http://localhost:8000")
client.get_product()
client.get_product(1)
client.send_message()
client.list_products(max_pric=1)
models.Product(product_id="x")
client.get_product("x").price.upper()
"""


@pytest.fixture(scope="module")
def plan() -> Sdk:
    return build(
        design.read(ROOT / "specs" / "concierge.yaml", root=ROOT), version="1.2.3", client_id="sdk", license="MIT"
    )


@pytest.fixture(scope="module")
def package(plan: Sdk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("package")
    for file in LANGUAGE.files(plan, Names()):
        path = home / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    return home


def run(package: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=package, capture_output=True, text=True, timeout=100)


def test_the_same_plan_gives_the_same_bytes(plan: Sdk) -> None:
    first, second = Names(), Names()
    files = list(LANGUAGE.files(plan, first))
    assert files == list(LANGUAGE.files(plan, second))
    assert first.record() == second.record()
    assert files == list(LANGUAGE.files(plan, Names(first.record())))


def test_its_own_tests_pass(package: Path) -> None:
    done = run(
        package,
        "-c",
        "import sys, unittest; sys.path[:0] = ['src']; unittest.main(None, argv=['', 'discover', 'tests'])",
    )
    assert "Ran 7 tests" in done.stderr, done.stderr
    assert done.returncode == 0, done.stderr


def test_it_needs_the_standard_library_alone(package: Path) -> None:
    code = (
        "import sys; sys.path.append('src'); import concierge, concierge.aclient, concierge.models;"
        "known = {*sys.stdlib_module_names, 'concierge', '__main__'};"
        "print([name for name in sys.modules if name.split('.')[0] not in known])"
    )
    done = run(package, "-I", "-S", "-c", code)
    assert done.stdout.strip() == "[]", done.stderr


def test_it_is_typed(package: Path) -> None:
    (package / "used.py").write_text(USED)
    done = run(package, "-m", "mypy", "--strict", "--cache-dir", str(package / ".mypy"), "src", "tests", "used.py")
    assert done.returncode == 0, done.stdout


def test_types_find_mistakes(package: Path) -> None:
    (package / "misused.py").write_text(MISUSED)
    done = run(package, "-m", "mypy", "--strict", "--cache-dir", str(package / ".mypy"), "misused.py", "src")
    lines = {
        int(line.split(":")[1])
        for line in done.stdout.splitlines()
        if line.startswith("misused.py") and "error" in line
    }
    assert lines == {5, 6, 7, 8, 9, 10}, done.stdout


def test_it_passes_a_linter(package: Path) -> None:
    done = run(
        package, "-m", "ruff", "check", "--isolated", "--line-length", "120", "--select", "E,F,I", "src", "tests"
    )
    assert done.returncode == 0, done.stdout


def test_it_is_ready_to_be_published(package: Path, tmp_path: Path) -> None:
    said = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    assert (said["name"], said["version"], said["license"]) == ("concierge", "1.2.3", "MIT")
    assert said["requires-python"] == ">=3.11"
    assert said["dependencies"] == []
    shutil.copytree(package, tmp_path / "copy", ignore=shutil.ignore_patterns(".mypy"))
    done = run(tmp_path / "copy", "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "wheels"))
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "wheels").iterdir()] == ["concierge-1.2.3-py3-none-any.whl"]


def test_what_was_named_once_keeps_its_name(plan: Sdk) -> None:
    names = Names()
    list(LANGUAGE.files(plan, names))
    recorded = names.record()
    changed = {**recorded, "methods": {**recorded["methods"], "POST /checkout": "buy"}}
    client = next(file for file in LANGUAGE.files(plan, Names(changed)) if file.path.endswith("/client.py"))
    assert b"def buy(" in client.content
    assert b"def checkout(" not in client.content


def test_no_file_names_this_machine_or_a_registry(plan: Sdk) -> None:
    for file in LANGUAGE.files(plan, Names()):
        assert str(ROOT).encode() not in file.content
        assert b"pypi" not in file.content.lower()
