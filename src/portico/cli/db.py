"""`portico db`: the tables of the project's database, and copies of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from portico.cli.root import ProjectOption, find

if TYPE_CHECKING:
    from portico.store import Database

app = typer.Typer(help="Look after the project's database.", no_args_is_help=True)


@app.callback()
def _db() -> None:
    """Look after the project's database."""


@app.command()
def upgrade(project: ProjectOption = None) -> None:
    """Make the tables those of this version of Portico; all of it or nothing.

    In development `portico serve` does it at its start.

    \b
    Examples:
      portico db upgrade
    """
    from portico import store
    from portico.cli import terminal

    with _database(project) as database:
        before = store.upgrade(database)
    for each in before.missing:
        terminal.out().print(f"applied {terminal.word(each)}")
    if before.is_current:
        terminal.out().print(f"The database is current: {before.wanted}.")


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    project: ProjectOption = None,
) -> None:
    """Say which revision the tables are of. Exit status 1: an upgrade is needed.

    \b
    Examples:
      portico db status
      portico db status --json
    """
    from portico.cli import terminal
    from portico.store import schema

    with _database(project) as database:
        found = schema.status(database)
        kind = database.engine.dialect.name
    if as_json:
        terminal.json({"database": kind, "found": found.found, "wanted": found.wanted, "missing": found.missing})
    elif found.is_current:
        terminal.out().print(f"{kind}: current, of revision {found.found}.")
    else:
        terminal.out().print(f"{kind}: {found.found or 'empty'}; `portico db upgrade` applies:")
        for each in found.missing:
            terminal.out().print(f"  {terminal.word(each)}")
    if not found.is_current:
        raise typer.Exit(1)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="To be written; it must not be there yet.")],
    project: ProjectOption = None,
) -> None:
    """Copy the embedded database into a file, while servers use it.

    The copy is a database itself: to restore it, stop every server and put it in the place of
    .portico/portico.sqlite3. What is sealed in it opens with the project's secret only, so keep that too, elsewhere.

    \b
    Examples:
      portico db backup backups/monday.sqlite3
    """
    from rich.progress import Progress

    from portico.cli import terminal
    from portico.store.backup import backup as copy

    console = terminal.err()
    shown = Progress(console=console, transient=True, disable=not console.is_terminal)
    with _database(project) as database, shown as bar:
        task = bar.add_task("copying", total=None)
        copy(database, file, progress=lambda done, total: bar.update(task, completed=done, total=total))
    terminal.out().print(f"wrote {terminal.word(file)} ({file.stat().st_size:,} bytes)", soft_wrap=True)


@contextmanager
def _database(project: Path | None) -> Iterator[Database]:
    from portico import config
    from portico.store import Database

    root = find(project)
    database = Database.open(config.load(root).database, root=root)
    try:
        yield database
    finally:
        database.close()
