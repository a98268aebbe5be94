"""The names that stubs need, as a module knows them; and the import lines that are missing."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from portico.stubs.module import Module, origin_of
from portico.stubs.render import import_line

BUILTINS = frozenset(("bool", "bytes", "dict", "float", "int", "list", "str", "tuple"))

_ALSO = {
    "portico": ("portico", "portico.errors"),
    "typing": ("typing", "typing_extensions"),
}
_NAMES = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([^\W\d]\w*)""")


@dataclass(slots=True)
class Imports:
    """Collects what the stubs of one module need.

    Args:
        module: what is there already.
        types: the module of the types, relative: ".shop_types".
        functions: the functions that will be added.
    """

    module: Module
    types: str
    functions: Collection[str] = ()
    names: dict[str, set[str]] = field(default_factory=dict)  # module: names to import from it
    modules: set[str] = field(default_factory=set)  # to import whole, where the name is something else here

    def named(self, annotation: str) -> str:
        """An annotation with every name as this module knows it, importing what is missing."""
        return _NAMES.sub(lambda found: found[1] or self._name(found[2]), annotation)

    def _name(self, name: str) -> str:
        home = _home(name, self.types)
        if home is None:
            return name
        origins = self.module.bound.get(name, frozenset[str]())
        is_other = name in self.functions or any(not self._is_same(origin, home, name) for origin in origins)
        if not is_other:
            if not origins and home != "builtins" and home not in self.module.stars:
                self.names.setdefault(home, set()).add(name)
            return name
        self.modules.add(home)
        return f"{home.lstrip('.')}.{name}"

    def _is_same(self, origin: str, home: str, name: str) -> bool:
        if name == "UploadFile":
            return origin.endswith(".UploadFile")
        if home.startswith("."):
            return origin.endswith(f"{home.lstrip('.')}.{name}")
        return origin in [f"{other}.{name}" for other in _ALSO.get(home, (home,))]

    def lines(self) -> Iterator[tuple[str, str]]:
        """The missing imports: the module, and the line."""
        for module in sorted(self.modules):
            if module.lstrip(".") not in self.module.bound:
                dots = re.match(r"\.*", module)
                relative = dots[0] if dots else ""
                yield module, f"from {relative} import {module.lstrip('.')}\n" if relative else f"import {module}\n"
        for module in sorted(self.names):
            yield module, import_line(module, self.names[module])


def _home(name: str, types: str) -> str | None:
    """The module that a name of an annotation comes from."""
    if name in ("None", "True", "False"):
        return None
    if name in BUILTINS:
        return "builtins"
    if name in ("Any", "Literal"):
        return "typing"
    return "portico" if name == "NotWritten" else types


def with_imports(module: Module, imports: Imports) -> str:
    """The module's text with what is missing imported; nothing else of it changes."""
    lines = ["", *module.lines]  # so that a number is what Python calls the line
    placed: set[tuple[int, int]] = set()
    for home, line in sorted(imports.lines(), key=lambda pair: _rank(pair[0])):
        existing = _existing(module, home) if home in imports.names and line.startswith("from ") else None
        merged = _merged(existing, lines, imports.names[home], module.newline) if existing is not None else None
        if existing is not None and merged is not None:
            start, end = existing.lineno, existing.end_lineno or existing.lineno
            lines[start : end + 1] = [merged, *[""] * (end - start)]
            continue
        place, before, after = (existing.end_lineno or 1, 0, 0) if existing is not None else _place(module, home)
        if (place, _rank(home)) in placed:
            before, after = 0, 0
        placed.add((place, _rank(home)))
        if place and not lines[place].endswith(("\n", "\r")):
            lines[place] += module.newline
        lines[place] += (before * "\n" + line + after * "\n").replace("\n", module.newline)
    return "".join(lines)


def _existing(module: Module, home: str) -> ast.ImportFrom | None:
    found = [node for node in module.tree.body if isinstance(node, ast.ImportFrom) and origin_of(node) == home]
    return found[-1] if found and found[-1].names[0].name != "*" else None


def _merged(node: ast.ImportFrom, lines: list[str], names: set[str], newline: str) -> str | None:
    """The import with more names, where it is written as a formatter writes it; a person's comments are not moved."""
    now = "".join(lines[node.lineno : (node.end_lineno or node.lineno) + 1]).replace(newline, "\n")
    mine = [alias.name for alias in node.names]
    plain = all(alias.asname is None for alias in node.names)
    one_line = f"from {origin_of(node)} import {', '.join(mine)}\n"
    if not plain or now not in (import_line(origin_of(node), mine), one_line):
        return None
    return import_line(origin_of(node), {*mine, *names}).replace("\n", newline)


def _place(module: Module, home: str) -> tuple[int, int, int]:
    """Where a new import goes: before which line, and how many empty lines stand before and after it."""
    block = list(_block(module.tree))
    future = [node for node in block if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    others = [node for node in block if node not in future]
    rank = _rank(home)
    before = [node for node in others if _rank(_root(node)) <= rank]
    if before:
        last = before[-1]
        return last.end_lineno or last.lineno, int(_rank(_root(last)) < rank), 0
    if others:
        return others[0].lineno - 1, 0, int(_rank(_root(others[0])) > rank)
    if future:
        return future[-1].end_lineno or 1, 1, 0
    return _after_docstring(module)


def _after_docstring(module: Module) -> tuple[int, int, int]:
    first = module.tree.body[0] if module.tree.body else None
    if first is not None and ast.get_docstring(module.tree, clean=False) is not None:
        return first.end_lineno or 1, 1, 0
    comments = 0
    for line in module.lines:
        if not line.startswith("#"):
            break
        comments += 1
    return comments, int(comments > 0), 1


def _block(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports at the top of a module."""
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            return


def _root(node: ast.Import | ast.ImportFrom) -> str:
    return origin_of(node) if isinstance(node, ast.ImportFrom) else node.names[0].name


def _rank(module: str) -> int:
    """The sections of imports: the standard library, what is installed, the project's own."""
    if module.startswith("."):
        return 2
    return 0 if module.partition(".")[0] in sys.stdlib_module_names else 1
