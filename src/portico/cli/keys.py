"""`portico keys`: the API keys that partners call with."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from portico.cli import keys_transfer
from portico.cli.duration import end, seconds
from portico.cli.root import ProjectOption, find

if TYPE_CHECKING:
    from portico.access.keys import ApiKey, KeySecret, NewApiKey
    from portico.access.local import Keys

app = typer.Typer(help="Manage API keys.", no_args_is_help=True)

KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="The name of a key, or its id: key_...")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
NameOption = Annotated[str, typer.Option(help="What you call it: up to 256 characters.")]
PlanOption = Annotated[
    list[str] | None,
    typer.Option(metavar="PLAN", help="A plan of auth/plans.yaml; repeatable: the first that covers an API counts."),
]
DescriptionOption = Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")]
OwnerOption = Annotated[str | None, typer.Option(metavar="TEXT", help="Whom to ask: an e-mail address.")]
TagOption = Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A tag; repeatable.")]
ApiOption = Annotated[
    list[str] | None, typer.Option(metavar="API", help="An API that it may call; repeatable. Else those of its plans.")
]
StageOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="STAGE", help="A stage that it may call (here: default); repeatable. Else those of its plans."
    ),
]
NetworkOption = Annotated[
    list[str] | None,
    typer.Option(metavar="NETWORK", help="Where it may be used from: 203.0.113.0/24; repeatable. Else anywhere."),
]
UserOption = Annotated[str | None, typer.Option(metavar="USER", help="The user of the pool whose it is.")]
ClientOption = Annotated[str | None, typer.Option(metavar="CLIENT", help="The client of the pool whose it is.")]


@app.callback()
def _keys() -> None:
    """Manage API keys."""


@app.command()
def create(
    name: NameOption,
    plan: PlanOption = None,
    description: DescriptionOption = None,
    owner: OwnerOption = None,
    tag: TagOption = None,
    expires: Annotated[str | None, typer.Option(metavar="DURATION", help="When it ends: 90d, 12h; else never.")] = None,
    api: ApiOption = None,
    stage: StageOption = None,
    network: NetworkOption = None,
    user: UserOption = None,
    client: ClientOption = None,
    as_json: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Make a key. Its secret is printed this once, alone on standard output. It may be used within two seconds.

    \b
    Examples:
      portico keys create --plan partner --name acme
      portico keys create --plan partner --name acme --owner ops@acme.example --network 203.0.113.0/24 --expires 365d
      portico keys create --plan partner --name "Ada's" --user ada --json
    """
    with _opened(project) as (keys, source):

        async def work() -> tuple[NewApiKey, bool]:
            made = await keys.all.create(
                name,
                plan or [],
                description=description or "",
                owner=owner or "",
                tags=_pairs(tag or []),
                expires_at=end(expires),
                apis=api or [],
                stages=stage or [],
                networks=network or [],
                user_id=keys.user(user).id if user else None,
                client_id=keys.client(client) if client else None,
                source=source,
            )
            return made, await _shares_its_name(keys, made.key)

        made, shared = asyncio.run(work())
    _show_new(made, "is there", as_json)
    if not made.key.plans:
        _note(f"It has no plan, so it opens nothing yet: portico keys change {made.key.id} --plan PLAN")
    if shared:
        _note(f"Other keys have that name too; commands know this one by its id, {made.key.id}.")


