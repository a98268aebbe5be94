"""What the operator reads when the server has started: a few lines on a terminal, one JSON line anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from portico.server.control import Failed, Ready


def show(ready: Ready, *, url: str, workers: int, reload: bool, mock: bool, management: str | None) -> None:
    """Say what is served where.

    Args:
        ready: what a worker said about it.
        url: where the server listens.
        workers: how many processes answer.
        reload: whether changes are picked up.
        mock: whether unwritten operations are answered with examples.
        management: where metrics are, if they have a port of their own.
    """
    if sys.stderr.isatty():
        _lines(ready, url, _notes(workers, reload=reload, mock=mock), management)
    else:
        _json(ready, url, workers, reload=reload, mock=mock, management=management)


def _lines(ready: Ready, url: str, notes: Sequence[str], management: str | None) -> None:
    from portico.cli.terminal import err, word

    err().print(f"\n[bold]Portico[/] serves {word(url)}" + (f" [dim]({', '.join(notes)})[/]" if notes else ""))
    rows = [("site", f"{url}/"), ("docs", f"{url}/docs")]
    rows += [(api.name, f"{url}{api.base_path or '/'}") for api in ready.apis]
    if ready.mailbox:
        rows.append(("mailbox", ready.mailbox))
    if management is not None:
        rows.append(("metrics", f"{management}/metrics"))
    width = max(len(name) for name, _ in rows)
    told = {api.name: _counts(api.operations, api.unwritten, mock="mock" in notes) for api in ready.apis}
    for name, address in rows:
        padding = " " * (width - len(name))
        err().print(f"  {word(name)}{padding}  {word(address)}  [dim]{told.get(name, '')}[/]", soft_wrap=True)
    err().print("[dim]Ctrl-C stops it.[/]\n")


def _notes(workers: int, *, reload: bool, mock: bool) -> list[str]:
    return [
        *([f"{workers} workers"] if workers > 1 else []),
        *(["reloads on changes"] if reload else []),
        *(["mock"] if mock else []),
    ]


def _counts(operations: int, unwritten: int, *, mock: bool) -> str:
    text = f"{operations} operation{'' if operations == 1 else 's'}"
    return f"{text}, {unwritten} not written: {'mocked' if mock else '501'}" if unwritten else text


def _json(ready: Ready, url: str, workers: int, *, reload: bool, mock: bool, management: str | None) -> None:
    members = {
        "time": datetime.now(UTC),
        "level": "info",
        "event": "serving",
        "url": url,
        "management": management,
        "workers": workers,
        "reload": reload,
        "mock": mock,
        "operations": sum(api.operations for api in ready.apis),
        "unwritten": sum(api.unwritten for api in ready.apis),
        "apis": ready.apis,
    }
    sys.stderr.write(msgspec.json.encode(members).decode() + "\n")
    sys.stderr.flush()


def failed(failed: Failed, *, reload: bool, serving: bool) -> None:
    """Say why the project cannot be served as it lies on disk.

    Args:
        failed: what a worker said.
        reload: whether the next change will be tried.
        serving: whether an earlier version is still answering.
    """
    from portico.cli.terminal import err, fail

    fail(failed.error)
    if serving:
        err().print("The version before is still served; this one is tried again when a file changes.")
    elif reload:
        err().print("Nothing is served yet; it is tried again when a file changes.")


def reloaded() -> None:
    """Say that the changes are served."""
    from portico.cli.terminal import err

    err().print(f"{datetime.now().strftime('%H:%M:%S')} reloaded: the changes are served")
