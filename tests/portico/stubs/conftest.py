"""A project on disk, whose document can change and whose handlers can be imported."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from portico import stubs
from portico.design import Api, Finding, read
from portico.stubs import StubsReport

ROOT = Path(__file__).parents[3]


class Project:
    """A folder with one document.

    Args:
        root: the folder.
        cache: where mypy keeps what it knows of other packages.
    """

    def __init__(self, root: Path, cache: Path) -> None:
        self.root = root
        self._cache = cache  # mypy's, for all tests
        self.handlers = root / "handlers"
        self.pythonic = True

    def api(self, document: Mapping[str, Any], name: str = "shop") -> Api:
        path = self.root / "specs" / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document))
        return read(path, root=self.root)

    def generate(self, document: Mapping[str, Any], name: str = "shop") -> StubsReport:
        return stubs.generate(self.api(document, name), self.handlers, pythonic=self.pythonic)

    def drift(self, document: Mapping[str, Any], name: str = "shop") -> list[Finding]:
        return stubs.drift(self.api(document, name), self.handlers, pythonic=self.pythonic)

    def text(self, file: str = "shop.py") -> str:
        return (self.handlers / file).read_bytes().decode()

    def write(self, text: str, file: str = "shop.py") -> None:
        self.handlers.mkdir(exist_ok=True)
        (self.handlers / file).write_bytes(text.encode())

    def load(self, module: str = "shop") -> ModuleType:
        importlib.invalidate_caches()
        for name in _handlers():
            del sys.modules[name]
        sys.path.insert(0, str(self.root))
        try:
            return importlib.import_module(f"handlers.{module}")
        finally:
            sys.path.remove(str(self.root))

    def lint(self, *, ignore: str = "") -> str:
        """What ruff, its formatter and mypy say; "" where they are content.

        Args:
            ignore: rules of ruff that the document's own names break.
        """
        config = ["--config", str(ROOT / "pyproject.toml")]
        return "".join(
            self._run(*command, "handlers")
            for command in (
                ["ruff", "check", "--quiet", "--no-cache", *config, *(["--extend-ignore", ignore] if ignore else [])],
                ["ruff", "format", "--check", "--quiet", "--no-cache", *config],
                ["mypy", "--strict", "--config-file=", "--cache-dir", str(self._cache), "--no-error-summary"],
            )
        )

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.root,
            env={"MYPYPATH": str(ROOT / "src"), "PATH": "", "HOME": str(self.root)},
            capture_output=True,
            text=True,
            check=False,
        )
        return "" if done.returncode == 0 else f"{command[0]}: {done.stdout}{done.stderr}"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy")


@pytest.fixture
def project(tmp_path: Path, cache: Path) -> Iterator[Project]:
    before = _handlers()
    yield Project(tmp_path, cache)
    for name in _handlers():
        del sys.modules[name]
    sys.modules.update(before)  # other tests hold these modules


def _handlers() -> dict[str, ModuleType]:
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "handlers"}


@pytest.fixture
def openapi() -> Callable[..., dict[str, Any]]:
    """A document of the given operations: `openapi({"get /pets": {...}}, Pet={...})`."""

    def make(operations: Mapping[str, Any], **schemas: Any) -> dict[str, Any]:
        paths: dict[str, Any] = {}
        for key, operation in operations.items():
            method, _, path = key.partition(" ")
            paths.setdefault(path, {})[method] = {"responses": {"204": {"description": "Done."}}} | operation
        return {
            "openapi": "3.1.0",
            "info": {"title": "Shop", "version": "1"},
            "paths": paths,
            "components": {"schemas": schemas},
        }

    return make


@pytest.fixture
def shop(openapi: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """A shop's document."""
    order = {
        "type": "object",
        "description": "An order, as it was placed.",
        "required": ["id", "lines"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
            "note": {"type": ["string", "null"]},
        },
    }
    line = {"type": "object", "required": ["product"], "properties": {"product": {"type": "string"}}}
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}
    answer = {"description": "The order.", "content": body["content"]}
    status = {"name": "status", "in": "query", "schema": {"enum": ["open", "done"], "type": "string"}}
    return openapi(
        {
            "post /orders": {
                "operationId": "placeOrder",
                "summary": "Place an order",
                "description": "Orders what the lines say.\n\nTwice is twice.",
                "parameters": [{"name": "dryRun", "in": "query", "schema": {"type": "boolean", "default": False}}],
                "requestBody": body,
                "responses": {"201": answer, "422": {"description": "It cannot be done."}},
            },
            "get /orders/{orderId}": {
                "operationId": "getOrder",
                "parameters": [
                    {"name": "orderId", "in": "path", "required": True, "schema": {"type": "string"}},
                    status,
                ],
                "responses": {"200": answer},
            },
        },
        Order=order,
        Line=line,
    )
