"""Rules about paths: their parameters, and whether a request can fit two of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portico.design.faults import Fault
from portico.design.model import Api, Location, Operation

_BRACES = re.compile(r"\{([^{}]+)\}")


def template(path: str) -> str:
    """A path without the names of its parameters: what a request sees of it."""
    return _BRACES.sub("{}", path)


def parameters(api: Api) -> Iterator[Fault]:
    """The names in braces are the path parameters, and the other way round."""
    for operation in api.operations:
        named = {name.rstrip("+") for name in _BRACES.findall(operation.path)}  # Amazon's {proxy+} takes many segments
        declared = {parameter.name for parameter in operation.parameters if parameter.location == "path"}
        at = operation.at or Location("", "")
        title = f"{operation.method.upper()} {operation.path}"
        for name in sorted(named - declared):
            yield Fault("path-parameter-mismatch", at, f"{title} does not declare its path parameter {name!r}.")
        for parameter in operation.parameters:
            if parameter.location == "path" and parameter.name not in named:
                message = f"{title} declares the path parameter {parameter.name!r}, which its path does not have."
                yield Fault("path-parameter-mismatch", parameter.at or at, message)


def ambiguous(api: Api) -> Iterator[Fault]:
    """Paths that one request can fit, with neither the more exact."""
    same: dict[tuple[str, str], Operation] = {}
    shapes: dict[tuple[str, ...], Operation] = {}
    for operation in api.operations:
        shape = template(operation.path)
        first = same.setdefault((operation.method, shape), operation)
        if first.path != operation.path and operation.at is not None:
            message = f"{operation.method.upper()} {operation.path} fits the same requests as {first.path}."
            yield Fault("identical-paths", operation.at, message)
        shapes.setdefault(tuple(shape.split("/")), operation)
    tree: _Tree = {}
    for segments, operation in shapes.items():
        others = [shapes[other].path for other in _overlapping(tree, segments)]
        if others and operation.at is not None:
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            message = f"Some requests fit both {operation.path} and {others[0]}{more}."
            yield Fault("ambiguous-paths", operation.at, message)
        _insert(tree, segments)


_Tree = dict[str, "_Tree"]


def _insert(tree: _Tree, shape: tuple[str, ...]) -> None:
    for segment in shape:
        tree = tree.setdefault(segment, {})
    tree["\0end"] = {}


def _overlapping(tree: _Tree, shape: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Shapes in the tree that are more exact at one segment and less exact at another."""
    waiting: list[tuple[_Tree, tuple[str, ...], bool, bool]] = [(tree, (), False, False)]
    while waiting:
        node, way, more, less = waiting.pop()
        if len(way) == len(shape):
            if "\0end" in node and more and less:
                yield way
            continue
        own = shape[len(way)]
        for segment, below in node.items():
            if segment == own:
                waiting.append((below, (*way, segment), more, less))
            elif own == "{}" and "{" not in segment and segment != "\0end":
                waiting.append((below, (*way, segment), True, less))
            elif segment == "{}" and "{" not in own:
                waiting.append((below, (*way, segment), more, True))
