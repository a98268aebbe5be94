"""`portico serve`: answer requests."""

from __future__ import annotations

from typing import Annotated

import typer

from portico.cli.root import ProjectOption


def serve(
    host: Annotated[
        str | None, typer.Option(help="The address to listen on. [default: as configured, 127.0.0.1]")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="0 takes any free port. [default: as configured, 8000]")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many processes answer. [default: as configured, 1]")
    ] = None,
    reload: Annotated[bool, typer.Option("--reload", help="Serve changes as soon as they are without fault.")] = False,
    mock: Annotated[bool, typer.Option("--mock", help="Answer unwritten operations with examples.")] = False,
    project: ProjectOption = None,
) -> None:
    """Serve the project: its APIs, their docs at /docs, and the site at /.

    A document with a fault is never served by half: the command says what is wrong, or, with --reload, keeps serving
    the version before.

    \b
    Examples:
      portico serve --reload
      portico serve --host 0.0.0.0 --workers 4
      portico serve --mock --port 0
    """
    from portico import server
    from portico.cli.root import find
    from portico.cli.terminal import fail
    from portico.errors import DesignError

    try:
        status = server.serve(find(project), host=host, port=port, workers=workers, reload=reload, mock=mock)
    except DesignError as error:
        fail(error)
        status = 1
    raise typer.Exit(status)
