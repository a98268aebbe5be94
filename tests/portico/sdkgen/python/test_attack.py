"""Nothing of a document becomes code of a Python package. `test_hostile.py` does the same for all languages."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.portico.sdkgen.hostile import TEXTS, document

from portico import design
from portico.sdkgen.folder import MARK
from portico.sdkgen.language import File
from portico.sdkgen.names import Names
from portico.sdkgen.plan import Sdk, build
from portico.sdkgen.python import LANGUAGE

MORE = ["x\n# portico: keep\n", "portico: keep", "~~~\nimport os\n~~~", "a `b` `c", "1. x", "#!/bin/sh"]
EVERYTHING = """
import doctest, importlib, sys, unittest
name = sys.argv[1]
for module in ("", ".models", ".client", ".aclient", ".operations"):
    doctest.testmod(importlib.import_module(name + module), verbose=False)
found = unittest.defaultTestLoader.loadTestsFromName(f"test_{name}")
result = unittest.TextTestRunner(stream=sys.stdout).run(found)
sys.exit(0 if result.wasSuccessful() else 1)
"""


def plan_of(text: str, folder: Path) -> Sdk:
    (folder / "specs").mkdir(exist_ok=True)
    path = folder / "specs" / "hostile.json"
    path.write_text(json.dumps(document(text)), encoding="utf-8")
    return build(design.read(path, root=folder), version="1.0.0")


def write(files: Iterator[File], home: Path) -> None:
    for file in files:
        target = home / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)


@pytest.mark.parametrize("number", range(0, len(TEXTS), 3))
def test_modules_doctests_and_generated_tests_run_and_nothing_of_the_document_does(number: int, tmp_path: Path) -> None:
    home = tmp_path / "package"
    write(LANGUAGE.files(plan_of(TEXTS[number], tmp_path), Names()), home)
    path = f"import sys; sys.path[:0] = [{str(home / 'src')!r}, {str(home / 'tests')!r}]\n"
    done = subprocess.run(
        [sys.executable, "-E", "-s", "-c", path + EVERYTHING, "hostile"],
        cwd=tmp_path, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-2_000:]
    assert list(tmp_path.rglob("BOOM*")) == []


def test_examples_of_the_readme_call_the_client_and_nothing_else(tmp_path: Path) -> None:
    for text in (*TEXTS, *MORE):
        files = {file.path: file.content.decode() for file in LANGUAGE.files(plan_of(text, tmp_path), Names())}
        blocks = re.findall(r"^```(\w*)\n(.*?)^```$", files["README.md"], re.DOTALL | re.MULTILINE)
        assert [kind for kind, _ in blocks].count("python") == len(blocks) - 1, "one block is for the shell"
        for _, code in blocks[-2:]:
            calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
            assert {ast.unparse(call.func).split(".")[0] for call in calls} <= {"client", "dt", "Decimal", "UUID"}


def test_no_text_of_a_document_marks_a_file_to_be_kept(tmp_path: Path) -> None:
    for text in (*MORE, "PORTICO: KEEP portico: keep portico:keep"):
        for file in LANGUAGE.files(plan_of(text, tmp_path), Names()):
            assert MARK not in file.content, file.path


def test_a_record_of_names_that_was_edited_cannot_become_code(tmp_path: Path) -> None:
    plan = plan_of("x", tmp_path)
    first = Names()
    list(LANGUAGE.files(plan, first))
    evil = ["x: int = __import__('os')", "class", "__class__", "str", "ABSENT", "ﬁ", "self", "a\nb", "", "_sdk_"]
    recorded = {
        scope: {key: evil[index % len(evil)] for index, key in enumerate(names)}
        for scope, names in first.record().items()
    }
    names = Names(recorded)
    for file in LANGUAGE.files(plan, names):
        if file.path.endswith(".py"):
            assert "__import__" not in file.content.decode() or "_runtime" in file.path
            compile(file.content, file.path, "exec")
    assert names.record().keys() == first.record().keys()
