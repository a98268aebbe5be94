"""`portico keys import` and `portico keys export`: keys on their way in, and a list of them without secrets."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from portico.cli.files import bar, reading, size_of, writing
from portico.cli.root import ProjectOption, find

if TYPE_CHECKING:
    from portico.access.keys.importer import Imported
    from portico.access.keys.rows import Fault

app = typer.Typer()

SHOWN = 1_000  # faults that the JSON answer holds


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a header; - reads a pipe.")],
    plan_map: Annotated[
        list[str] | None,
        typer.Option("--plan-map", metavar="ID=PLAN", help="Which plan an id of the file is; repeatable."),
    ] = None,
    plan: Annotated[
        str | None, typer.Option(metavar="PLAN", help="The plan of keys whose ids are not known, or that have none.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")] = False,
    fail_on_warnings: Annotated[
        bool, typer.Option("--fail-on-warnings", help="Import nothing where a single row has a fault.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
    project: ProjectOption = None,
) -> None:
    """Import keys from a file in API Gateway's format: Name,Key,Description,Enabled,UsagePlanIds.

    A key that is there already takes what the file says, so the same file can be imported again. Every row that is not
    imported is told with its line, column and mend, on standard error, and makes the exit status 1. No key is printed.

    \b
    Examples:
      portico keys import keys.csv --dry-run
      portico keys import keys.csv --plan-map c7y23b=partner --plan free
      portico keys import keys.csv --fail-on-warnings --json
    """
    from portico.access.keys.importer import import_keys
    from portico.access.keys.rows import PlanNames
    from portico.access.local import open_keys
    from portico.cli import terminal

    faults: list[Fault] = []

    def told(fault: Fault) -> None:
        where = f"{terminal.word(file)}:{fault.line}: " + (f"{fault.column}: " if fault.column else "")
        terminal.err().print(where + terminal.word(fault.mend), soft_wrap=True)
        if len(faults) < SHOWN:
            faults.append(fault)

    ids = _pairs(plan_map or [])
    with reading(file) as source, open_keys(find(project)) as keys, bar(size_of(source)) as progress:
        known = None if keys.plans is None else keys.plans.names
        done = import_keys(
            keys.state,
            source,
            audit=keys.audit,
            plans=PlanNames(known, ids, plan),
            fault=told,
            progress=progress,
            dry_run=dry_run,
            fail_on_warnings=fail_on_warnings,
        )
    _tell(done, faults, as_json=as_json)
    if done.faulty:
        raise typer.Exit(1)


def _tell(done: Imported, faults: list[Fault], *, as_json: bool) -> None:
    from dataclasses import asdict

    from portico.cli import terminal

    if as_json:
        terminal.json(asdict(done) | {"faults": [asdict(fault) for fault in faults]})
        return
    if done.ignored:
        terminal.err().print(f"ignored columns: {terminal.word(', '.join(done.ignored))}", soft_wrap=True)
    counts = (
        f"{done.created} created, {done.changed} changed, {done.unchanged} unchanged, {done.overwritten} overwritten"
    )
    would = "" if done.written else "nothing is written; it would be: "
    terminal.out().print(f"{would}{counts}, {done.faulty} faulty")


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file; - writes to a pipe.")],
    search: Annotated[str, typer.Option(help="The beginning of a name.")] = "",
    plan: Annotated[str | None, typer.Option(metavar="PLAN", help="Only with this plan.")] = None,
    project: ProjectOption = None,
) -> None:
    """Write all keys as CSV, without their secrets, which nobody has.

    \b
    Examples:
      portico keys export keys.csv
      portico keys export - --plan partner
    """
    from portico.access.keys.exporter import export_keys
    from portico.access.local import open_keys
    from portico.cli import terminal

    with open_keys(find(project)) as keys, writing(file) as write:
        count = asyncio.run(export_keys(keys.all.all(search=search, plan=plan), write))
    terminal.err().print(f"{count} exported")


def _pairs(texts: list[str]) -> dict[str, str]:
    from portico.errors import ConfigError

    pairs = dict[str, str]()
    for text in texts:
        id, sign, name = text.partition("=")
        if not sign or not id.strip() or not name.strip():
            raise ConfigError(f"--plan-map {text}: write ID=PLAN.")
        pairs[id.strip()] = name.strip()
    return pairs
