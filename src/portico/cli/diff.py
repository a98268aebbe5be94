"""`portico diff`: what changed between two designs, and which version that makes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from portico.cli.root import ProjectOption, find, nearest
from portico.errors import DesignError, PorticoError

if TYPE_CHECKING:
    from portico.config import Config
    from portico.design import Api, Change, Comparison, Location


class DesignMissing(PorticoError):
    """A design that was named is not there."""


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The design before: a file, or REVISION:FILE from git.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The design after, named the same way.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the changes as JSON.")] = False,
    project: ProjectOption = None,
) -> None:
    """Compare two designs: what breaks clients, what is compatible, what is words only, and the version that makes.

    Both may be of any version of OpenAPI, JSON or YAML. Exit status 1 if something breaks clients.

    \b
    Examples:
      portico diff HEAD~1:specs/shop.yaml specs/shop.yaml
      portico diff v1.4.2:specs/shop.yaml main:specs/shop.yaml --json
      portico diff old-swagger.json specs/shop.yaml
    """
    from portico import design
    from portico.cli import terminal

    with terminal.err().status("Comparing ..."):
        before, after = _read(old, project), _read(new, project)
        comparison = design.compare(before, after)
    if as_json:
        terminal.json(_json(comparison, before, after))
    else:
        _show(comparison, before, after)
    raise typer.Exit(1 if comparison.verdict == "major" else 0)


def _read(named: str, project: Path | None) -> Api:
    from portico import config
    from portico.cli import revision
    from portico.config import Config

    root = find(project) if project is not None else nearest()
    settings = config.load(root) if root is not None else Config()
    path = Path(named)
    spec = revision.split(named)
    if named.startswith("-") or (spec is None and not path.is_file()):
        raise DesignMissing(f"There is no file {named}. Name a file, or a revision and a file: HEAD~1:specs/shop.yaml")
    if spec is None or path.is_file():
        path = path.resolve()
        return _design(path, root if root is not None and path.is_relative_to(root) else path.parent, settings)
    cwd = root if project is not None and root is not None else Path.cwd()
    with revision.document(*spec, cwd) as (path, folder):
        try:
            return _design(path, folder, settings)
        except DesignError as error:
            raise DesignError([replace(one, file=f"{spec[0]}:{one.file}") for one in error.findings]) from None


def _design(path: Path, root: Path, settings: Config) -> Api:
    from portico import design

    return design.read(path, root=root, arguments=settings.design.arguments, remote=settings.design.remote)


_COLOURS = {"breaking": "red", "compatible": "yellow", "cosmetic": "dim"}


def _show(comparison: Comparison, old: Api, new: Api) -> None:
    """Print the changes by severity, a line each, and the verdict as the last line."""
    from portico.cli import terminal

    out = terminal.out()
    for severity, colour in _COLOURS.items():
        changes = [change for change in comparison.changes if change.severity == severity]
        if changes:
            out.print(f"[bold {colour}]{severity.capitalize()} ({len(changes):,})[/]")
        for change in changes:
            place = f"[bold]{terminal.word(change.place)}[/]: " if change.place else ""
            out.print(f"  {place}{terminal.word(change.text)} [dim]{change.rule}[/]", soft_wrap=True)
        if changes:
            out.print()
    out.print(terminal.word(_verdict(comparison, old, new)), style="bold", soft_wrap=True)


def _verdict(comparison: Comparison, old: Api, new: Api) -> str:
    verdict = comparison.verdict
    following = _following(comparison, old)
    if following is None:
        said = f"{old.version[:40]!r} is not a version of Semantic Versioning, so none follows it."
    elif verdict == "none":
        said = f"{old.version} stays."
    else:
        said = f"{old.version} becomes {following}."
    if new.version not in (old.version, following):
        said += f" The new design says {new.version[:40]!r}."
    return f"Verdict: {verdict}. {said}"


def _following(comparison: Comparison, old: Api) -> str | None:
    """The version that follows the old one, if that is one of Semantic Versioning."""
    from portico.design.compare import VersionInvalid, next_version

    try:
        return next_version(old.version, comparison.verdict)
    except VersionInvalid:
        return None


def _json(comparison: Comparison, old: Api, new: Api) -> dict[str, Any]:
    places = _Places(old), _Places(new)
    for change in comparison.changes:
        for place, location in zip(places, (change.old, change.new), strict=True):
            place.want(location)
    return {
        "verdict": comparison.verdict,
        "old_version": old.version,
        "new_version": new.version,
        "next_version": _following(comparison, old),
        "changes": [_change(change, *places) for change in comparison.changes],
    }


def _change(change: Change, old: _Places, new: _Places) -> dict[str, Any]:
    return {
        "severity": change.severity,
        "rule": change.rule,
        "operation": change.operation,
        "operations": list(change.operations),
        "place": change.place,
        "text": change.text,
        "old": old.of(change.old),
        "new": new.of(change.new),
    }


class _Places:
    """Lines and columns in the files of one design, all of a file found at once."""

    def __init__(self, api: Api) -> None:
        self._sources = api.sources
        self._wanted: dict[str, set[str]] = {}
        self._found: dict[str, dict[str, tuple[int, int]]] = {}

    def want(self, location: Location | None) -> None:
        """Say that a place will be asked for."""
        if location is not None:
            self._wanted.setdefault(location.file, set()).add(location.pointer)

    def of(self, location: Location | None) -> dict[str, Any] | None:
        """A place, as JSON."""
        if location is None:
            return None
        if location.file not in self._found:
            wanted = self._wanted.get(location.file, set())
            known = self._sources.positions(location.file, wanted) if self._sources is not None else {}
            self._found[location.file] = dict(known)
        line, column = self._found[location.file].get(location.pointer, (1, 1))
        return {"file": location.file, "line": line, "column": column, "pointer": location.pointer}