@app.command("list")
def list_keys(
    search: Annotated[str, typer.Option(help="The beginning of a name.")] = "",
    plan: Annotated[str | None, typer.Option(metavar="PLAN", help="Only with this plan.")] = None,
    owner: Annotated[str | None, typer.Option(metavar="TEXT", help="Only of this owner.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most; `portico keys export` gives all.")] = 100,
    as_json: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """List keys in the order of their names.

    \b
    Examples:
      portico keys list
      portico keys list --plan partner --search ac --json
    """
    from portico.cli import terminal

    async def some(keys: Keys) -> list[ApiKey]:
        found: list[ApiKey] = []
        async for key in keys.all.all(search=search, owner=owner, plan=plan):
            found.append(key)
            if len(found) > limit:
                break
        return found

    with _opened(project) as (keys, _):
        found = asyncio.run(some(keys))
    if len(found) > limit:
        del found[limit:]
        _note(f"There are more than these {limit:,}: --limit, --search or `portico keys export`.")
    if as_json:
        terminal.json([_row(key) for key in found])
        return
    now = time.time()
    rows = [
        [
            key.id,
            key.name,
            ", ".join(key.plans) or "-",
            _state(key, now),
            _time(key.expires_at),
            _time(key.last_used_at),
        ]
        for key in found
    ]
    headings = ["ID", "NAME", "PLANS", "STATE", "ENDS", "LAST USED"]
    terminal.table(headings, [[terminal.word(cell) for cell in row] for row in rows])


@app.command()
def show(key: KeyArgument, as_json: JsonOption = False, project: ProjectOption = None) -> None:
    """Show a key, and the ends of its secrets by which they are known.

    \b
    Examples:
      portico keys show acme
      portico keys show key_2xq7kj5d3wzc6fmv --json
    """
    from portico.cli import terminal

    async def ask(keys: Keys) -> tuple[ApiKey, list[KeySecret]]:
        found = await keys.all.find(key)
        return found, await keys.all.secrets_of(found.id)

    with _opened(project) as (keys, _):
        found, secrets = asyncio.run(ask(keys))
    row = _row(found) | {"secrets": [_secret(one) for one in secrets]}
    if as_json:
        terminal.json(row)
        return
    shown = row | {"secrets": [_told(one) for one in secrets], "state": _state(found, time.time())}
    terminal.table(["", ""], [[name, terminal.word(_text(name, value))] for name, value in shown.items()])


@app.command()
def change(
    key: KeyArgument,
    name: Annotated[str | None, typer.Option(metavar="TEXT", help="What you call it from now on.")] = None,
    plan: PlanOption = None,
    description: DescriptionOption = None,
    owner: OwnerOption = None,
    tag: TagOption = None,
    expires: Annotated[str | None, typer.Option(metavar="DURATION", help="When it ends from now: 90d, 12h.")] = None,
    api: ApiOption = None,
    stage: StageOption = None,
    network: NetworkOption = None,
    user: UserOption = None,
    client: ClientOption = None,
    as_json: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Change what is given, within two seconds on every worker. What may be repeated takes the place of all there was.

    An empty text takes away: `--network ""`, `--expires ""`, `--user ""`.

    \b
    Examples:
      portico keys change acme --plan gold
      portico keys change acme --network 203.0.113.0/24 --network 2001:db8::/32 --expires ""
    """
    given: dict[str, Any] = {"name": name, "description": description, "owner": owner}
    given |= {"plans": _list(plan), "apis": _list(api), "stages": _list(stage), "networks": _list(network)}
    given["tags"] = None if tag is None else _pairs(_list(tag) or [])
    given = {field: value for field, value in given.items() if value is not None}
    if expires is not None:
        given["expires_at"] = end(expires or None)
    with _opened(project) as (keys, source):
        if user is not None:
            given["user_id"] = keys.user(user).id if user else None
        if client is not None:
            given["client_id"] = keys.client(client) if client else None

        async def work() -> ApiKey:
            return await keys.all.change((await keys.all.find(key)).id, **given, source=source)

        changed = asyncio.run(work())
    _tell(changed, "is changed", as_json)


@app.command()
def disable(key: KeyArgument, project: ProjectOption = None) -> None:
    """Disable a key, within two seconds on every worker.

    \b
    Example:
      portico keys disable acme
    """
    _switch(key, False, project)


@app.command()
def enable(key: KeyArgument, project: ProjectOption = None) -> None:
    """Enable a key again.

    \b
    Example:
      portico keys enable acme
    """
    _switch(key, True, project)


@app.command()
def rotate(
    key: KeyArgument,
    overlap: Annotated[
        str, typer.Option(metavar="DURATION", help="How long its older secrets stay good; 0 ends them now.")
    ] = "1d",
    as_json: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Give a key a new secret, printed this once, alone on standard output. All older ones end after a while.

    \b
    Examples:
      portico keys rotate acme
      portico keys rotate acme --overlap 0
    """
    with _opened(project) as (keys, source):

        async def work() -> NewApiKey:
            return await keys.all.rotate((await keys.all.find(key)).id, overlap=seconds(overlap), source=source)

        made = asyncio.run(work())
    _show_new(made, "has a new secret", as_json)


@app.command()
def delete(key: KeyArgument, project: ProjectOption = None) -> None:
    """Delete a key, within two seconds on every worker. What it used stays known.

    \b
    Example:
      portico keys delete acme
    """
    with _opened(project) as (keys, source):

        async def work() -> ApiKey:
            found = await keys.all.find(key)
            await keys.all.delete(found.id, source=source)
            return found

        found = asyncio.run(work())
    _tell(found, "is deleted", False)


@app.command("reset-usage")
def reset_usage(key: KeyArgument, project: ProjectOption = None) -> None:
    """Let a key begin anew with its quotas, in the days, weeks and months that run.

    \b
    Example:
      portico keys reset-usage acme
    """
    with _opened(project) as (keys, source):

        async def work() -> ApiKey:
            return await keys.all.reset_quota((await keys.all.find(key)).id, source=source)

        found = asyncio.run(work())
    _tell(found, "begins anew with its quotas", False)


@app.command("extend-quota")
def extend_quota(
    key: KeyArgument,
    by: Annotated[int, typer.Option("--by", min=1, metavar="N", help="How many requests.")],
    project: ProjectOption = None,
) -> None:
    """Let a key have more of its quotas, in the days, weeks and months that run.

    \b
    Example:
      portico keys extend-quota acme --by 5000
    """
    with _opened(project) as (keys, source):

        async def work() -> ApiKey:
            found = await keys.all.find(key)
            return await keys.all.extend_quota(found.id, by, windows=keys.windows_of(found), source=source)

        found = asyncio.run(work())
    _tell(found, f"has {by:,} requests more", False)


app.add_typer(keys_transfer.app)


@contextmanager
def _opened(project: Path | None) -> Iterator[tuple[Keys, Any]]:
    from portico.access.local import open_keys
    from portico.identity.source import LOCAL

    with open_keys(find(project)) as keys:
        yield keys, LOCAL


def _switch(key: str, enabled: bool, project: Path | None) -> None:
    with _opened(project) as (keys, source):

        async def work() -> ApiKey:
            return await keys.all.set_enabled((await keys.all.find(key)).id, enabled, source=source)

        found = asyncio.run(work())
    _tell(found, "is enabled" if enabled else "is disabled", False)


def _tell(key: ApiKey, what: str, as_json: bool) -> None:
    from portico.cli import terminal

    if as_json:
        terminal.json(_row(key))
    else:
        terminal.err().print(f"{terminal.word(key.name)} ({key.id}) {what}.", soft_wrap=True)


def _show_new(made: NewApiKey, what: str, as_json: bool) -> None:
    from portico.cli import terminal

    if as_json:
        terminal.json(_row(made.key) | {"secret": made.secret.reveal()})
        return
    _tell(made.key, f"{what}. Keep the secret now; it is not shown again", False)
    terminal.out().print(made.secret.reveal(), markup=False, soft_wrap=True)


def _note(text: str) -> None:
    """Tell what might be overlooked, beside what was asked for."""
    from portico.cli import terminal

    terminal.err().print(f"[yellow]note[/] {terminal.word(text)}", soft_wrap=True)


async def _shares_its_name(keys: Keys, key: ApiKey) -> bool:
    async for other in keys.all.all(search=key.name):
        if other.name == key.name and other.id != key.id:
            return True
        if other.name != key.name:  # they come in the order of their names
            return False
    return False


def _list(given: list[str] | None) -> list[str] | None:
    return None if given is None else [one for one in given if one]


def _pairs(texts: list[str]) -> dict[str, str]:
    from portico.errors import ConfigError

    pairs = dict[str, str]()
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise ConfigError(f"--tag {text}: write NAME=VALUE.")
        pairs[name] = value
    return pairs


def _row(key: ApiKey) -> dict[str, Any]:
    import msgspec

    return msgspec.structs.asdict(key)


def _secret(one: KeySecret) -> dict[str, Any]:
    return {"hint": one.hint, "created_at": one.created_at, "expires_at": one.expires_at}


def _told(one: KeySecret) -> str:
    return f"...{one.hint} of {_time(one.created_at)}, ends {_time(one.expires_at)}"


def _state(key: ApiKey, now: float) -> str:
    if not key.enabled:
        return "disabled"
    return "ended" if key.expires_at is not None and key.expires_at <= now else "enabled"


def _time(at: float | None) -> str:
    from portico.access.keys.exporter import shown_time

    return shown_time(at) or "-"


def _text(name: str, value: Any) -> str:
    if name.endswith("_at"):
        return _time(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "secrets":
        return "; ".join(value)
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{tag}={one}" for tag, one in value.items())
    return "" if value is None else str(value)
