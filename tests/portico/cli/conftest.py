"""The real command, run as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

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


@pytest.fixture
def portico() -> Callable[..., subprocess.CompletedProcess[str]]:
    """`portico ...` in a process of its own."""

    def run(*words: str, cwd: Path, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "portico", *words],
            cwd=cwd,
            input=stdin,
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
