"""`portico credentials`: long-lived access keys for machines that sign their requests."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from portico.cli.duration import end, seconds
from portico.cli.root import ProjectOption, find

if TYPE_CHECKING:
    from portico.identity.credentials import AccessKey
    from portico.identity.credentials.keys import NewAccessKey

app = typer.Typer(help="Manage the access keys of machines.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
KeyArgument = Annotated[str, typer.Argument(metavar="ID", help="The access key id: AKIA...")]
ExpiresOption = Annotated[str | None, typer.Option(metavar="DURATION", help="When it ends: 90d, 12h; else never.")]


@app.callback()
def _credentials() -> None:
    """Manage the access keys of machines."""


@app.command()
def create(
    role: Annotated[str, typer.Option(help="The role of auth/roles.yaml that the key acts in.")],
    name: Annotated[str, typer.Option(help="What you call it: up to 64 characters.")] = "",
    expires: ExpiresOption = None,
    as_json: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Make an access key. Its secret is shown this once.

    \b
    Examples:
      portico credentials create --role backend --name nightly-import
      portico credentials create --role backend --expires 90d --json
    """
    from portico.identity.local import open_pool
    from portico.identity.source import LOCAL

    with open_pool(find(project)) as identity:
        keys = identity.credentials.keys
        made = asyncio.run(keys.create(role, name=name, expires_at=end(expires), source=LOCAL))
    _show_new(made, as_json)


@app.command("list")
def list_keys(as_json: JsonOption = False, project: ProjectOption = None) -> None:
    """List the access keys, the oldest first.

    \b
    Examples:
      portico credentials list
      portico credentials list --json
    """
    from portico.cli import terminal
    from portico.identity.local import open_pool

    with open_pool(find(project)) as identity:
        found = asyncio.run(identity.credentials.keys.all())
    if as_json:
        terminal.json([_row(key) for key in found])
        return
    now = time.time()
    rows = [
        [
            key.id,
            terminal.word(key.name),
            terminal.word(key.role),
            _state(key, now),
            _day(key.created_at),
            _day(key.expires_at),
            _day(key.last_used_at),
        ]
        for key in found
    ]
    terminal.table(["ID", "NAME", "ROLE", "STATE", "CREATED", "ENDS", "LAST USED"], rows)


@app.command()
def disable(key: KeyArgument, project: ProjectOption = None) -> None:
    """Disable an access key, or end temporary credentials (ASIA...), within two seconds on every worker.

    \b
    Example:
      portico credentials disable AKIA2XQ7KJ5D3WZC6FMV
    """
    _switch(key, False, find(project))


@app.command()
def enable(key: KeyArgument, project: ProjectOption = None) -> None:
    """Enable an access key again.

    \b
    Example:
      portico credentials enable AKIA2XQ7KJ5D3WZC6FMV
    """
    _switch(key, True, find(project))


@app.command()
def rotate(
    key: KeyArgument,
    overlap: Annotated[str, typer.Option(metavar="DURATION", help="How long the old one stays good.")] = "1d",
    expires: ExpiresOption = None,
    as_json: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Make a new access key of the same role and name. The old one ends after a while; both are good until then.

    \b
    Examples:
      portico credentials rotate AKIA2XQ7KJ5D3WZC6FMV
      portico credentials rotate AKIA2XQ7KJ5D3WZC6FMV --overlap 7d
    """
    from portico.identity.local import open_pool
    from portico.identity.source import LOCAL

    with open_pool(find(project)) as identity:
        keys = identity.credentials.keys
        made = asyncio.run(keys.rotate(key, overlap=seconds(overlap), expires_at=end(expires), source=LOCAL))
    _show_new(made, as_json)


@app.command()
def delete(key: KeyArgument, project: ProjectOption = None) -> None:
    """Delete an access key, within two seconds on every worker.

    \b
    Example:
      portico credentials delete AKIA2XQ7KJ5D3WZC6FMV
    """
    from portico.cli import terminal
    from portico.identity.local import open_pool
    from portico.identity.source import LOCAL

    with open_pool(find(project)) as identity:
        asyncio.run(identity.credentials.keys.delete(key, source=LOCAL))
    terminal.err().print(f"{terminal.word(key)} is deleted.")


def _switch(key: str, enabled: bool, root: Path) -> None:

    from portico.cli import terminal
    from portico.identity.local import open_pool
    from portico.identity.source import LOCAL

    with open_pool(root) as identity:
        asyncio.run(identity.credentials.keys.set_enabled(key, enabled, source=LOCAL))
    terminal.err().print(f"{terminal.word(key)} is {'enabled' if enabled else 'disabled'}.")


def _show_new(made: NewAccessKey, as_json: bool) -> None:
    from portico.cli import terminal

    if as_json:
        terminal.json({**_row(made.key), "secret_key": made.secret_key.reveal()})
        return
    terminal.err().print("Keep the secret now; it is not shown again.")
    terminal.out().print(f"AWS_ACCESS_KEY_ID={made.key.id}", markup=False, soft_wrap=True)
    terminal.out().print(f"AWS_SECRET_ACCESS_KEY={made.secret_key.reveal()}", markup=False, soft_wrap=True)


def _row(key: AccessKey) -> dict[str, object]:
    import dataclasses

    return dataclasses.asdict(key)


def _state(key: AccessKey, now: float) -> str:
    if not key.enabled:
        return "disabled"
    return "ended" if key.expires_at is not None and key.expires_at <= now else "enabled"


def _day(at: float | None) -> str:
    return "-" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%MZ")
