"""`portico clients`: the applications that people sign in with, and that call for themselves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from portico.cli.root import ProjectOption, find

if TYPE_CHECKING:
    from portico.identity.oidc.client import Client

app = typer.Typer(help="Manage the applications that people sign in with.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
ClientArgument = Annotated[str, typer.Argument(metavar="CLIENT", help="The client_id.")]
Several = Annotated[list[str] | None, typer.Option(metavar="URI", help="May be given several times.")]
Kind = Literal["public", "confidential"]


@app.callback()
def _clients() -> None:
    """Manage the applications that people sign in with."""


@app.command()
def create(
    client: ClientArgument,
    kind: Annotated[Kind, typer.Option("--type", help="Whether it can keep a secret.")] = "public",
    title: Annotated[str, typer.Option(help="What people read when they are asked.")] = "",
    redirect_uri: Several = None,
    logout_uri: Several = None,
    grant: Annotated[
        list[str] | None,
        typer.Option(help="authorization_code, refresh_token or client_credentials. May be given several times."),
    ] = None,
    scope: Annotated[list[str] | None, typer.Option(help="It may ask for. May be given several times.")] = None,
    consent: Annotated[bool, typer.Option("--consent", help="Ask people whether they allow it.")] = False,
    as_json: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Make a client in the database. The secret of a confidential one is shown this once.

    The project's own clients are better declared in auth/pool.yaml.

    \b
    Examples:
      portico clients create partner --redirect-uri https://partner.example/callback --consent
      portico clients create nightly --type confidential --grant client_credentials --scope concierge/orders
    """
    import msgspec

    from portico.cli import terminal
    from portico.errors import ConfigError
    from portico.identity.local import open_pool
    from portico.identity.oidc.errors import InvalidClientMetadata
    from portico.identity.settings import Client as Declared

    said = {"grants": grant, "redirect_uris": redirect_uri, "logout_uris": logout_uri, "scopes": scope}
    given = {name: value for name, value in said.items() if value}
    try:
        declared = msgspec.convert({"title": title, "type": kind, "consent": consent, **given}, Declared)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{client}: {error}.") from None
    with open_pool(find(project)) as identity:
        try:
            made, secret = asyncio.run(identity.provider.clients.create(client, declared))
        except InvalidClientMetadata as error:
            raise ConfigError(f"{client}: {error}.") from None
    row = _row(made) | ({"secret": secret.reveal()} if secret is not None else {})
    if as_json:
        terminal.json(row)
    elif secret is not None:
        _show_secret(made.id, secret.reveal())
    else:
        terminal.out().print(f"{made.id} is there.", soft_wrap=True)


@app.command("list")
def list_clients(as_json: JsonOption = False, project: ProjectOption = None) -> None:
    """List the clients: those in auth/pool.yaml first, then those in the database.

    \b
    Examples:
      portico clients list
      portico clients list --json
    """
    from portico.cli import terminal
    from portico.identity.local import open_pool

    with open_pool(find(project)) as identity:
        found = asyncio.run(identity.provider.clients.listed())
    rows = [_row(client) for client in found]
    if as_json:
        terminal.json(rows)
        return
    shown = [
        [terminal.word(row[key]) for key in ("client_id", "title", "type", "grants", "from")]
        for row in (
            {**row, "grants": ", ".join(sorted(client.grants))} for row, client in zip(rows, found, strict=True)
        )
    ]
    terminal.table(["CLIENT", "TITLE", "TYPE", "GRANTS", "FROM"], shown)


@app.command()
def show(client: ClientArgument, as_json: JsonOption = False, project: ProjectOption = None) -> None:
    """Show all that is known of a client, except its secret, which nobody knows.

    \b
    Example:
      portico clients show chat
    """
    from portico.cli import terminal
    from portico.identity.local import open_pool
    from portico.identity.oidc.errors import UnknownClient

    with open_pool(find(project)) as identity:
        found = asyncio.run(identity.provider.clients.by_id(client))
    if found is None:
        raise UnknownClient(f"There is no client {client}. `portico clients list` shows all.")
    if as_json:
        terminal.json(_row(found))
        return
    rows = [
        [key, terminal.word(" ".join(value) if isinstance(value, list) else value)]
        for key, value in _row(found).items()
    ]
    terminal.table(["", ""], rows)


@app.command()
def secret(
    client: ClientArgument,
    overlap: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="How long the secrets before it stay good.")
    ] = 86_400.0,
    as_json: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Give a confidential client a secret. It is shown this once.

    The first secret of a confidential client in auth/pool.yaml is made with this command too.

    \b
    Examples:
      portico clients secret backoffice
      portico clients secret backoffice --overlap 0
    """
    from portico.cli import terminal
    from portico.identity.local import open_pool

    with open_pool(find(project)) as identity:
        made = asyncio.run(identity.provider.clients.new_secret(client, overlap=overlap))
    if as_json:
        terminal.json({"client_id": client, "secret": made.reveal()})
    else:
        _show_secret(client, made.reveal())


@app.command()
def delete(client: ClientArgument, project: ProjectOption = None) -> None:
    """Delete a client from the database. Everything that it was given is void within two seconds.

    \b
    Example:
      portico clients delete partner
    """
    from portico.cli import terminal
    from portico.identity.local import open_pool

    with open_pool(find(project)) as identity:
        asyncio.run(identity.provider.clients.delete(client))
    terminal.out().print(f"{terminal.word(client)} is deleted.", soft_wrap=True)


def _row(client: Client) -> dict[str, object]:
    return {
        "client_id": client.id,
        "title": client.title,
        "type": "confidential" if client.confidential else "public",
        "grants": sorted(client.grants),
        "redirect_uris": list(client.redirect_uris),
        "logout_uris": list(client.logout_uris),
        "scopes": list(client.scopes),
        "consent": client.consent,
        "access_token_lifetime": client.lifetimes.access,
        "id_token_lifetime": client.lifetimes.id,
        "refresh_token_lifetime": client.refresh_lifetime,
        "from": "auth/pool.yaml" if client.in_file else "registration" if client.dynamic else "database",
    }


def _show_secret(client: str, secret: str) -> None:
    """The secret alone on standard output, so that it can be piped; what is said about it beside."""
    from portico.cli import terminal

    terminal.err().print(f"The secret of {terminal.word(client)}. It cannot be shown again:", soft_wrap=True)
    terminal.out().print(secret, soft_wrap=True)
