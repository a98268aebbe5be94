"""`portico audit`: what happened to identities, by whom, when, and from where."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from portico.cli.root import ProjectOption, find

if TYPE_CHECKING:
    from portico.identity.audit.repository import Entry
    from portico.identity.service import Identity

INTERVAL = 1.0  # seconds between two looks with --follow
OVERLAP = 200  # entries that are looked at again: a transaction that began earlier may be committed later
AT_ONCE = 1_000  # entries of one look with --follow
_AGO = re.compile(r"(\d+)\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def audit(
    user: Annotated[str | None, typer.Option(metavar="USER", help="A user name, an e-mail address or an id.")] = None,
    event: Annotated[str | None, typer.Option(help="Only this event, such as sign_in_failed.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="2026-11-21, 2026-11-21T10:00 (UTC), or 30m, 2h, 7d ago.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The latest so many.")] = 100,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what happens from now on.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print them as JSON; with --follow one object a line.")
    ] = False,
    project: ProjectOption = None,
) -> None:
    """Show the audit log, the oldest entry first.

    \b
    Examples:
      portico audit --user ada --since 7d
      portico audit --event sign_in_failed --json
      portico audit --follow
    """
    from portico.cli import terminal
    from portico.identity.local import open_pool

    with open_pool(find(project)) as identity:
        wanted = {"user_id": _id(identity, user), "event": _event(event), "since": _since(since)}
        entries = _entries(identity, limit=limit, **wanted)
        if as_json and not follow:
            terminal.json(_rows(identity, entries))
            return
        _print(_rows(identity, entries), as_json=as_json)
        if follow:
            try:
                for later in _later(identity, wanted, entries):
                    _print(_rows(identity, later), as_json=as_json)
            except KeyboardInterrupt:
                return


def _entries(identity: Identity, **wanted: Any) -> Sequence[Entry]:
    from portico.identity.audit import repository

    return identity.pool.db.look(repository.entries, **wanted)


def _later(identity: Identity, wanted: dict[str, Any], seen: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """What is added from now on, look by look."""
    last = max((entry.id for entry in _entries(identity, limit=1)), default=0)
    known = {entry.id for entry in _entries(identity, limit=OVERLAP)} | {entry.id for entry in seen}
    while True:
        time.sleep(INTERVAL)
        found = _entries(identity, after=max(0, last - OVERLAP), limit=AT_ONCE, **wanted)
        fresh = [entry for entry in found if entry.id not in known]
        last = max([last, *(entry.id for entry in fresh)])
        known = {id for id in known if id > last - OVERLAP} | {entry.id for entry in fresh}
        yield fresh


def _rows(identity: Identity, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    from portico.identity.users import repository

    ids = {entry.user_id for entry in entries if entry.user_id is not None}
    names = identity.pool.db.look(repository.names_of, ids) if ids else {}
    return [
        {
            "id": entry.id,
            "at": datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="milliseconds"),
            "event": entry.event,
            "outcome": entry.outcome,
            "user": names.get(entry.user_id or ""),
            "user_id": entry.user_id,
            "client_id": entry.client_id,
            "address": entry.address,
            "user_agent": entry.user_agent,
            "request_id": entry.request_id,
            "details": dict(entry.details),
        }
        for entry in entries
    ]


def _print(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    import msgspec

    from portico.cli import terminal

    for row in rows:
        if as_json:
            typer.echo(terminal.clean(msgspec.json.encode(row).decode()))
            continue
        who = row["user"] or row["user_id"] or "-"
        details = " ".join(f"{name}={_plain(value)}" for name, value in row["details"].items())
        client = f"client={row['client_id']} " if row["client_id"] else ""
        failed = "" if row["outcome"] == "success" else " FAILED"
        line = f"{row['at']}  {row['event']}{failed}  {who}  {row['address']}  {client}{details}"
        terminal.out().print(terminal.word(line), soft_wrap=True)


def _plain(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _id(identity: Identity, text: str | None) -> str | None:
    """The id of a person; of somebody who was deleted only the id is known."""
    from portico.identity.users import repository

    if text is None:
        return None
    user = identity.pool.db.look(repository.named, text)
    return user.id if user is not None else text


def _event(text: str | None) -> str | None:
    from portico.errors import ConfigError
    from portico.identity.audit import Event

    if text is not None and text not in set(Event):
        raise ConfigError(f"There is no event {text}. The events: {', '.join(Event)}.")
    return text


def _since(text: str | None) -> float | None:
    from portico.errors import ConfigError

    if text is None:
        return None
    ago = _AGO.fullmatch(text.strip())
    if ago is not None:
        return (datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})).timestamp()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--since {text}: write 2026-11-21, 2026-11-21T10:00, or 30m, 2h, 7d.") from None
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()
