"""`portico users`: the people of the pool."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from portico.cli import users_mfa, users_transfer
from portico.cli.root import ProjectOption, find

if TYPE_CHECKING:
    from portico.identity.service import Identity
    from portico.identity.users import User

app = typer.Typer(help="Manage the people of the pool.", no_args_is_help=True)
groups = typer.Typer(help="Manage who is in which group.", no_args_is_help=True)

UserArgument = Annotated[str, typer.Argument(metavar="USER", help="A user name, an e-mail address or an id.")]
GroupArgument = Annotated[str, typer.Argument(metavar="GROUP", help="A group that auth/pool.yaml declares.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
PasswordOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from a pipe; it need not be changed then.")
]
PAGE = 500  # users that are read at once


@app.callback()
def _users() -> None:
    """Manage the people of the pool."""


@groups.callback()
def _groups() -> None:
    """Manage who is in which group."""


@app.command()
def create(
    username: Annotated[str, typer.Argument(metavar="USERNAME", help="The user name.")],
    email: Annotated[str | None, typer.Option(help="The e-mail address.")] = None,
    verified: Annotated[bool, typer.Option("--verified", help="The address is known to be theirs.")] = False,
    group: Annotated[list[str] | None, typer.Option(help="A group. May be given several times.")] = None,
    attribute: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="An attribute. May be given several times.")
    ] = None,
    password_stdin: PasswordOption = False,
    as_json: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Add somebody. Without --password-stdin a password is made, shown this once, and must be changed at first use.

    \b
    Examples:
      portico users create ada --email ada@example.com --verified --group florists
      pass show ada | portico users create ada --password-stdin
    """
    from portico.cli import terminal
    from portico.identity.users import NewUser

    password, made = _password(password_stdin, avoid=username)
    new = NewUser(
        username,
        email,
        verified,
        attributes=_pairs(attribute or []),
        groups=tuple(group or ()),
        status="new_password_required" if made else "confirmed",
    )
    with _open(project) as identity:
        user = asyncio.run(identity.users.create(new, password=password))
    row = _row(user) | ({"password": made} if made else {})
    if as_json:
        terminal.json(row)
    else:
        terminal.out().print(f"{terminal.word(user.username)} is there: {user.id}", soft_wrap=True)
        _show_password(made)


@app.command()
def show(user: UserArgument, as_json: JsonOption = False, project: ProjectOption = None) -> None:
    """Show somebody.

    \b
    Examples:
      portico users show ada
      portico users show ada@example.com --json
    """
    from portico.cli import terminal

    with _open(project) as identity:
        row = _row(_find(identity, user))
    if as_json:
        terminal.json(row)
    else:
        terminal.table(["", ""], [[terminal.word(name), terminal.word(_text(value))] for name, value in row.items()])


