"""`portico policy explain`: which statement decides about a call, and why."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from portico.cli.roles import load_roles
from portico.cli.root import ProjectOption, find
from portico.errors import PorticoError

if TYPE_CHECKING:
    from portico.access import Explanation, Principal, Roles
    from portico.design.model import Operation
    from portico.identity.users.model import User

app = typer.Typer(help="Ask what a policy decides.", no_args_is_help=True)


class UserUnknown(PorticoError):
    """The pool has nobody of that name."""


class PathNeeded(PorticoError):
    """What is decided depends on the path, which was not given."""


class TimeInvalid(PorticoError):
    """What was given is no time."""


@app.callback()
def _policy() -> None:
    """Ask what a policy decides."""


@app.command("explain")
def explain_call(
    api: Annotated[str, typer.Argument(metavar="API", help="The API: the document's name without suffix.")],
    operation: Annotated[str, typer.Argument(metavar="OPERATION", help="Its operationId.")],
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help="Who calls; else a guest.")] = None,
    role: Annotated[str | None, typer.Option(help="In which role; else the one that they get.")] = None,
    path: Annotated[str | None, typer.Option(help="The path below the API's base path: /orders/17")] = None,
    address: Annotated[str, typer.Option("--from", metavar="ADDRESS", help="Where the call comes from.")] = "127.0.0.1",
    stage: Annotated[str, typer.Option(help="The stage.")] = "default",
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When: 2026-12-24T20:00:00Z; else now.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    project: ProjectOption = None,
) -> None:
    """Say whether a call is allowed, by which statement, and which conditions hold. Exit status 1 if it is denied.

    \b
    Examples:
      portico policy explain --as ada concierge checkout
      portico policy explain --as ada concierge getOrder --path /orders/17 --from 10.1.2.3
      portico policy explain --role florist concierge checkout --json
    """
    from portico import config
    from portico.access import Call, explain
    from portico.cli import terminal
    from portico.cli.lookup import find_api, find_operation

    root = find(project)
    found = find_api(root, config.load(root), api)
    called = find_operation(found, operation)
    roles, principal, others = _principal(root, user, role)
    if principal is None:
        _denied(f"No role of auth/roles.yaml is for {user or 'guests'}.", as_json)
        raise typer.Exit(1)
    call = Call(
        api=found.name,
        operation=called.id,
        path=path or _path(roles, principal, found.name, called),
        address=address,
        at=_moment(at),
        stage=stage,
    )
    explanation = explain(roles, principal, call)
    if as_json:
        terminal.json({"role": principal.role, "roles": others, "path": call.path, "explanation": explanation})
    else:
        _print(explanation, principal, others)
    raise typer.Exit(0 if explanation.decision.allowed else 1)


def _principal(root: Path, login: str | None, role: str | None) -> tuple[Roles, Principal | None, tuple[str, ...]]:
    """The roles, who calls in which of them, and all that they may take."""
    from portico.access import Principal

    if login is None:
        roles = load_roles(root)
        others = roles.roles_for(None)
        chosen = role or roles.role_for(None)
        return roles, None if chosen is None else Principal(role=chosen), others
    from portico.identity.credentials.claims import claims_of

    roles, user = _user(root, login)
    claims: dict[str, Any] = claims_of(user)
    chosen = role or roles.role_for(claims)
    if chosen is None:
        return roles, None, ()
    who = Principal(role=chosen, subject=user.id, username=user.username, groups=user.groups, claims=claims)
    return roles, who, roles.roles_for(claims)


def _user(root: Path, login: str) -> tuple[Roles, User]:
    from portico.identity.local import open_pool

    with open_pool(root) as identity:
        user = asyncio.run(identity.users.by_login(login))
        if user is None:
            raise UserUnknown(f"Nobody in the pool is called {login}. See: portico users list")
        return identity.roles, user


def _path(roles: Roles, principal: Principal, api: str, operation: Operation) -> str:
    """The operation's path where it has no parameters, or where nothing depends on them."""
    from portico.access.conditions import Path as PathCondition

    role = roles.all.get(principal.role)
    rule = role.table.get((api, operation.id)) if role is not None else None
    statements = (*getattr(rule, "denying", ()), *getattr(rule, "allowing", ()))
    depends = any(isinstance(condition, PathCondition) for one in statements for condition in one.conditions)
    if depends and "{" in operation.path:
        raise PathNeeded(f"What is decided depends on the path. Give one of {operation.path}: --path /...")
    return operation.path


def _moment(text: str | None) -> float:
    import time

    if text is None:
        return time.time()
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except ValueError:
        raise TimeInvalid(f"{text!r} is no time. Write 2026-12-24T20:00:00Z.") from None


def _denied(reason: str, as_json: bool) -> None:
    from portico.cli import terminal

    if as_json:
        terminal.json({"role": None, "explanation": {"decision": {"allowed": False, "reason": reason}}})
    else:
        terminal.out().print(f"[bold red]denied[/]  {terminal.word(reason)}")


def _print(explanation: Explanation, principal: Principal, others: tuple[str, ...]) -> None:
    from portico.cli import terminal

    out, decision = terminal.out(), explanation.decision
    mark = "[bold green]allowed[/]" if decision.allowed else "[bold red]denied[/]"
    out.print(f"{mark}  {terminal.word(decision.reason)}")
    out.print(f"role: {terminal.word(principal.role)} (may take: {terminal.word(', '.join(others)) or 'none'})")
    rows = [
        [
            terminal.word(one.statement),
            one.effect,
            "yes" if one.applies else "no",
            terminal.word("; ".join(f"{step.condition}: {step.holds}" for step in one.steps) or "always"),
        ]
        for one in explanation.considered
    ]
    if rows:
        terminal.table(["STATEMENT", "EFFECT", "APPLIES", "CONDITIONS"], rows)
