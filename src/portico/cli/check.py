"""`portico check`: what is wrong with the designs, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from portico.cli.root import ProjectOption, find, nearest
from portico.errors import DesignError, PorticoError

if TYPE_CHECKING:
    from portico.design.findings import Finding


class DocumentMissing(PorticoError):
    """A document that was named is not there."""


def check(
    documents: Annotated[
        list[Path] | None, typer.Argument(metavar="[DOCUMENT]...", help="Only these; else all of the project's specs/.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Print them as SARIF 2.1.0, for code scanning.")] = False,
    project: ProjectOption = None,
) -> None:
    """Check the designs thoroughly, and whether the handlers still fit them.

    Each finding names its rule, file, line and column, and says how to mend it. Exit status 1 if one is an error. A
    document outside a project is checked by itself.

    \b
    Examples:
      portico check
      portico check --sarif > portico.sarif
      portico check their-swagger.json
    """
    from portico.cli import terminal
    from portico.design import Severity, report

    if as_json and as_sarif:
        raise typer.BadParameter("--json and --sarif exclude each other; choose one.")
    with terminal.err().status("Checking ..."):
        findings = sorted(_named(documents, project) if documents else _project(find(project)))
        if not documents and not any(finding.severity is Severity.ERROR for finding in findings):
            _see_roles(find(project))
            _see_plans(find(project))
    if as_json:
        terminal.json(report.json(findings))
    elif as_sarif:
        terminal.json(report.sarif(findings))
    else:
        terminal.findings(findings)
    raise typer.Exit(1 if any(finding.severity is Severity.ERROR for finding in findings) else 0)


def _named(documents: Sequence[Path], project: Path | None) -> Iterator[Finding]:
    """Those documents of the project that were named, and each document outside it by itself."""
    from portico import design
    from portico.config import Config

    root = find(project) if project is not None else nearest()
    for document in documents:
        path = document.resolve()
        if not path.is_file():
            raise DocumentMissing(f"There is no file {document}.")
        if root is not None and path.is_relative_to(root):
            yield from _project(root, [path])
        else:
            yield from design.check([path], root=path.parent, config=Config())


def _project(root: Path, paths: Sequence[Path] | None = None) -> Iterator[Finding]:
    from portico import config, design
    from portico.project import auth_of, documents

    settings = config.load(root)
    chosen = documents(root) if paths is None else paths
    yield from design.check(chosen, root=root, config=settings, auth=auth_of(root, settings))
    for path in chosen:
        yield from _drift(path, root)


def _see_roles(root: Path) -> None:
    """Read auth/roles.yaml as a server does. It names operations of the designs, so these come first.

    Raises:
        RolesInvalid: it has faults.
    """
    from portico import project as projects
    from portico.access import Roles
    from portico.identity import settings

    pool = settings.load(root)
    if pool is not None and (root / projects.ROLES).is_file():
        Roles.load(root, pool, apis=projects.load(root).apis)


def _see_plans(root: Path) -> None:
    """Read auth/plans.yaml as a server does.

    Raises:
        PlansInvalid: it has faults.
    """
    from portico import project as projects

    if (root / projects.PLANS).is_file():
        from portico.access.plans import Plans

        Plans.load(root, projects.load(root).apis)


def _drift(path: Path, root: Path) -> Iterator[Finding]:
    """Where the handlers of a document no longer fit it."""
    from portico import config, design, stubs

    settings = config.load(root)
    try:
        api = design.read(path, root=root, arguments=settings.design.arguments, remote=settings.design.remote)
    except DesignError:
        return  # the check has said why
    yield from stubs.drift(api, root / "handlers", pythonic=settings.gateway.pythonic_params)
