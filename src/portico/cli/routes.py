"""`portico routes`: what answers where."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from portico.cli.root import ProjectOption, find

if TYPE_CHECKING:
    from portico.design.handlers import Handler
    from portico.design.model import Api, Operation

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
    for handler in handlers(api, folder):
        operation = handler.operation
        yield {
            "method": operation.method.upper(),
            "path": f"{api.base_path}{operation.path}",
            "api": api.name,
            "operation": operation.id,
            "handler": f"{handler.module}.{handler.function}",
            "state": _state(handler, folder),
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


def _state(handler: Handler, folder: Path) -> State:
    """Whether somebody has written the handler, by reading it: nothing of the project is run."""
    function = _functions(handler.path(folder)).get(handler.function)
    if function is None:
        return "missing"
    return "stub" if _is_stub(function) else "written"


@functools.cache
def _functions(path: Path) -> dict[str, ast.stmt]:
    """The functions of a module, and what else gives a name a value; methods as `Class.method`."""
    if not path.is_file():
        return {}
    try:
        module = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return {}
    return dict(_named(module.body, ""))


def _named(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.stmt]]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{statement.name}", statement
        elif isinstance(statement, ast.ClassDef):
            yield from _named(statement.body, f"{prefix}{statement.name}.")
        elif isinstance(statement, ast.ImportFrom | ast.Import):
            yield from ((alias.asname or alias.name, statement) for alias in statement.names)
        elif isinstance(statement, ast.Assign):
            yield from ((target.id, statement) for target in statement.targets if isinstance(target, ast.Name))


def _is_stub(function: ast.stmt) -> bool:
    """Whether all that a function does is to raise `NotWritten`."""
    body = [part for part in getattr(function, "body", ()) if not _is_docstring(part)]
    return len(body) == 1 and isinstance(body[0], ast.Raise) and "NotWritten" in ast.unparse(body[0])


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
