"""Where handlers no longer fit their document. The files are read, not imported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from portico.design.findings import Finding, Severity
from portico.design.model import Api
from portico.stubs.generate import unreadable
from portico.stubs.module import Module, Unreadable, read
from portico.stubs.plan import Plan, plan
from portico.stubs.signature import faults, of_text
from portico.stubs.stub import Stub
from portico.stubs.types_module import MARK

_WRITE = "Run `portico stubs`, which writes what is missing."


def drift(api: Api, handlers: Path, *, pythonic: bool) -> list[Finding]:
    """Compare the handlers of an API with its document.

    A missing handler and one that cannot be called with what the document provides are errors; types that are out of
    date are a warning, since nothing of them runs.

    Args:
        api: the document.
        handlers: the project's handlers folder.
        pythonic: whether `pythonic_params` is on.
    """
    whole = plan(api, handlers.absolute(), pythonic=pythonic)
    by_path: dict[Path, list[Stub]] = {}
    for one in whole.stubs:
        by_path.setdefault(one.handler.path(whole.folder), []).append(one)
    found = [finding for path, stubs in by_path.items() for finding in _of_module(whole, path, stubs, pythonic)]
    return [*found, *_of_types(whole)]


def _of_module(whole: Plan, path: Path, stubs: list[Stub], pythonic: bool) -> Iterator[Finding]:
    if not path.is_file():
        count = f"{len(stubs)} operation{'s' * (len(stubs) != 1)}"
        message = f"The file is not there, so {count} of {whole.source} cannot be answered."
        yield Finding(whole.shown(path), 1, 1, "missing-handler", Severity.ERROR, message, _WRITE)
        return
    try:
        module = read(path)
    except Unreadable as error:
        yield unreadable(whole, path, error)
        return
    for one in stubs:
        yield from _of_function(whole, path, module, one, pythonic)


def _of_function(whole: Plan, path: Path, module: Module, one: Stub, pythonic: bool) -> Iterator[Finding]:
    operation = one.handler.operation
    pointer = operation.at.pointer if operation.at is not None else ""
    if not module.has(one.name):
        message = f"There is no function {one.name} for {operation.id} ({operation.method.upper()} {operation.path})."
        yield Finding(whole.shown(path), 1, 1, "missing-handler", Severity.ERROR, message, _WRITE, pointer)
    function = module.functions.get(one.name)
    if function is None:
        return
    for what, mend in faults(of_text(function, is_method="." in one.name), operation, pythonic=pythonic):
        message = f"{one.name} does not fit {operation.id}: {what}."
        place = (whole.shown(path), function.lineno, function.col_offset + 1)
        yield Finding(*place, "handler-drift", Severity.ERROR, message, f"{mend[:1].upper()}{mend[1:]}", pointer)


def _of_types(whole: Plan) -> Iterator[Finding]:
    path = whole.types_path
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else None
    except UnicodeDecodeError:
        text = ""
    if text is not None and MARK in text and text != whole.types:
        message = f"The types are not those of {whole.source} any more."
        mend = "Run `portico stubs`, which writes them again."
        yield Finding(whole.shown(path), 1, 1, "stale-types", Severity.WARNING, message, mend)
