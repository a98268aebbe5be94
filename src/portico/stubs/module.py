"""A handlers module as a person wrote it: read, never run and never rewritten."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Unreadable(Exception):
    """The file is not Python that can be read."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Module:
    """What is written in one file."""

    text: str = ""
    encoding: str = "utf-8"
    tree: ast.Module = field(default_factory=lambda: ast.Module([], []))
    functions: dict[str, Function] = field(default_factory=dict)  # methods as "Class.method"
    bound: dict[str, frozenset[str]] = field(default_factory=dict)  # name: where from, as ".shop_types.Order"
    stars: frozenset[str] = frozenset()  # modules that all names are imported from

    @property
    def lines(self) -> list[str]:
        """The lines with their ends, as Python counts them."""
        return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", self.text)

    @property
    def newline(self) -> str:
        """How lines end here."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def has(self, function: str) -> bool:
        """Whether something of that name is there; what a star import brings cannot be told, so it counts."""
        first = function.partition(".")[0]
        return function in self.functions or (first == function and first in self.bound) or self._may_have(first)

    def _may_have(self, name: str) -> bool:
        return name not in self.bound and any(not star.endswith("_types") for star in self.stars)


def read(path: Path) -> Module:
    """Read a module.

    Raises:
        Unreadable: it is not Python, or not text.
    """
    raw = path.read_bytes()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        text = raw.decode(encoding)
        tree = ast.parse(text)
    except SyntaxError as error:
        raise Unreadable(f"This is not Python: {error.msg}.", error.lineno or 1, error.offset or 1) from None
    except (UnicodeDecodeError, ValueError) as error:
        raise Unreadable(f"This cannot be read: {error}.") from None
    except (RecursionError, MemoryError):
        raise Unreadable("This is nested too deeply to be read.") from None
    return _module(text, encoding, tree)


def _module(text: str, encoding: str, tree: ast.Module) -> Module:
    functions: dict[str, Function] = {}
    bound: dict[str, set[str]] = {}
    stars: set[str] = set()
    for statement in statements(tree.body):
        for name, origin in _binds(statement):
            bound.setdefault(name, set()).add(origin)
            functions.pop(name, None)
        if isinstance(statement, Function):
            functions[statement.name] = statement
        elif isinstance(statement, ast.ClassDef):
            methods = (part for part in statement.body if isinstance(part, Function))
            functions.update({f"{statement.name}.{method.name}": method for method in methods})
        elif isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
            stars.add(origin_of(statement))
    found = {name: frozenset(origins) for name, origins in bound.items()}
    return Module(text, encoding, tree, functions, found, frozenset(stars))


def statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run on import: those of the module, and those in its `if`, `try` and `with` blocks."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If) and ast.unparse(statement.test).endswith("TYPE_CHECKING"):
            yield from statements(statement.orelse)  # the rest does not exist at run time
            continue
        for block in ("body", "orelse", "finalbody", "handlers"):
            if not isinstance(statement, Function | ast.ClassDef):
                for part in getattr(statement, block, ()):
                    yield from statements(part.body if isinstance(part, ast.ExceptHandler) else [part])


def _binds(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """The names that a statement binds, and where they come from ("" for what is made here)."""
    if isinstance(statement, Function | ast.ClassDef):
        yield statement.name, ""
    elif isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            yield alias.asname or alias.name, f"{origin_of(statement)}.{alias.name}"
    elif isinstance(statement, ast.Import):
        for alias in statement.names:
            yield alias.asname or alias.name.partition(".")[0], alias.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign):
        for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
            yield from ((node.id, "") for node in ast.walk(target) if isinstance(node, ast.Name))


def origin_of(statement: ast.ImportFrom) -> str:
    """The module of a `from ... import`, with its leading dots."""
    return "." * statement.level + (statement.module or "")
