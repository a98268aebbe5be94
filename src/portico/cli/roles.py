"""`portico roles`: the roles of auth/roles.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from portico.cli.root import ProjectOption, find
from portico.errors import PorticoError

if TYPE_CHECKING:
    from portico.access import Roles
    from portico.access.compile import Role

app = typer.Typer(help="See the roles of auth/roles.yaml.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


class RoleUnknown(PorticoError):
    """The project has no such role."""


def load_roles(root: Path) -> Roles:
    """The roles of a project, without its database.

    Args:
        root: the project's folder.

    Raises:
        ConfigError: the project has no user pool, or its roles have faults.
        DesignError: a design cannot be used.
    """
    from portico import project as projects
    from portico.access import Roles
    from portico.errors import ConfigError
    from portico.identity import settings

    project = projects.load(root)
    pool = settings.load(project.root)
    if pool is None:
        raise ConfigError(f"This project has no user pool, so no roles. Declare one in {settings.FILE}.")
    return Roles.load(project.root, pool, apis=project.apis)


@app.callback()
def _roles() -> None:
    """See the roles of auth/roles.yaml."""


@app.command("list")
def list_roles(as_json: JsonOption = False, project: ProjectOption = None) -> None:
    """List the roles: the one that comes first is taken first.

    \b
    Examples:
      portico roles list
      portico roles list --json
    """
    from portico.cli import terminal

    rows = [
        {
            "role": role.name,
            "assigned_to": _assigned(role),
            "statements": len(role.statements),
            "max_duration": role.max_duration,
            "description": role.description,
        }
        for role in load_roles(find(project)).all.values()
    ]
    if as_json:
        terminal.json(rows)
        return
    keys = ("role", "assigned_to", "statements", "description")
    terminal.table(
        [key.upper().replace("_", " ") for key in keys], [[terminal.word(row[key]) for key in keys] for row in rows]
    )


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="ROLE", help="The role's name.")],
    as_json: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Show a role: who may take it, and what it decides about every operation.

    An operation that depends on the request says which conditions there are: `portico policy explain` tries them.

    \b
    Examples:
      portico roles show visitor
      portico roles show visitor --json
    """
    import msgspec

    from portico.cli import terminal

    roles = load_roles(find(project))
    role = roles.all.get(name)
    if role is None:
        raise RoleUnknown(f"auth/roles.yaml has no role {name!r}. It has: {', '.join(roles.all) or 'none'}.")
    rows = _decisions(role)
    if as_json:
        terminal.json({"role": name, "declared": msgspec.to_builtins(role.declared), "operations": rows})
        return
    out = terminal.out()
    out.print(f"[bold]{terminal.word(role.name)}[/]  {terminal.word(role.description)}")
    out.print(f"assigned to: {terminal.word(_assigned(role))}; credentials last {role.max_duration / 3600:g} h at most")
    keys = ("api", "operation", "decision", "statements")
    terminal.table([key.upper() for key in keys], [[terminal.word(row[key]) for key in keys] for row in rows])


def _assigned(role: Role) -> str:
    to = role.assignment
    rules = [" and ".join(f"{name}={'|'.join(map(str, values))}" for name, values in rule) for rule in to.rules]
    words = [
        *(f"group {name}" for name in sorted(to.groups)),
        *(f"claims {rule}" for rule in rules),
        *(f"client {name}" for name in sorted(to.clients)),
        *(["everyone signed in"] if to.signed_in else []),
        *(["guests"] if to.guests else []),
    ]
    return ", ".join(words) or "nobody"


def _decisions(role: Role) -> list[dict[str, str]]:
    from portico.access import Decision

    rows = []
    for (api, operation), found in role.table.items():
        if isinstance(found, Decision):
            decision, names = "allowed" if found.allowed else "denied", found.statement or ""
        else:
            decision = "depends"
            names = ", ".join(one.name for one in (*found.denying, *found.allowing))
        rows.append({"api": api, "operation": operation, "decision": decision, "statements": names})
    return rows
