"""What docs/guides/handlers.md shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

GUIDE = (Path(__file__).parents[3] / "docs/guides/handlers.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def document() -> dict[str, Any]:
    order = {"type": "object", "properties": {"id": {"type": "string"}, "lines": {"type": "array"}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        **yaml.safe_load(blocks("yaml")[0]),
        "components": {"schemas": {"Order": order}},
    }


def test_the_stub_is_the_one_shown(project: Any) -> None:
    assert "created   handlers/shop.py\n          1 function to write" in str(project.generate(document()))
    shown = blocks("python")[0]
    for line in ("from .shop_types import Order", "async def get_order(", "    raise NotWritten"):
        assert line in shown
    header = next(line for line in shown.splitlines() if line.startswith("async def"))
    assert header in project.text()


async def test_the_handler_shown_answers(project: Any) -> None:
    project.generate(document())
    imports = blocks("python")[0].split("async def")[0]
    project.write(imports + blocks("python")[1])
    assert await project.load().get_order("7") == {"id": "7", "lines": []}
    assert project.drift(document()) == []


def test_the_finding_shown_is_the_one_given(project: Any) -> None:
    project.write('"""Mine."""\n\n\n\n\n\nasync def get_order() -> None: ...\n')
    (finding,) = project.drift(document())
    assert str(finding) in GUIDE
