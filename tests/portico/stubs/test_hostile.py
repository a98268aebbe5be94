"""A document is other people's text: nothing in it becomes code."""

from __future__ import annotations

import ast
import time
import tokenize
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]

BOOM = "__import__('pathlib').Path('BOOM').touch()"
TEXTS = [
    f'"""\n{BOOM}\n"""',
    f"'''\n{BOOM}\n'''",
    f'\\"""\n{BOOM}\n"""',
    f'""\\"{BOOM}',
    f'"\n{BOOM}\n#',
    f"'\n{BOOM}\n#",
    f"\\\n{BOOM}",
    f"x\\\\\\\n\n{BOOM}",
    "\\",
    '"',
    '""',
    '"""',
    '""""""""',
    "\\N{BULLET} \\x41 \\u0041 \\1 \\q",
    f"a\u2028{BOOM}",
    f"a\u2029{BOOM}",
    f"a\x85{BOOM}",
    f"a\x0c{BOOM}",
    f"a\x0b{BOOM}",
    f"a\r{BOOM}",
    f"a\x1c{BOOM}\x1d\x1e",
    "\x00\x01\x1b[31m\x7f",
    "\u202e\u2066 gnp.exe \u2069\u200b\ufeff",
    "# coding: utf-7\n+AF8AXw-",
    f">>> {BOOM}\n... {BOOM}",
    "{BOOM} {0} %s ${x} {{ 7*7 }} {% raw %}",
    f"]: {BOOM} #",
    f"): pass\n{BOOM}\ndef x(",
    "🌹" * 50,
    "é" * 10,
    "\U0010ffff\ue000",
    "x" * 200_000,
    "word " * 50_000,
    "\n" * 20_000,
]


def hostile(text: str) -> dict[str, Any]:
    """A document with one text wherever a text may stand."""
    name = text.replace("\n", " ") if "/" not in text else "x"
    schema = {
        "type": "object",
        "title": text,
        "description": text,
        "properties": {
            text: {"type": "string", "description": text, "default": text},
            "e": {"enum": [text, "b"]},
            "c": {"const": text},
        },
        "required": [text],
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": text, "version": text, "description": text},
        "tags": [{"name": text, "description": text}],
        "paths": {
            f"/{name}": {
                "get": {
                    "operationId": text,
                    "summary": text,
                    "description": text,
                    "tags": [text],
                    "parameters": [
                        {
                            "name": text,
                            "in": "query",
                            "description": text,
                            "schema": {"type": "string", "enum": [text, "z"], "default": text},
                        },
                        {"name": "t", "in": "query", "schema": {"type": "string", "default": text}},
                    ],
                    "responses": {
                        "200": {
                            "description": text,
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}},
                        },
                        "404": {"description": text},
                    },
                },
                "post": {
                    "operationId": "ordinary",
                    "requestBody": {"description": text, "content": {"application/json": {"schema": schema}}},
                    "responses": {"200": {"description": text}},
                },
            }
        },
        "components": {"schemas": {"S": schema, text: schema}},
    }


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text)[:40])
@pytest.mark.parametrize("pythonic", [True, False])
def test_no_text_of_a_document_becomes_code(
    project: Any, text: str, pythonic: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root)
    project.pythonic = pythonic
    report = project.generate(hostile(text))
    assert report.fits
    assert len(report.appended) == 2
    for name in ("shop.py", "shop_types.py"):
        source = project.text(name)
        assert_inert(ast.parse(source))
        assert_readable(source)
        assert len(source) < 30_000 + 40 * min(len(text), 6_000) + 12 * len(text)
    module = project.load()
    assert not (project.root / "BOOM").exists()
    assert len([value for value in vars(module).values() if getattr(value, "__module__", "") == module.__name__]) == 2
    assert project.generate(hostile(text)).quiet
    assert project.drift(hostile(text)) == []


def assert_inert(tree: ast.Module) -> None:
    """Only what stubs and types are made of: no call but TypedDict's, no statement but the expected ones."""
    for node in ast.walk(tree):
        assert not isinstance(
            node, ast.Lambda | ast.Await | ast.Delete | ast.With | ast.For | ast.While | ast.JoinedStr
        )
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) == "TypedDict"
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [node.module or "."] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
            assert set(modules) <= {"typing", "portico", "__future__", "shop_types", ".", "builtins"}
        if isinstance(node, ast.AsyncFunctionDef):
            assert [type(part) for part in node.body] == [ast.Expr, ast.Raise]
        if isinstance(node, ast.Expr):
            assert isinstance(node.value, ast.Constant)
            assert isinstance(node.value.value, str)


def assert_readable(source: str) -> None:
    """Nothing is hidden from a reader: no control, direction or invisible characters, no prompts for doctest."""
    assert not [
        letter for letter in source if (ord(letter) < 32 and letter != "\n") or letter in "\x7f\x85\ufeff\u200b"
    ]
    assert not [letter for letter in source if "\u2028" <= letter <= "\u202e" or "\u2066" <= letter <= "\u2069"]
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.AsyncFunctionDef | ast.Module)]
    assert ">>>" not in "".join(ast.get_docstring(node) or "" for node in functions)
    comments = [
        one.string for one in tokenize.generate_tokens(StringIO(source).readline) if one.type == tokenize.COMMENT
    ]
    assert set(comments) <= {"# ruff: noqa", "# fmt: off"}


@pytest.mark.parametrize("name", ["../../evil", "a b", "os", "-", "x;import os", "shop\n", "con", "a" * 100])
def test_the_name_of_a_document_stays_in_the_handlers_folder(project: Any, shop: dict[str, Any], name: str) -> None:
    from portico import stubs
    from portico.design import read

    stubs.generate(read(shop, root=project.root, name=name), project.handlers, pythonic=True)
    assert [path.parent for path in project.root.rglob("*.py")] == [project.handlers] * 3


def test_deep_and_wide_schemas_take_bounded_time(project: Any, openapi: Make) -> None:
    nested: Any = {"type": "string"}
    for number in range(60):
        nested = {"type": "object", "properties": {f"p{number}": nested}}
    wide = {"type": "object", "properties": {f"p{number}": {"type": "string"} for number in range(5_000)}}
    many = {"enum": [f"value {number}" for number in range(20_000)]}
    schemas = {"Nested": nested, "Wide": wide, "Many": many}
    operations: dict[str, Any] = {}
    for name in schemas:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        operations[f"get /{name}"] = {
            "operationId": name,
            "responses": {"200": {"description": "", "content": content}},
        }
    started = time.perf_counter()
    project.generate(openapi(operations, **schemas))
    assert time.perf_counter() - started < 10
    assert callable(project.load().wide)
