"""What a person's function is, and what the document wants it to be."""

from __future__ import annotations

import ast
import difflib
import re

from portico.design.handlers import INJECTED
from portico.stubs import render
from portico.stubs.imports import Imports
from portico.stubs.module import Function, Module
from portico.stubs.signature import Signature, of_text
from portico.stubs.stub import Stub
from portico.stubs.types import members


def difference(module: Module, function: Function, stub: Stub, types: str, *, file: str, source: str) -> str:
    """A unified diff of the two signatures; "" where the person's says all that the document does.

    Args:
        module: where the function stands.
        function: the person's.
        stub: the document's.
        types: the module of the types, relative.
        file: what the module is called in the diff.
        source: what the document is called in the diff.
    """
    if fits(module, function, stub):
        return ""
    now = written(module, function)
    wanted = render.signature(stub, Imports(module, types).named, _own(function, stub)).splitlines()
    indent = re.match(r"\s*", now[0])
    margin = indent[0] if indent else ""
    lines = difflib.unified_diff(
        now,
        [f"{margin}{line}" for line in wanted],
        f"{file}: {stub.name} as it is",
        f"{file}: {stub.name} as {source} wants it",
        n=100,
        lineterm="",
    )
    return "\n".join(lines)


def fits(module: Module, function: Function, stub: Stub) -> bool:
    """Whether a person's signature says at least what the document does: it may be wider, and take more."""
    signature, mine = of_text(function), _annotations(function, module)
    wanted = {one.name: one for one in stub.taken}
    if not signature.takes_others and wanted.keys() - signature.names:
        return False
    if signature.required - wanted.keys() - INJECTED or signature.positional_only:
        return False
    said = {**{name: one.annotation for name, one in wanted.items()}, "return": stub.returns}
    return all(_covers(mine[name], annotation) for name, annotation in said.items() if name in mine)


def _annotations(function: Function, module: Module) -> dict[str, str]:
    given = function.args
    found = {one.arg: one.annotation for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    said = {**found, "return": function.returns}
    return {name: _unaliased(ast.unparse(one), module) for name, one in said.items() if one is not None}


def _unaliased(annotation: str, module: Module) -> str:
    """`Lit` is `Literal` after `from typing import Literal as Lit`."""

    def original(found: re.Match[str]) -> str:
        origins = module.bound.get(found[0], frozenset[str]())
        return next((origin.rpartition(".")[2] or found[0] for origin in origins), found[0])

    return re.sub(r"(?<![\w.'\"])[^\W\d]\w*", original, annotation)


def _covers(mine: str, wanted: str) -> bool:
    """Whether an annotation mentions every member of another, in whatever larger type."""
    text = _bare(mine)
    if re.search(r"\b(Any|object|Response)\b", text):
        return True
    return all(_mentions(text, _bare(member)) for member in members(wanted))


def _mentions(text: str, member: str) -> bool:
    if member == "None" and "Optional[" in text:
        return True
    return re.search(rf"(?<!\w){re.escape(member)}(?!\w)", text) is not None


def _bare(annotation: str) -> str:
    """An annotation without modules, quotes around types, and with one kind of quotes."""
    if re.fullmatch(r"'[^']*'|\"[^\"]*\"", annotation):
        annotation = annotation[1:-1]
    try:
        annotation = ast.unparse(ast.parse(annotation, mode="eval"))
    except (SyntaxError, ValueError, RecursionError):
        return annotation
    return re.sub(
        r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|\b(?:\w+\.)+(?=\w)""", lambda found: found[1] or "", annotation
    )


def written(module: Module, function: Function) -> list[str]:
    """The lines of a signature, as they stand in the file."""
    first = function.body[0]
    end = first.lineno - 1 if first.lineno > function.lineno else function.lineno
    if isinstance(first, Function | ast.ClassDef) and first.decorator_list:
        end = min(one.lineno for one in first.decorator_list) - 1
    lines = [line.rstrip("\r\n") for line in module.lines[function.lineno - 1 : end]]
    while len(lines) > 1 and not lines[-1].strip():
        lines.pop()
    return lines


def _own(function: Function, stub: Stub) -> render.Own:
    """What of a signature is the person's: `def`, parameters that the document does not provide, `**kwargs`."""
    signature = of_text(function)
    given = function.args
    wanted = {one.name for one in stub.taken}
    defaults = _defaults(function)
    kept = [
        ast.unparse(one) + (f" = {defaults[one.arg]}" if one.arg in defaults else "")
        for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)
        if one.arg not in wanted and _may_stay(one.arg, signature)
    ]
    rest = f"**{ast.unparse(given.kwarg)}" if given.kwarg is not None else ""
    keyword = "async def" if isinstance(function, ast.AsyncFunctionDef) else "def"
    return render.Own(keyword, tuple(kept), rest)


def _may_stay(name: str, signature: Signature) -> bool:
    return name in INJECTED or name not in signature.required


def _defaults(function: Function) -> dict[str, str]:
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    pairs = [
        *zip(positional[len(positional) - len(given.defaults) :], given.defaults, strict=True),
        *zip(given.kwonlyargs, given.kw_defaults, strict=True),
    ]
    return {one.arg: ast.unparse(value) for one, value in pairs if value is not None}
