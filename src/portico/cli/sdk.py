"""`portico sdk`: the client SDKs of a project."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from portico.cli.root import ProjectOption, find

if TYPE_CHECKING:
    from pathlib import Path

    from portico.project import Project
    from portico.sdkgen.generate import Package

_STYLES = {"created": "green", "updated": "green", "removed": "yellow", "kept": "cyan", "edited": "red"}


def sdk(
    languages: Annotated[
        list[str] | None, typer.Argument(metavar="[LANGUAGE]...", help="python, typescript; else [sdk] languages.")
    ] = None,
    api: Annotated[list[str] | None, typer.Option("--api", help="Only this document; may be repeated.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit status 1 if an SDK is stale.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite generated files that were edited by hand.")] = False,
    release: Annotated[
        bool, typer.Option("--release", help="Note that these versions are released: the next ones follow from them.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
    project: ProjectOption = None,
) -> None:
    """Write the client SDKs of the project into sdk/, one package for each document and language.

    Files that did not change are not touched; files that you add, or mark with `portico: keep` near the top, are kept.
    A generated file that was edited without the mark stops everything before anything is written.

    Versions follow from what changed in the document since the last `--release` (see `portico diff`).

    \b
    Examples:
      portico sdk
      portico sdk python --api concierge
      portico sdk --check
    """
    from portico.cli import terminal
    from portico.sdkgen.generate import generate, orphans, write

    if release and check:
        raise typer.BadParameter("--release and --check exclude each other; choose one.")
    root = find(project)
    chosen = _project(root, api or [])
    packages = list(generate(chosen, languages or (), force=force))
    edited = [package for package in packages if package.edited]
    if release and not edited:
        _release(chosen)
        packages = list(generate(chosen, languages or (), force=force))  # they say that they are released
    for package in packages if not check and not edited else ():
        write(package)
    if as_json:
        terminal.json([_as_json(root, package) for package in packages])
    else:
        for package in packages:
            _show(root, package, check=check)
    gone = [] if api else orphans(chosen)
    _tell(root, gone, edited)
    stale = bool(gone) or any(package.stale for package in packages)
    raise typer.Exit(1 if edited or (check and stale) else 0)


def _tell(root: Path, gone: list[Path], edited: list[Package]) -> None:
    """What a person has to decide."""
    from portico.cli import terminal

    for folder in gone:
        place = folder.relative_to(root).as_posix()
        words = f"{place} has no document any more. Remove the folder, or bring it back."
        terminal.err().print(terminal.word(words), soft_wrap=True)
    for package in edited:
        paths = ", ".join(package.edited[:10])
        terminal.fail(
            f"{_place(root, package)}: {paths} was edited by hand. Nothing was written. Mark it with `portico: keep` "
            "near its top to keep it, or use --force to overwrite it."
        )


def _project(root: Path, wanted: list[str]) -> Project:
    """The project with the documents that are wanted."""
    import dataclasses

    from portico import config
    from portico.cli.lookup import find_api
    from portico.project import Project, load

    if not wanted:
        return load(root)
    settings = config.load(root)
    apis = tuple(find_api(root, settings, name) for name in dict.fromkeys(wanted))
    site = tuple(name for name in settings.sdk.site if name in {api.name for api in apis})
    return Project(root, dataclasses.replace(settings, sdk=dataclasses.replace(settings.sdk, site=site)), apis)


def _release(project: Project) -> None:
    """Record the versions; the packages then say that they are released."""
    import datetime as dt

    from portico.sdkgen.releases import record_release

    for api in project.apis:
        record_release(project.root, api, dt.datetime.now(dt.UTC).date())


def _place(root: Path, package: Package) -> str:
    return package.folder.relative_to(root).as_posix()


def _show(root: Path, package: Package, *, check: bool) -> None:
    from rich.text import Text

    from portico.cli.terminal import clean, out

    stale = Counter(change.state for change in package.changes)
    parts = [f"{count} {state}" for state, count in sorted(stale.items()) if state != "unchanged"]
    words = ", ".join(parts) or "up to date"
    if check and package.stale:
        words = f"stale: {words}"
    out().print(Text(f"{clean(_place(root, package))}  {package.version}  {words}"), soft_wrap=True)
    for change in package.changes if check else ():
        if change.state != "unchanged":
            out().print(Text(f"  {change.state} {clean(change.path)}", style=_STYLES[change.state]), soft_wrap=True)


def _as_json(root: Path, package: Package) -> dict[str, object]:
    return {
        "api": package.api,
        "language": package.language,
        "version": package.version,
        "folder": _place(root, package),
        "omissions": package.omissions,
        "files": {change.path: change.state for change in package.changes},
    }
