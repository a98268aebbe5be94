"""`portico stubs`: a typed function for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from portico.cli.root import ProjectOption, find

if TYPE_CHECKING:
    from portico.stubs import StubsReport

_STYLES = {"created": "green", "updated": "green", "appended": "green", "changed": "yellow", "removed": "yellow"}
_DIFF = {"+": "green", "-": "red", "@": "cyan"}


def stubs(
    api: Annotated[str | None, typer.Argument(metavar="[API]", help="Only this API; else all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
    project: ProjectOption = None,
) -> None:
    """Write a typed function for each new operation into handlers/, and the types of every document.

    What a person wrote is never touched: new operations are appended, changed signatures are shown as a diff, removed
    operations are named. Exit status 1 if a handler no longer fits its document.

    \b
    Examples:
      portico stubs
      portico stubs shop
    """
    from portico import config
    from portico.cli import terminal
    from portico.cli.lookup import find_api
    from portico.project import load
    from portico.stubs import generate

    root = find(project)
    settings = config.load(root)
    apis = load(root).apis if api is None else (find_api(root, settings, api),)
    pythonic = settings.gateway.pythonic_params
    reports = [generate(each, root / "handlers", pythonic=pythonic) for each in apis]
    if as_json:
        terminal.json([report.as_json() for report in reports])
    else:
        for report in reports:
            _show(report)
    raise typer.Exit(0 if all(report.fits for report in reports) else 1)


def _show(report: StubsReport) -> None:
    from rich.text import Text

    from portico.cli.terminal import clean, out

    for line in str(report).splitlines():
        style = _STYLES.get(line.partition(" ")[0]) or _DIFF.get(line[4:5] if line.startswith("    ") else "")
        out().print(Text(clean(line), style=style or ""), soft_wrap=True)
