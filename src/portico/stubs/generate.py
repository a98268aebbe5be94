"""`portico stubs`: what is missing is written, what a person wrote is left alone.

plan -> types -> for each module: read, append what is missing, compare what is there
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

from portico.design.findings import Finding, Severity
from portico.design.model import METHODS, Api
from portico.stubs import files, render
from portico.stubs.compare import difference
from portico.stubs.imports import Imports, with_imports
from portico.stubs.module import Function, Module, Unreadable, read
from portico.stubs.plan import Plan, plan
from portico.stubs.report import Appended, Changed, Elsewhere, Removed, StubsReport
from portico.stubs.signature import faults, of_text
from portico.stubs.stub import Stub
from portico.stubs.text import docstring
from portico.stubs.types_module import MARK

PACKAGE = b'"""The handlers of this project: one module for each document."""\n'
_ROUTE = re.compile(rf"\s*(?:{'|'.join(METHODS)}) /\S*\s*", re.IGNORECASE)


@dataclass(slots=True)
class _Report:
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    appended: list[Appended] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def generate(api: Api, handlers: Path, *, pythonic: bool) -> StubsReport:
    """Write a stub for each operation that has no handler, and the types of all.

    Args:
        api: the document.
        handlers: the project's handlers folder; made where it does not exist.
        pythonic: whether `pythonic_params` is on.

    Raises:
        HandlerError: a file changed while it was worked on.
    """
    handlers = handlers.absolute()
    whole, report = plan(api, handlers, pythonic=pythonic), _Report()
    _packages(whole, report)
    _types(whole, report)
    for path, stubs in whole.modules().items():
        _module(whole, path, stubs, report, pythonic=pythonic)
    return StubsReport(
        api.name,
        tuple(report.created),
        tuple(report.updated),
        tuple(report.appended),
        tuple(report.changed),
        tuple(report.removed),
        tuple(_elsewhere(whole)),
        tuple(report.findings),
    )


def _packages(whole: Plan, report: _Report) -> None:
    """Every folder with handlers is a package."""
    folders = {whole.folder, *(path.parent for path in whole.modules())}
    for folder in sorted(
        folders | {parent for path in folders for parent in path.parents if whole.folder in parent.parents}
    ):
        path = folder / "__init__.py"
        if not path.exists():
            files.write(path, PACKAGE, before=None)
            report.created.append(whole.shown(path))


def _types(whole: Plan, report: _Report) -> None:
    path = whole.types_path
    before = path.read_bytes() if path.exists() else None
    if before is not None and (MARK.encode() not in before or _leads_outside(path, whole.folder)):
        mend = "Move what you need of it to another file and delete it."
        report.findings.append(
            _finding(whole, path, "types-not-generated", "This file was not made by portico stubs.", mend)
        )
        return
    if before is None or before.replace(b"\r\n", b"\n") != whole.types.encode():
        files.write(path, whole.types.encode(), before=before)
        (report.created if before is None else report.updated).append(whole.shown(path))


def _module(whole: Plan, path: Path, stubs: list[Stub], report: _Report, *, pythonic: bool) -> None:
    before = path.read_bytes() if path.exists() else None
    try:
        module = read(path) if before else _empty(whole, path)
    except Unreadable as error:
        report.findings.append(unreadable(whole, path, error))
        return
    missing = [one for one in stubs if not module.has(one.name)]
    if missing and (_leads_outside(path, whole.folder) or not module.encoding.startswith("utf-8")):
        mend = "Save it as UTF-8, in the handlers folder itself."
        report.findings.append(_finding(whole, path, "handlers-not-writable", "Stubs cannot be appended here.", mend))
        return
    if missing:
        text = _extended(whole, path, module, missing)
        files.write(path, text.encode(module.encoding), before=before)
        if before is None:
            report.created.append(whole.shown(path))
        report.appended += [Appended(whole.shown(path), one.name, one.handler.operation.id) for one in missing]
    for one in stubs:
        if (function := module.functions.get(one.name)) is not None:
            _compare(whole, path, module, function, one, report, pythonic=pythonic)
    report.removed += _removed(whole, path, module)


def _empty(whole: Plan, path: Path) -> Module:
    if path.name == "__init__.py":
        return Module()
    opening = docstring([f"The operations of {whole.source}: one function each, found by its name."], "")
    text = f"{opening}\n"
    return Module(text, tree=ast.parse(text))


def _extended(whole: Plan, path: Path, module: Module, missing: list[Stub]) -> str:
    """The module's text with imports and functions added; the person's own text stays as it is, byte for byte."""
    imports = Imports(module, whole.types_from(path), {one.name for one in missing})
    functions = [render.function(one, imports.named) for one in missing]
    text = with_imports(module, imports)
    gap = "" if not text or text.endswith(("\n", "\r")) else module.newline
    added = "".join(f"\n\n{function}" for function in functions).replace("\n", module.newline)
    return f"{text}{gap}{added if text else added.lstrip()}"


def _compare(
    whole: Plan, path: Path, module: Module, function: Function, one: Stub, report: _Report, *, pythonic: bool
) -> None:
    faulty = faults(of_text(function), one.handler.operation, pythonic=pythonic)
    found = tuple(f"{what}: {mend}" for what, mend in faulty)
    diff = difference(module, function, one, whole.types_from(path), file=whole.shown(path), source=whole.source)
    if diff or found:
        operation = one.handler.operation.id
        report.changed.append(Changed(whole.shown(path), function.lineno, one.name, operation, diff, found))


def _removed(whole: Plan, path: Path, module: Module) -> list[Removed]:
    """Functions that were stubs once: they still raise NotWritten, or their docstring ends with a route."""
    wanted = {one.name for one in whole.stubs if one.handler.path(whole.folder) == path}
    return [
        Removed(whole.shown(path), function.lineno, name)
        for name, function in module.functions.items()
        if name not in wanted and "." not in name and _was_stub(function)
    ]


def _was_stub(function: Function) -> bool:
    if any(
        isinstance(part, ast.Raise) and part.exc and "NotWritten" in ast.unparse(part.exc) for part in function.body
    ):
        return True
    lines = (ast.get_docstring(function) or "").splitlines()
    return bool(lines) and _ROUTE.fullmatch(lines[-1]) is not None


def _elsewhere(whole: Plan) -> list[Elsewhere]:
    return [Elsewhere(one.operation.id, f"{one.module}.{one.function}") for one in whole.elsewhere()]


def _leads_outside(path: Path, folder: Path) -> bool:
    """A link out of the folder: writing through it would change somebody else's file."""
    return not path.resolve().is_relative_to(folder.resolve())


def _finding(whole: Plan, path: Path, rule: str, message: str, mend: str) -> Finding:
    return Finding(whole.shown(path), 1, 1, rule, Severity.ERROR, message, mend)


def unreadable(whole: Plan, path: Path, error: Unreadable) -> Finding:
    """The finding for a module that cannot be read."""
    mend = "Mend it there; handlers are read before anything is written."
    return Finding(
        whole.shown(path), error.line, error.column, "handlers-unreadable", Severity.ERROR, error.message, mend
    )
