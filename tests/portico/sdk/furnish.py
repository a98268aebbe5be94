"""Several commands of `portico` in one process, since each would load everything anew.

Reads a list of commands as JSON, `{"words": [...], "given": "..."}` each, and writes the list of what they printed.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from typing import Any

from portico.cli import main


def output(words: list[str], given: str = "") -> str:
    """What a command prints.

    Args:
        words: of the command line, after `portico`.
        given: to its standard input.
    """
    printed = io.StringIO()
    sys.argv, sys.stdin = ["portico", *words], io.StringIO(given)
    with contextlib.redirect_stdout(printed):
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise RuntimeError(f"{words}: {end.code}\n{printed.getvalue()}") from None
    return printed.getvalue()


if __name__ == "__main__":
    commands: list[dict[str, Any]] = json.load(sys.stdin)
    sys.stdout.write(json.dumps([output(**command) for command in commands]))
