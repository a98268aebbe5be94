"""`portico usage`: how much API keys have called, and what is left of their quotas."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from portico.cli.duration import DurationInvalid, seconds
from portico.cli.root import ProjectOption, find
from portico.errors import PorticoError

if TYPE_CHECKING:
    from portico.access.keys import ApiKey
    from portico.access.local import Keys
    from portico.access.usage.report import By, Left, Line

SHOWN = ("2xx", "3xx", "4xx", "5xx", "throttled")
LOOKED_UP = 500  # names of keys, at once

Grouping = Literal["day", "operation", "outcome"]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class DayInvalid(PorticoError):
    """What was given is no day."""


def usage(
    key: Annotated[
        str | None, typer.Argument(metavar="KEY", help="The name of a key, or its id: key_...; or --all.")
    ] = None,
    all_keys: Annotated[bool, typer.Option("--all", help="The totals of every key that called.")] = False,
    since: Annotated[str, typer.Option(metavar="DAY", help="The first day: 2026-11-01; or how long ago: 7d.")] = "30d",
    until: Annotated[str | None, typer.Option(metavar="DAY", help="The last day; else today.")] = None,
    by: Annotated[
        Grouping | None, typer.Option(help="Sum it up by day, operation or outcome; else by day and operation.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the rows as CSV, without sums and quotas.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    project: ProjectOption = None,
) -> None:
    """Show what an API key has called, and what is left of its quotas.

    Requests are those that were admitted, by the class of their answer; throttled ones were not. Days are those of UTC,
    quotas those of the plan's zone. What is told is what the database holds: it may lag behind by a second.

    \b
    Examples:
      portico usage acme
      portico usage acme --since 7d --by operation
      portico usage --all --since 2026-11-01 --until 2026-11-30 --csv > november.csv
    """
    from portico.access.local import open_keys
    from portico.cli import terminal

    if (key is None) is not all_keys:
        raise typer.BadParameter("Name a key, or write --all for every key.")
    if as_csv and as_json:
        raise typer.BadParameter("--csv and --json exclude each other; choose one.")
    with open_keys(find(project)) as keys:
        now = keys.state.clock()
        first, last = _day("since", since, now), _day("until", until, now)
        if first > last:
            raise DayInvalid(f"--since {first} is after --until {last}.")
        found = None if key is None else _found(keys, key)
        report = _Report(keys, found, by, first, last, now)
    if as_json:
        terminal.json(report.json())
    elif as_csv:
        _print_csv(report.headings, report.rows)
    else:
        report.show()


class _Report:
    """What is told of one key, or of all."""

    def __init__(
        self, keys: Keys, key: ApiKey | str | None, by: Grouping | None, since: str, until: str, now: float
    ) -> None:
        from portico.access.usage import report

        self.key = key  # its id alone, of one that is deleted; None: all
        self.since, self.until = since, until
        self.by_outcome = by == "outcome"
        columns: list[By] = ["key_id"] if key is None else []
        columns += ["day", "operation"] if by is None and key is not None else [] if by is None else [by]
        group = [column for column in columns if column != "outcome"]
        ids = [] if key is None else [key if isinstance(key, str) else key.id]
        db = keys.state.db
        self.lines = db.look(report.lines, group, ids, since=since, until=until)
        self.total = report.total(self.lines)
        self.quotas: list[Left] = []
        if key is not None and not isinstance(key, str) and keys.plans is not None:
            self.quotas = db.look(report.left, key, keys.plans, now)
        self._names = _names(keys, [line.of[0] for line in self.lines]) if key is None else {}
        of = [name for column in group for name in (["key_id", "key"] if column == "key_id" else [column])]
        self.headings = [*of, *(["outcome", "requests"] if self.by_outcome else ["requests", *SHOWN])]

    @property
    def rows(self) -> list[list[str | int]]:
        """The lines as `headings` has them."""
        return [row for line in self.lines for row in self._rows(line)]

    def _rows(self, line: Line) -> Iterator[list[str | int]]:
        of: list[str | int] = [*line.of]
        if self.key is None:
            of.insert(1, self._names.get(line.of[0], ""))
        if self.by_outcome:
            yield from ([*of, outcome, line.outcomes[outcome]] for outcome in sorted(line.outcomes))
        else:
            yield [*of, line.requests, *(line.outcomes.get(outcome, 0) for outcome in SHOWN)]

    def json(self) -> dict[str, Any]:
        """All of it."""
        told: dict[str, Any] = {"since": self.since, "until": self.until}
        if self.key is not None:
            told["key"] = {"id": self.key} if isinstance(self.key, str) else _key(self.key)
        told["rows"] = [dict(zip(self.headings, row, strict=True)) for row in self.rows]
        told["total"] = _sums(self.total)
        if self.key is not None:
            told["quotas"] = [_quota(one) for one in self.quotas]
        return told

    def show(self) -> None:
        """Print it for people."""
        from portico.cli import terminal

        out = terminal.out()
        out.print(f"{self._title()}, {self.since} to {self.until} (UTC)", soft_wrap=True)
        if self.lines:
            rows = [*self.rows, self._last()]
            headings = [heading.upper().replace("_ID", "") for heading in self.headings]
            if self.key is None:
                headings[:2] = ["ID", "KEY"]
            terminal.table(headings, [[_cell(cell) for cell in row] for row in rows])
        else:
            out.print("Nothing was called.")
        if self.quotas:
            terminal.table(
                ["QUOTA", "USED", "OF", "LEFT", "RESETS"],
                [[_cell(cell) for cell in _spent(one)] for one in self.quotas],
            )

    def _title(self) -> str:
        from portico.cli import terminal

        if self.key is None:
            return "Every key"
        if isinstance(self.key, str):
            return f"[bold]{terminal.word(self.key)}[/], which is deleted"
        plans = terminal.word(", ".join(self.key.plans) or "none")
        return f"[bold]{terminal.word(self.key.name)}[/] ({terminal.word(self.key.id)}), plans: {plans}"

    def _last(self) -> list[str | int]:
        """The row of the totals."""
        if self.by_outcome:
            sums: list[str | int] = [sum(self.total.outcomes.values())]
        else:
            sums = [self.total.requests, *(self.total.outcomes.get(outcome, 0) for outcome in SHOWN)]
        return ["total", *[""] * (len(self.headings) - len(sums) - 1), *sums]


def _found(keys: Keys, named: str) -> ApiKey | str:
    """The key that is meant; of one that is deleted, its id.

    Raises:
        ApiKeyAmbiguous: several have that name.
        ApiKeyNotFound: there is none, and never was.
    """
    from portico.access.keys.errors import ApiKeyNotFound
    from portico.access.usage import report

    try:
        return asyncio.run(keys.all.find(named))
    except ApiKeyNotFound:
        if keys.state.db.look(report.lines, ["key_id"], [named]):
            return named
        raise


def _names(keys: Keys, ids: Sequence[str]) -> dict[str, str]:
    """The names of those keys that are still there."""
    from portico.access.keys import repository

    distinct = list(dict.fromkeys(ids))
    names: dict[str, str] = {}
    for at in range(0, len(distinct), LOOKED_UP):
        found = keys.state.db.look(repository.by_ids, distinct[at : at + LOOKED_UP])
        names |= {key.id: key.name for key in found.values()}
    return names


def _day(option: str, text: str | None, now: float) -> str:
    """A day as usage has it.

    Raises:
        DayInvalid: it is none.
    """
    if text is None:
        return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text).isoformat()
        return datetime.fromtimestamp(now - seconds(text), UTC).strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError, DurationInvalid):
        raise DayInvalid(f"--{option} {text}: write a day as 2026-11-01, or how long ago it was: 7d.") from None


def _print_csv(headings: Sequence[str], rows: Sequence[Sequence[str | int]]) -> None:
    import csv

    from portico.cli import terminal
    from portico.identity.transfer.rows import guarded

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(headings)
    for row in rows:
        writer.writerow([cell if isinstance(cell, int) else guarded(terminal.clean(cell)) for cell in row])


def _cell(cell: str | int) -> str:
    from portico.cli import terminal

    return f"{cell:,}" if isinstance(cell, int) else terminal.word(cell)


def _key(key: ApiKey) -> dict[str, Any]:
    return {"id": key.id, "name": key.name, "plans": key.plans}


def _sums(line: Line) -> dict[str, int]:
    return {"requests": line.requests, **{outcome: line.outcomes.get(outcome, 0) for outcome in SHOWN}}


def _quota(one: Left) -> dict[str, Any]:
    return {
        "plan": one.plan,
        "operation": one.operation or None,
        "limit": one.limit,
        "period": one.period,
        "granted": one.granted,
        "used": one.used,
        "left": one.left,
        "resets_at": one.resets_at.isoformat(),
        "zone": str(one.resets_at.tzinfo),
    }


def _spent(one: Left) -> list[str | int]:
    name = f"{one.plan}, {one.operation}" if one.operation else one.plan
    granted = f" + {one.granted:,}" if one.granted else ""
    resets = f"{one.resets_at.isoformat(sep=' ', timespec='minutes')} ({one.resets_at.tzinfo})"
    return [name, one.used, f"{one.limit:,}{granted}", one.left, resets]
