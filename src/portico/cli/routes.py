"""`portico routes`: what answers where."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from portico.cli.root import ProjectOption, find

if TYPE_CHECKING:
    from portico.design.handlers import Handler
    from portico.design.model import Api, Operation
    from portico.stubs.module import Function, Module

State = Literal["written", "stub", "missing"]


def routes(
    api: Annotated[str | None, typer.Argument(metavar="[API]", help="Only this API; else all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the routes as JSON.")] = False,
    project: ProjectOption = None,
) -> None:
    """List every operation: method, path, operationId, handler, and who may call it.

    A handler is `written`, still a `stub` (answered with 501), or `missing` (portico stubs makes it).

    \b
    Examples:
      portico routes
      portico routes shop --json
    """
    from portico import config
    from portico.cli import terminal
    from portico.cli.lookup import find_api
    from portico.project import load

    root = find(project)
    apis = load(root).apis if api is None else (find_api(root, config.load(root), api),)
    rows = [row for each in apis for row in _rows(each, root)]
    if as_json:
        terminal.json(rows)
        return
    shown = [[terminal.word(row[key]) for key in _KEYS] for row in rows]
    terminal.table([key.upper() for key in _KEYS], shown)


_KEYS = ("method", "path", "api", "operation", "handler", "state", "security")


def _rows(api: Api, root: Path) -> Iterator[dict[str, str]]:
    from portico.design.handlers import handlers

    folder = root / "handlers"
    modules: dict[Path, Module | None] = {}
    for handler in handlers(api, folder):
        operation = handler.operation
        yield {
            "method": operation.method.upper(),
            "path": f"{api.base_path}{operation.path}",
            "api": api.name,
            "operation": operation.id,
            "handler": f"{handler.module}.{handler.function}",
            "state": _state(handler, handler.path(folder), modules),
            "security": _security(operation),
        }


def _security(operation: Operation) -> str:
    if operation.security is None:
        return "undecided"
    alternatives = [
        " and ".join(f"{name}({' '.join(scopes)})" if scopes else name for name, scopes in requirement.schemes.items())
        for requirement in operation.security
    ]
    return " or ".join(text or "open" for text in alternatives) or "open"


def _state(handler: Handler, path: Path, modules: dict[Path, Module | None]) -> State:
    """Whether somebody has written the handler, by reading it: nothing of the project is run."""
    if path not in modules:
        modules[path] = _module(path)
    module = modules[path]
    if module is None or not module.has(handler.function):
        return "missing"
    function = module.functions.get(handler.function)
    return "stub" if function is not None and _is_stub(function) else "written"


def _module(path: Path) -> Module | None:
    from portico.stubs.module import Unreadable, read

    try:
        return read(path)
    except (Unreadable, OSError):
        return None


def _is_stub(function: Function) -> bool:
    """Whether all that a function does is to raise `NotWritten`."""
    body = [part for part in function.body if not _is_docstring(part)]
    return len(body) == 1 and isinstance(body[0], ast.Raise) and "NotWritten" in ast.unparse(body[0])


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
