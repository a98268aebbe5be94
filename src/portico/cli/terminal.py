"""What the commands write: for people on a terminal, plain text into a pipe.

Texts from documents and servers are not trusted: their control characters could move the cursor, hide lines or rename
the window, and their square brackets would be read by Rich as markup.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from portico.design.findings import Finding
    from portico.errors import PorticoError

# C0 and C1 without tab and newline, and the marks that change the direction of writing (CVE-2021-42574)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_PIPE_WIDTH = 10_000  # characters: a pipe has no edge to wrap at


def clean(text: object) -> str:
    """A text without the characters that steer a terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text).replace("\r\n", "\n"))


def word(text: object) -> str:
    """As `clean`, for text inside one line of ours: no line breaks, and no markup."""
    from rich.markup import escape

    return escape(" ".join(clean(text).split()))


@functools.cache
def out() -> Console:
    """Where answers go."""
    return _console(stderr=False)


@functools.cache
def err() -> Console:
    """Where everything about the work goes, so that a pipe carries answers only."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, emoji=False, width=None if stream.isatty() else _PIPE_WIDTH)


def fail(error: PorticoError | str) -> None:
    """Say on stderr why a command cannot go on. The message of a `PorticoError` holds its mend."""
    from rich.markup import escape

    from portico.errors import DesignError

    if isinstance(error, DesignError):
        findings(error.findings, on=err())
    else:
        err().print(f"[bold red]error:[/] {escape(clean(error))}", soft_wrap=True)


def findings(found: Sequence[Finding], *, on: Console | None = None, root: Path | None = None) -> None:
    """Print what is wrong with designs, for people.

    Args:
        found: what is wrong.
        on: where to print it; on standard output.
        root: the folder that the files' names are relative to, where that is known.
    """
    from portico.design import report

    (on or out()).print(report.text(found, root=root))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows, under headings that are not all empty. In a pipe a row is a line, its columns two spaces apart."""
    from rich import box
    from rich.table import Table

    lines = box.SIMPLE_HEAD if out().is_terminal and any(headings) else None
    grid = Table(box=lines, pad_edge=False, padding=(0, 2, 0, 0), show_header=any(headings))
    for heading in headings:
        grid.add_column(heading, overflow="fold")
    for row in rows:
        grid.add_row(*row)
    out().print(grid)


def json(value: object) -> None:
    """Print a value as JSON."""
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    sys.stdout.write(_CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n")
