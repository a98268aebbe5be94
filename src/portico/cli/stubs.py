"""`portico stubs`: a typed function for each operation."""

from __future__ import annotations

from typing import Annotated

import typer

from portico.cli.root import ProjectOption, find


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
