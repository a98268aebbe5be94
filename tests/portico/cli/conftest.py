"""The command line: run in this process, in one of its own, and serving."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from portico.cli import main, terminal

PETS = """\
openapi: 3.0.3
info: {title: Pets, version: "1"}
servers: [{url: /pets/v1}]
security: []
paths:
  /pets/{petId}:
    get:
      operationId: getPet
      summary: One pet
      parameters:
        - {name: petId, in: path, required: true, schema: {type: integer, minimum: 1}}
        - {name: withToys, in: query, schema: {type: boolean}}
        - {name: tags, in: query, schema: {type: array, items: {type: string}}}
        - {name: url, in: query, description: "[red]Where from", schema: {type: string}}
        - {name: X-Trace, in: header, schema: {type: string, maxLength: 3}}
      responses:
        "200": {description: It, content: {application/json: {schema: {type: object}}}}
  /pets:
    post:
      operationId: addPet
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties: {name: {type: string}, age: {type: integer}}
      responses:
        "201": {description: Made, content: {application/json: {schema: {type: object}}}}
"""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def portico(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """`portico ...` in this process, with streams that are no terminal. An exception that escapes fails the test."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "path", list(sys.path))

    def run(*words: str, cwd: Path, stdin: str = "") -> Done:
        streams = {name: io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for name in ("stdout", "stderr")}
        streams["stdin"] = io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")
        for name, stream in streams.items():
            monkeypatch.setattr(sys, name, stream)
        monkeypatch.setattr(sys, "argv", ["portico", *words])
        terminal.out.cache_clear()
        terminal.err.cache_clear()
        with contextlib.chdir(cwd), pytest.raises(SystemExit) as ended:
            main()
        out, err = (streams[name].buffer.getvalue().decode("utf-8", "replace") for name in ("stdout", "stderr"))
        return Done(int(ended.value.code or 0), out, err)

    return run


@pytest.fixture
def portico_process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """`portico ...` in a process of its own, as a user runs it."""

    def run(*words: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "portico", *words],
            cwd=cwd,
            env={**os.environ, "PYTHONSAFEPATH": "1", "TERM": "xterm", "COLUMNS": "100", **environ},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """A small project."""
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "pets.yaml").write_text(PETS)
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers" / "__init__.py").touch()
    (tmp_path / "handlers" / "pets.py").write_text(
        "from portico import NotWritten\n\n\n"
        "def get_pet(pet_id):\n    return {}\n\n\n"
        'def add_pet(body):\n    """Add."""\n    raise NotWritten\n'
    )
    return tmp_path


@pytest.fixture
def serving() -> Callable[..., AbstractContextManager[str]]:
    """A project served by `portico serve` in a process of its own: its address, while the context lasts."""

    @contextmanager
    def serve(root: Path, *words: str, command: Sequence[str] = (sys.executable, "-m", "portico")) -> Iterator[str]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        log = (root / "serve.log").open("w+")
        process = subprocess.Popen(
            [*command, "serve", "--port", str(port), *words], cwd=root, env=clean, stdout=log, stderr=log
        )
        try:
            for _ in range(200):
                with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                    break
                assert process.poll() is None, (root / "serve.log").read_text()
                time.sleep(0.05)  # between two looks, not to pass
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=40)
            log.close()

    return serve
