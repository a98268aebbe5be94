"""Documents for the tests of `portico.design`: a folder to write them in, and short ways to read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from portico import design
from portico.errors import DesignError


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file of a project."""

    def _write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return _write


@pytest.fixture
def read(write: Callable[[str, str | bytes], Path], tmp_path: Path) -> Callable[..., design.Api]:
    """Reads a document from its text."""

    def _read(content: str | bytes, name: str = "specs/shop.yaml", **options: Any) -> design.Api:
        return design.read(write(name, content), root=tmp_path, **options)

    return _read


@pytest.fixture
def refuse(read: Callable[..., design.Api]) -> Callable[..., design.Finding]:
    """Reads a document that must be refused; gives the first finding."""

    def _refuse(content: str | bytes, name: str = "specs/shop.yaml", **options: Any) -> design.Finding:
        with pytest.raises(DesignError) as caught:
            read(content, name, **options)
        return caught.value.findings[0]

    return _refuse


@pytest.fixture
def normalise() -> Callable[..., Any]:
    """The normalised form of one component schema."""

    def _normalise(schema: Any, version: str = "3.0.3", **others: Any) -> Any:
        return _with(schema, version, others).definitions["It"].node

    return _normalise


@pytest.fixture
def api_with() -> Callable[..., design.Api]:
    """An API whose component schema `It` is the given one."""
    return lambda schema, version="3.0.3", **others: _with(schema, version, others)


def _with(schema: Any, version: str, others: Mapping[str, Any]) -> design.Api:
    if version == "2.0":
        return design.read({"swagger": "2.0", "info": INFO, "paths": {}, "definitions": {"It": schema, **others}})
    schemas = {"It": schema, **others}
    return design.read({"openapi": version, "info": INFO, "paths": {}, "components": {"schemas": schemas}})


INFO = {"title": "Shop", "version": "1"}
