"""`portico secret`: the one secret of a project, from which its keys are derived."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from portico.cli.root import ProjectOption, find

if TYPE_CHECKING:
    from portico.store import Database, Secrets

app = typer.Typer(help="Make and change the project's secret.", no_args_is_help=True)

ELSEWHERE = """\
PORTICO_SECRET is set in the environment, where this command cannot change it. On standard output is a new secret. Set
  1. PORTICO_SECRET="OLD NEW" everywhere and restart every server: all can open what the new one will seal
  2. PORTICO_SECRET="NEW OLD" everywhere and restart every server: the new one seals
  3. portico secret rotate --reseal, in that environment
  4. a day later: PORTICO_SECRET="NEW"
"""


@app.callback()
def _secret() -> None:
    """Make and change the project's secret."""


@app.command()
def new(
    show: Annotated[bool, typer.Option("--print", help="Print one for PORTICO_SECRET, and write nothing.")] = False,
    project: ProjectOption = None,
) -> None:
    """Make the project's secret: 256 random bits in .portico/secret, which only its owner may read.

    \b
    Examples:
      portico secret new
      export PORTICO_SECRET="$(portico secret new --print)"
    """
    from portico.cli import terminal
    from portico.store import SecretKept, Secrets, secret_file

    if show:
        sys.stdout.write(f"{Secrets.generate()}\n")
        return
    root = find(project)
    if not secret_file.create(root, Secrets.generate()):
        raise SecretKept(f"{secret_file.FILE} is there already. `portico secret rotate` puts a new one in its place.")
    terminal.out().print(f"wrote {secret_file.FILE}. Keep a copy where the database's copies are not; never commit it.")


@app.command()
def rotate(
    reseal: Annotated[bool, typer.Option("--reseal", help="Make no new secret; only seal everything again.")] = False,
    forget_old: Annotated[
        bool, typer.Option("--forget-old", help="Make no new secret; end a rotation: drop the earlier ones.")
    ] = False,
    project: ProjectOption = None,
) -> None:
    """Put a new secret in the place of the current one, and seal everything in the database with it.

    Servers may run: they take the new secret within a second. The earlier secret still opens what was sealed outside
    the database (temporary credentials, for twelve hours at most); drop it a day later with --forget-old. Passwords
    that a pepper guards are bound anew when each person signs in: whoever has not by then must reset theirs.

    Exit status 1: something in the database could not be opened.

    \b
    Examples:
      portico secret rotate
      portico secret rotate --forget-old
    """
    from portico.cli import terminal
    from portico.store import Secrets, rotation, secret_file

    root = find(project)
    begins = not reseal and not forget_old
    if begins and os.environ.get(secret_file.VARIABLE):
        terminal.err().print(ELSEWHERE, soft_wrap=True)
        sys.stdout.write(f"{Secrets.generate()}\n")
        return
    with _database(root) as database:
        secrets = rotation.begin(root) if begins else Secrets.load(root)
        lost = _reseal(database, secrets)
    if forget_old:
        dropped = rotation.end(root)
        terminal.out().print(f"dropped {dropped} earlier secret{'' if dropped == 1 else 's'}.")
    elif secrets.has_earlier:
        terminal.out().print("The earlier secret is kept; a day from now: portico secret rotate --forget-old")
    if lost:
        terminal.err().print("[bold red]error:[/] no secret of this project opens the lost values.")
        raise typer.Exit(1)


@contextmanager
def _database(root: Path) -> Iterator[Database | None]:
    """The database, seen to be reachable and current; None where nothing is in it yet."""
    from portico import config, store
    from portico.store import Database, schema

    database = Database.open(config.load(root).database, root=root)
    try:
        if schema.status(database).found is None:
            yield None
        else:
            store.check_current(database)
            yield database
    finally:
        database.close()


def _reseal(database: Database | None, secrets: Secrets) -> int:
    """Seal everything again and show it; how many values nobody can open."""
    from portico.cli import terminal
    from portico.store import rotation

    if database is None:
        return 0
    found = rotation.reseal(database, secrets)
    rows = [[one.column, str(one.resealed), str(one.current), str(one.lost)] for one in found]
    terminal.table(["COLUMN", "SEALED AGAIN", "CURRENT", "LOST"], rows)
    return sum(one.lost for one in found)
