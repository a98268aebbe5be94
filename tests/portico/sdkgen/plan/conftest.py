"""Plans of small documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml

from portico import design
from portico.design.schemes import Auth
from portico.sdkgen.plan import Sdk, build

Plan: TypeAlias = Callable[..., Sdk]


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """The plan of a document, given as YAML: paths, and what else it needs."""

    def make(text: str, auth: Auth | None = None, **top: Any) -> Sdk:
        document = {"openapi": "3.1.1", "info": {"title": "Shop", "version": "1.0.0"}, "paths": {}, **top}
        document |= yaml.safe_load(text) or {}
        path = tmp_path / "shop.yaml"
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        return build(design.read(path, root=tmp_path), version="1.0.0", auth=auth or Auth())

    return make