@app.command("list")
def list_users(
    search: Annotated[str, typer.Option(help="The beginning of a name or an e-mail address.")] = "",
    group: Annotated[str, typer.Option(help="Only members of this group.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """List people in the order of their names.

    \b
    Examples:
      portico users list --group florists
      portico users list --search ada --json
    """
    from portico.cli import terminal
    from portico.identity.users.errors import GroupUnknown

    with _open(project) as identity:
        if group and group not in identity.pool.settings.groups:
            raise GroupUnknown(group, tuple(identity.pool.settings.groups))
        rows = [_row(user) for user in asyncio.run(_pages(identity, search, group, limit))]
    if as_json:
        terminal.json(rows)
        return
    shown = ("username", "email", "status", "enabled", "groups")  # a terminal is narrow; show and --json have the id
    terminal.table(
        [name.upper() for name in shown], [[terminal.word(_text(row[name])) for name in shown] for row in rows]
    )


@app.command()
def disable(user: UserArgument, project: ProjectOption = None) -> None:
    """Let somebody sign in no longer. Their sessions and tokens end within two seconds.

    \b
    Example:
      portico users disable ada
    """
    with _open(project) as identity:
        found = _find(identity, user)
        asyncio.run(identity.users.disable(found.id))
    _say(f"{found.username} is disabled, and signed out everywhere.")


@app.command()
def enable(user: UserArgument, project: ProjectOption = None) -> None:
    """Let somebody sign in again.

    \b
    Example:
      portico users enable ada
    """
    with _open(project) as identity:
        found = _find(identity, user)
        asyncio.run(identity.users.enable(found.id))
    _say(f"{found.username} is enabled.")


@app.command()
def delete(
    user: UserArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    project: ProjectOption = None,
) -> None:
    """Forget somebody. Their entries in the audit log stay, under their id.

    \b
    Example:
      portico users delete ada --yes
    """
    from portico.identity.source import LOCAL

    with _open(project) as identity:
        found = _find(identity, user)
        if not yes and not typer.confirm(f"Delete {found.username} ({found.email}) for good?"):
            raise typer.Exit(1)
        asyncio.run(identity.users.delete(found.id, source=LOCAL))
    _say(f"{found.username} is deleted. Their id was {found.id}.")


@app.command("reset-password")
def reset_password(user: UserArgument, password_stdin: PasswordOption = False, project: ProjectOption = None) -> None:
    """Give somebody a new password, and sign them out everywhere.

    Without --password-stdin one is made, shown this once, and must be changed at first use.

    \b
    Examples:
      portico users reset-password ada
      pass show ada | portico users reset-password ada --password-stdin
    """
    password, made = _password(password_stdin)
    with _open(project) as identity:
        found = _find(identity, user)
        asyncio.run(identity.users.set_password(found.id, password, temporary=bool(made)))
    _say(f"{found.username} has a new password, and is signed out everywhere.")
    _show_password(made)


@app.command("sign-out")
def sign_out(user: UserArgument, project: ProjectOption = None) -> None:
    """End everything that somebody is signed in with: sessions, tokens, temporary credentials.

    \b
    Example:
      portico users sign-out ada
    """
    from portico.identity.source import LOCAL

    with _open(project) as identity:
        found = _find(identity, user)
        asyncio.run(identity.users.sign_out_everywhere(found.id, source=LOCAL))
    _say(f"{found.username} is signed out everywhere.")


@groups.command()
def add(user: UserArgument, group: GroupArgument, project: ProjectOption = None) -> None:
    """Make somebody a member of a group.

    \b
    Example:
      portico users groups add ada florists
    """
    with _open(project) as identity:
        found = _find(identity, user)
        new = asyncio.run(identity.users.add_group(found.id, group))
    _say(f"{found.username} is {'now' if new else 'already'} in {group}.")


@groups.command()
def remove(user: UserArgument, group: GroupArgument, project: ProjectOption = None) -> None:
    """End a membership.

    \b
    Example:
      portico users groups remove ada florists
    """
    with _open(project) as identity:
        found = _find(identity, user)
        was = asyncio.run(identity.users.remove_group(found.id, group))
    _say(f"{found.username} is {'no longer' if was else 'not'} in {group}.")


app.add_typer(groups, name="groups")
app.add_typer(users_transfer.app)
app.add_typer(users_mfa.app)


@contextmanager
def _open(project: Path | None) -> Iterator[Identity]:
    from portico.identity.local import open_pool

    with open_pool(find(project)) as identity:
        yield identity


def _find(identity: Identity, text: str) -> User:
    from portico.identity.users import repository
    from portico.identity.users.accounts import ordered
    from portico.identity.users.errors import UserUnknown

    user = ordered(identity.pool.settings, identity.pool.db.look(repository.named, text))
    if user is None:
        raise UserUnknown(text)
    return user


async def _pages(identity: Identity, search: str, group: str, limit: int) -> list[User]:
    found: list[User] = []
    while len(found) < limit:
        after = found[-1].username if found else ""
        size = min(PAGE, limit - len(found))
        page = await identity.users.page(after=after, limit=size, search=search, group=group)
        found.extend(page)
        if len(page) < size:
            break
    return found


def _password(from_pipe: bool, *, avoid: str = "") -> tuple[str, str | None]:
    """The password, and again where it was made up. It is no argument: others could read that among the processes."""
    import secrets

    if from_pipe:
        return sys.stdin.readline(2_000).rstrip("\r\n"), None
    made = ""
    while not made or (avoid and avoid.casefold() in made.casefold()):  # the policy refuses one's own name
        made = "-".join(secrets.token_hex(3) for _ in range(4)) + "-Z"
    return made, made


def _show_password(made: str | None) -> None:
    from portico.cli import terminal

    if made:
        terminal.err().print("The password, shown this once, to be changed at the first sign-in:", soft_wrap=True)
        terminal.out().print(made, soft_wrap=True)


def _pairs(texts: list[str]) -> dict[str, str]:
    from portico.errors import ConfigError

    pairs = dict[str, str]()
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise ConfigError(f"--attribute {text}: write NAME=VALUE.")
        pairs[name] = value
    return pairs


def _row(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "email_verified": user.email_verified,
        "status": user.status,
        "enabled": user.enabled,
        "groups": list(user.groups),
        "attributes": dict(user.attributes),
        "has_password": user.has_password,
        "created_at": _time(user.created_at),
        "updated_at": _time(user.updated_at),
    }


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}={one}" for name, one in value.items())
    return "" if value is None else str(value)


def _say(text: str) -> None:
    from portico.cli import terminal

    terminal.out().print(terminal.word(text), soft_wrap=True)
