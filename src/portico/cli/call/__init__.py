"""`portico call`: an operation called by its name, with options made from its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

PASS_EVERYTHING = {
    "ignore_unknown_options": True,
    "allow_extra_args": True,
    "allow_interspersed_args": False,
    "help_option_names": [],
}
"""How `call` is registered: its options depend on the operation, so it reads all words itself."""

_TAKES_VALUE = ("--body", "-b", "--url", "-u", "--header", "-H", "--project", "--as", "--role", "--token")


def call(context: typer.Context) -> None:
    """Call an operation of a running server by its name."""
    from portico import config
    from portico.cli.call.command import command
    from portico.cli.call.send import Target
    from portico.cli.lookup import find_api, find_operation
    from portico.cli.root import find

    words = context.args
    target = None
    names = _names(words)
    if names and not (len(names) == 1 and {"-h", "--help"} & set(words)):
        root = find(_project(words))
        settings = config.load(root)
        api = find_api(root, settings, names[0])
        target = Target(api, find_operation(api, names[1] if len(names) > 1 else ""), settings, root)
    command(target)(args=words, prog_name="portico call")


def _names(words: Sequence[str]) -> list[str]:
    """The names of API and operation: the first two words that are neither an option of every call nor its value."""
    names: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word in _TAKES_VALUE:
            next(waiting, None)
        elif not word.startswith("-"):
            names.append(word)
        if len(names) == 2:
            break
    return names


def _project(words: Sequence[str]) -> Path | None:
    for position, word in enumerate(words):
        if word == "--project" and position + 1 < len(words):
            return Path(words[position + 1])
        if word.startswith("--project="):
            return Path(word.partition("=")[2])
    return None
