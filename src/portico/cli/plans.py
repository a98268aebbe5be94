"""`portico plans`: the usage plans of auth/plans.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from portico.cli.root import ProjectOption, find
from portico.errors import PorticoError

if TYPE_CHECKING:
    from portico.access.plans import Limit, Plan, Plans, Quota, Share, Throttle

app = typer.Typer(help="See the usage plans of auth/plans.yaml.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]

EVERY = {"DAY": "a day", "WEEK": "a week", "MONTH": "a month"}


class PlanUnknown(PorticoError):
    """The project has no such plan."""


@app.callback()
def _plans() -> None:
    """See the usage plans of auth/plans.yaml."""


@app.command("list")
def list_plans(as_json: JsonOption = False, project: ProjectOption = None) -> None:
    """List the plans, and how many API keys have each.

    \b
    Examples:
      portico plans list
      portico plans list --json
    """
    from portico.cli import terminal

    with _opened(find(project)) as (plans, holders):
        rows = [_row(plan, holders) for plan in plans.all.values()]
    if as_json:
        terminal.json(rows)
        return
    shown = [
        [
            terminal.word(plan.name),
            terminal.word(plan.title),
            terminal.word(", ".join(plan.apis)),
            *_limits(plan.own),
            f"{row['keys']:,}",
        ]
        for plan, row in zip(plans.all.values(), rows, strict=True)
    ]
    terminal.table(["PLAN", "TITLE", "APIS", "RATE", "BURST", "QUOTA", "KEYS"], shown)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="PLAN", help="The plan's name.")],
    as_json: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Show a plan: what its keys may call, and all that holds them, in the order in which it is asked.

    \b
    Examples:
      portico plans show partner
      portico plans show partner --json
    """
    from portico.access.patterns import matches
    from portico.cli import terminal

    with _opened(find(project)) as (plans, holders):
        plan = plans.all.get(name)
    if plan is None:
        raise PlanUnknown(f"auth/plans.yaml has no plan {name!r}. It has: {', '.join(plans.all) or 'none'}.")
    limits = [one for one in plans.limits if not one.api or any(matches(api, one.api) for api in plan.apis)]
    if as_json:
        terminal.json(
            {
                **_row(plan, holders),
                "description": plan.description,
                "stages": plan.stages,
                "on_store_failure": plan.on_store_failure,
                "operations": {operation: _share(share) for operation, share in plan.operations.items()},
                "limits": [_limit(limit) for limit in limits],
            }
        )
        return
    out = terminal.out()
    out.print(f"[bold]{terminal.word(plan.name)}[/]  {terminal.word(plan.title)}", soft_wrap=True)
    if plan.description:
        out.print(terminal.word(plan.description), soft_wrap=True)
    out.print(f"APIs: {terminal.word(', '.join(plan.apis))}; stages: {terminal.word(', '.join(plan.stages))}")
    out.print(f"keys: {holders.get(name, 0):,}; while the store of limits fails: {plan.on_store_failure}")
    rows = [["the plan's operation", operation, *_limits(share)] for operation, share in plan.operations.items()]
    rows.append(["the plan", "", *_limits(plan.own)])
    rows += [[_scope(limit), limit.name, *_rate(limit.throttle), "-"] for limit in limits]
    terminal.table(
        ["HELD BY", "NAME", "RATE", "BURST", "QUOTA"], [[terminal.word(cell) for cell in row] for row in rows]
    )


@contextmanager
def _opened(root: Path) -> Iterator[tuple[Plans, dict[str, int]]]:
    """The plans of a project, and how many keys have each.

    Raises:
        ConfigError: it declares none, or what it declares cannot be.
        StoreError: the state cannot be used.
    """
    from portico.access.local import open_keys
    from portico.access.plans import FILE
    from portico.access.plans.repository import holders
    from portico.errors import ConfigError

    with open_keys(root) as keys:
        if keys.plans is None:
            raise ConfigError(f"This project has no usage plans. Declare them in {FILE}: see docs/reference/plans.md.")
        yield keys.plans, keys.state.db.look(holders)


def _row(plan: Plan, holders: dict[str, int]) -> dict[str, Any]:
    return {
        "plan": plan.name,
        "title": plan.title,
        "apis": plan.apis,
        **_share(plan.own),
        "keys": holders.get(plan.name, 0),
    }


def _share(share: Share) -> dict[str, Any]:
    return {
        "throttle": None if share.throttle is None else _throttle(share.throttle),
        "quota": None if share.quota is None else _quota(share.quota),
    }


def _throttle(throttle: Throttle) -> dict[str, Any]:
    return {"rate": throttle.rate, "burst": throttle.burst}


def _quota(quota: Quota) -> dict[str, Any]:
    return {"limit": quota.limit, "period": quota.period, "zone": str(quota.zone), "offset": quota.offset}


def _limit(limit: Limit) -> dict[str, Any]:
    return {
        "id": limit.name,
        "scope": limit.scope,
        "api": limit.api or None,
        "operation": limit.operation or None,
        "per": limit.per,
        "throttle": _throttle(limit.throttle),
        "on_store_failure": limit.on_store_failure,
    }


def _limits(share: Share) -> tuple[str, str, str]:
    return (*_rate(share.throttle), "-" if share.quota is None else _period(share.quota))


def _rate(throttle: Throttle | None) -> tuple[str, str]:
    return ("-", "-") if throttle is None else (f"{throttle.rate:,.10g}/s", f"{throttle.burst:,}")


def _period(quota: Quota) -> str:
    begins = f" + {quota.offset / 3_600:g} h" if quota.offset else ""
    return f"{quota.limit:,} {EVERY[quota.period]}{begins} ({quota.zone})"


def _scope(limit: Limit) -> str:
    what = {"operation": f"{limit.api}.{limit.operation}", "api": limit.api}.get(limit.scope, "the project")
    return what if limit.per == "all" else f"{what}, each {limit.per}"
