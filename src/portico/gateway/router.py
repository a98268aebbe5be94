"""From a method and a path to an operation, in a time that does not grow with the number of operations.

Paths without parameters are looked up in a dictionary. The others are found in a tree, segment by segment: what is
written out wins over a pattern such as `{id}.json`, and that over a whole-segment parameter (OpenAPI 3.1, Path
Templating: concrete paths are matched before templated ones).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Generic, TypeVar
from urllib.parse import unquote

Target = TypeVar("Target")

_PARAMETER = re.compile(r"\{([^{}]*)\}")
_SHAPES = {"integer": re.compile(r"[+-]?[0-9]+"), "number": re.compile(r"[+-]?[0-9]*(\.[0-9]*)?")}
LONGEST_SPLIT = 256  # characters of a segment with several parameters: matching it takes more than linear time


class Route(Generic[Target]):
    """A path template and what each of its methods leads to."""

    __slots__ = ("names", "shapes", "targets", "template")

    def __init__(self, template: str, types: dict[str, str]) -> None:
        self.template = template
        self.names = tuple(_PARAMETER.findall(template))
        self.shapes = tuple((name, _SHAPES[types[name]]) for name in self.names if types.get(name) in _SHAPES)
        self.targets: dict[str, Target] = {}  # upper-case method -> target


class _Node(Generic[Target]):
    """One position in the tree of templated paths."""

    __slots__ = ("literals", "parameter", "patterns", "rest", "routes")

    def __init__(self) -> None:
        self.literals: dict[str, _Node[Target]] = {}
        self.patterns: dict[str, tuple[re.Pattern[str], _Node[Target]]] = {}
        self.parameter: _Node[Target] | None = None
        self.routes: list[Route[Target]] = []
        self.rest: list[Route[Target]] = []  # the last parameter takes all that is left of the path


class Router(Generic[Target]):
    """All routes of a gateway."""

    def __init__(self) -> None:
        self._exact: dict[str, Route[Target]] = {}
        self._templates: dict[str, Route[Target]] = {}
        self._root: _Node[Target] = _Node()

    def add(self, method: str, template: str, target: Target, *, types: dict[str, str] | None = None) -> bool:
        """Add a route.

        Args:
            method: in upper case.
            template: the whole path, base path included, with parameters in braces.
            target: what it leads to.
            types: the JSON type of path parameters; an "integer" or "number" matches nothing else, and "path" matches
                all the rest of the path, slashes included (both as Connexion has it).

        Returns:
            False where that method and path were taken: the first to come stays.
        """
        route = self._exact.get(template) or self._templates.get(template)
        if route is None:
            route = Route(template, types or {})
            self._place(route, types or {})
        return route.targets.setdefault(method, target) is target

    def _place(self, route: Route[Target], types: dict[str, str]) -> None:
        if not route.names:
            self._exact[route.template] = route
            return
        self._templates[route.template] = route
        node = self._root
        for segment in route.template.split("/"):
            whole = _PARAMETER.fullmatch(segment)
            if whole and types.get(whole[1]) == "path":
                node.rest.append(route)
                return
            node = _child(node, segment, is_parameter=whole is not None)
        node.routes.append(route)

    def find(self, method: str, path: str, raw_path: str) -> tuple[Target, dict[str, str]] | None:
        """What a request leads to, with its path parameters decoded; None where nothing takes path and method.

        Args:
            method: in upper case.
            path: the decoded path.
            raw_path: the path as it was sent, so that an encoded slash stays within its segment.
        """
        route = self._written_out(path, raw_path)
        if route is not None and method in route.targets:
            return route.targets[method], {}
        for route, values in self._matches(path, raw_path):
            if method in route.targets:
                return route.targets[method], values
        return None

    def methods(self, path: str, raw_path: str) -> dict[str, Target]:
        """All methods that a path takes, with what they lead to; empty where the path is unknown."""
        found: dict[str, Target] = {}
        if (exact := self._written_out(path, raw_path)) is not None:
            found.update(exact.targets)
        for route, _ in self._matches(path, raw_path):
            found = {**route.targets, **found}
        return found

    def _written_out(self, path: str, raw_path: str) -> Route[Target] | None:
        """The route without parameters. Not by an encoded slash: a proxy in front would have seen another path."""
        if "%" in raw_path and "%2f" in raw_path.lower():
            return None
        return self._exact.get(path)

    def _matches(self, path: str, raw_path: str) -> Iterator[tuple[Route[Target], dict[str, str]]]:
        if not self._templates:
            return
        segments = path.split("/") if "%" not in raw_path else [unquote(part) for part in raw_path.split("/")]
        for routes, values in _walk(self._root, segments, 0, ()):
            for route in routes:
                named = dict(zip(route.names, values, strict=True))
                if all(shape.fullmatch(named[name]) for name, shape in route.shapes):
                    yield route, named


def _child(node: _Node[Target], segment: str, *, is_parameter: bool) -> _Node[Target]:
    if is_parameter:
        node.parameter = node.parameter or _Node()
        return node.parameter
    if "{" not in segment:
        return node.literals.setdefault(segment, _Node())
    pieces = _PARAMETER.split(segment)  # literals at even places, names at odd ones
    pattern = "".join("(.+?)" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces))
    return node.patterns.setdefault(pattern, (re.compile(pattern, re.DOTALL), _Node()))[1]


def _walk(
    node: _Node[Target], segments: list[str], at: int, values: tuple[str, ...]
) -> Iterator[tuple[list[Route[Target]], tuple[str, ...]]]:
    if at == len(segments):
        yield node.routes, values
        return
    segment = segments[at]
    child = node.literals.get(segment)
    if child is not None:
        yield from _walk(child, segments, at + 1, values)
    if segment:
        for pattern, child in node.patterns.values():
            fits = pattern.groups == 1 or len(segment) <= LONGEST_SPLIT
            if fits and (match := pattern.fullmatch(segment)):
                yield from _walk(child, segments, at + 1, (*values, *match.groups()))
        if node.parameter is not None:
            yield from _walk(node.parameter, segments, at + 1, (*values, segment))
    if node.rest:
        yield node.rest, (*values, "/".join(segments[at:]))
