"""`portico users import` and `portico users export`: people on their way in and out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from portico.cli.files import bar, reading, size_of, writing
from portico.cli.root import ProjectOption, find

if TYPE_CHECKING:
    from portico.identity.transfer import Form, Imported, Refused

app = typer.Typer()

SHOWN = 1_000  # refused rows that the JSON answer holds
_SUFFIXES = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}

FormatOption = Annotated[
    str | None, typer.Option("--format", metavar="csv|jsonl", help="How the file is written; else its suffix says.")
]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a header, or JSON lines; - reads a pipe.")],
    form: FormatOption = None,
    skip: Annotated[list[str] | None, typer.Option(metavar="COLUMN", help="Pass over a column; repeatable.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
    project: ProjectOption = None,
) -> None:
    """Add the people of a file, with the password hashes that they have.

    Who is there already stays as they are, so the same file can be imported again. Every row that is refused is told
    with its line and the reason, on stderr, and makes the exit status 1. Columns: docs/guides/moving-users.md.

    \b
    Examples:
      portico users import people.csv
      portico users import cognito.csv --skip phone_number
      zcat people.jsonl.gz | portico users import - --format jsonl --json
    """
    from portico.cli import terminal
    from portico.identity.local import open_pool
    from portico.identity.transfer import import_users

    kind = _form(file, form)
    refusals: list[Refused] = []

    def refused(row: Refused) -> None:
        terminal.err().print(f"{terminal.word(file)}:{row.line}: {terminal.word(row.reason)}", soft_wrap=True)
        if len(refusals) < SHOWN:
            refusals.append(row)

    with reading(file) as source, open_pool(find(project)) as identity, bar(size_of(source)) as progress:
        done = import_users(
            identity.pool,
            source,
            kind,
            audit=identity.audit,
            refused=refused,
            progress=lambda done: progress(done.position),
            skip=skip or (),
        )
    _tell_imported(done, refusals, file, as_json=as_json)
    if done.refused:
        raise typer.Exit(1)


def _tell_imported(done: Imported, refusals: list[Refused], file: Path, *, as_json: bool) -> None:
    from portico.cli import terminal

    if as_json:
        rows = [{"file": str(file), "line": row.line, "reason": row.reason} for row in refusals]
        terminal.json({"added": done.added, "present": done.present, "refused": done.refused, "refusals": rows})
        return
    terminal.out().print(f"{done.added} added, {done.present} there already, {done.refused} refused")


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file; - writes to a pipe.")],
    form: FormatOption = None,
    with_hashes: Annotated[
        bool, typer.Option("--with-hashes", help="Write the hashes of passwords too: guard the file.")
    ] = False,
    project: ProjectOption = None,
) -> None:
    """Write everybody to a file that `portico users import` reads.

    JSON lines lose nothing; CSV holds the attributes that auth/pool.yaml declares. Second factors are never written.

    \b
    Examples:
      portico users export people.jsonl --with-hashes
      portico users export - --format csv > people.csv
    """
    from portico.cli import terminal
    from portico.identity.local import open_pool
    from portico.identity.transfer import export_users

    kind = _form(file, form)
    with open_pool(find(project)) as identity, writing(file) as write:
        count = export_users(identity.pool, write, kind, audit=identity.audit, hashes=with_hashes)
    terminal.err().print(f"{count} exported")


def _form(file: Path, name: str | None) -> Form:
    from portico.identity.transfer import FileRefused, Form

    found = name or _SUFFIXES.get(file.suffix.lower())
    try:
        return Form(found or "")
    except ValueError:
        raise FileRefused(f"How is {file} written? Say --format csv or --format jsonl.") from None
