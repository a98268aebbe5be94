"""The command `portico`: one file a command.

Exit status: 0 fine, 1 faults were found, 2 the command could not run. A command imports what it works with when it
runs, so that `portico --help` is quick.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from portico import __version__
from portico.cli import (
    audit,
    call,
    check,
    clients,
    credentials,
    db,
    diff,
    export,
    keys,
    new,
    plans,
    policy,
    pool,
    roles,
    routes,
    sdk,
    secret,
    serve,
    sign,
    stubs,
    usage,
    users,
)
from portico.cli.terminal import fail
from portico.errors import PorticoError

app = typer.Typer(
    name="portico",
    help="A secured API platform that starts from the design: an OpenAPI document that runs.",
    epilog="Example: portico new shop --from swagger.json && cd shop && portico stubs && portico serve --reload",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("new")(new.new)
app.command("check")(check.check)
app.command("diff")(diff.diff)
app.command("stubs")(stubs.stubs)
app.command("sdk")(sdk.sdk)
app.command("serve")(serve.serve)
app.command("routes")(routes.routes)
app.command("call", context_settings=call.PASS_EVERYTHING, add_help_option=False)(call.call)
app.command("sign")(sign.sign)
app.command("audit")(audit.audit)
app.command("usage")(usage.usage)
for group in (clients, credentials, db, export, keys, plans, policy, pool, roles, secret, users):
    app.add_typer(group.app, name=group.__name__.rpartition(".")[2])


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"portico {__version__}")
        raise typer.Exit


@app.callback()
def _portico(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """A secured API platform that starts from the design: an OpenAPI document that runs."""


def main() -> None:
    """Run the command line; what Portico raises on purpose is shown without a traceback."""
    try:
        app(prog_name="portico")
    except PorticoError as error:
        fail(error)
        sys.exit(2)
