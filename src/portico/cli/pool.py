"""`portico pool`: the keys that sign the tokens of the user pool."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from portico.cli.root import ProjectOption, find

app = typer.Typer(help="Look after the user pool's signing keys.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


@app.callback()
def _pool() -> None:
    """Look after the user pool's signing keys."""


@app.command()
def keys(as_json: JsonOption = False, project: ProjectOption = None) -> None:
    """List the signing keys, and what each is used for.

    A key is `published` (known, signs nothing yet), `active` (signs) or `retired` (known until its last token has
    expired).

    \b
    Examples:
      portico pool keys
      portico pool keys --json
    """
    from portico.cli import terminal
    from portico.identity.local import open_pool

    with open_pool(find(project)) as identity:
        found = asyncio.run(identity.keys.listed())
    rows = [
        {
            "kid": key.kid,
            "algorithm": key.algorithm,
            "state": state,
            "created_at": key.created_at,
            "signs_from": key.signs_from,
        }
        for key, state in found
    ]
    if as_json:
        terminal.json(rows)
        return
    shown = [[key.kid, key.algorithm, state, _moment(key.created_at), _moment(key.signs_from)] for key, state in found]
    terminal.table(["KID", "ALGORITHM", "STATE", "CREATED", "SIGNS FROM"], shown)


@app.command("rotate-keys")
def rotate_keys(
    ahead: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="How long the new key is published before it signs.")
    ] = 900.0,
    withdraw: Annotated[
        bool,
        typer.Option("--withdraw", help="A key was stolen: trust no key before this one. Every token is void at once."),
    ] = False,
    as_json: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Make a signing key that takes over. Running servers learn of it by themselves.

    Verifiers know the new key before it signs, and the old one until its last token has expired, so nobody is signed
    out.

    \b
    Examples:
      portico pool rotate-keys
      portico pool rotate-keys --withdraw
    """
    from portico.cli import terminal
    from portico.identity.local import open_pool

    with open_pool(find(project)) as identity:
        made = asyncio.run(identity.keys.rotate(ahead=ahead, withdraw=withdraw))
    if as_json:
        terminal.json({"kid": made.kid, "algorithm": made.algorithm, "signs_from": made.signs_from})
        return
    terminal.out().print(f"{made.kid} signs from {_moment(made.signs_from)}.", soft_wrap=True)
    if withdraw:
        terminal.out().print("No key before it is trusted any more: people renew their tokens, or sign in again.")


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
