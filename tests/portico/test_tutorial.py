"""The tutorial, followed to the letter."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from portico.testing import client

TUTORIAL = Path(__file__).parents[2] / "docs" / "guides" / "tutorial.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TUTORIAL.read_text(), flags=re.DOTALL)


def portico(*arguments: str, at: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "portico", *arguments]
    return subprocess.run(command, cwd=at, capture_output=True, text=True, timeout=60)


@pytest.fixture
def flowers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CONCIERGE_ORDERS", str(tmp_path / "orders.sqlite3"))
    assert portico("new", "flowers", at=tmp_path).returncode == 0
    return tmp_path / "flowers"


def test_each_step_does_what_the_tutorial_says(flowers: Path) -> None:
    with client(flowers) as project:
        answer = project.post("/messages/v1/messages", json={"text": "", "txt": 1})
        assert answer.status_code == 400
        for fault in answer.json()["errors"]:
            assert fault["detail"].replace('"', '\\"') in TUTORIAL.read_text()

    design = flowers / "specs" / "messages.yaml"
    path, schema = blocks("yaml")
    text = design.read_text().replace("\ncomponents:\n  schemas:\n", f"\n{path}\ncomponents:\n  schemas:\n{schema}", 1)
    design.write_text(text)
    missing = portico("check", at=flowers)
    assert missing.returncode == 1
    assert "There is no function count_words for countWords (POST /word-counts)." in missing.stdout
    stubs = portico("stubs", at=flowers)
    assert "appended  handlers/messages.py: count_words" in stubs.stdout

    with client(flowers) as project:
        assert project.operation("countWords", body={"text": "Hello there!"}).status_code == 501
    with client(flowers, mock=True) as project:
        assert project.operation("countWords", body={"text": "Hello there!"}).json() == {"words": 2}

    handlers = flowers / "handlers" / "messages.py"
    stub = re.search(r"async def count_words.*", handlers.read_text(), flags=re.DOTALL)
    assert stub is not None
    handlers.write_text(handlers.read_text().replace(stub[0], blocks("python")[1]))
    assert portico("check", at=flowers).returncode == 0

    tests = flowers / "tests" / "project" / "test_messages.py"
    tests.write_text(f"{tests.read_text()}\n\n{blocks('python')[2]}")
    run = [sys.executable, "-m", "pytest", "-q", str(tests)]
    done = subprocess.run(run, cwd=flowers, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
