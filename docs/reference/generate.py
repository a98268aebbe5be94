"""Writes commands.md, rules.md and settings.md from the code they describe: `make docs`. A test compares them."""

from __future__ import annotations

import dataclasses
import inspect
import re
import textwrap
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from portico import config
from portico.cli import app
from portico.cli.call.command import every_call
from portico.design.rules import page as rules
from portico.secret import Secret

HERE = Path(__file__).parent
_FIELD = re.compile(r"^    (?P<name>\w+): (?P<type>.+?) = .*?(?:  # (?P<comment>.*))?$", re.MULTILINE)


def commands() -> str:
    """Every command with its arguments and options."""
    parts = [
        "# Commands",
        "<!-- Written by generate.py from the commands themselves: change those, then `make docs`. -->",
        "Every command has `--help`. Exit status: 0 fine, 1 faults were found, 2 it could not run. Colours appear on a "
        "terminal only, and never with `NO_COLOR` set. A command works on the project in `--project DIR`, else on the "
        "nearest folder upwards that holds `portico.toml` or `specs/`.",
        *_described("portico", app),
    ]
    return "\n\n".join(parts) + "\n"


def _described(name: str, group: typer.Typer) -> Iterator[str]:
    for command in group.registered_commands:
        function: Any = command.callback
        word = command.name or function.__name__
        if word == "call":  # what is registered reads all words itself
            function = every_call
        yield f"## {name} {word}"
        yield from _help(inspect.getdoc(function) or "")
        rows = map(_row, inspect.signature(function, eval_str=True).parameters.values())
        yield "| | |\n|---|---|\n" + "\n".join(rows)
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            named = isinstance(inner.name, str)  # a group without a name adds its commands to those of the outer one
            yield from _described(f"{name} {inner.name}" if named else name, inner.typer_instance)


def _help(text: str) -> Iterator[str]:
    prose, _, examples = text.partition("\b\n")
    yield prose.strip()
    if examples:
        yield "```\n" + textwrap.dedent("\n".join(examples.splitlines()[1:])) + "\n```"


def _row(parameter: inspect.Parameter) -> str:
    kind, info = typing.get_args(parameter.annotation)
    words = [word for word in (info.default, *(info.param_decls or ())) if isinstance(word, str)]
    flags = ", ".join(f"`{word}`" for word in words) or f"`--{parameter.name.replace('_', '-')}`"
    metavar = info.metavar or parameter.name.upper()
    if isinstance(info, typer.models.ArgumentInfo):
        flags = f"`{metavar}`"
    elif kind is not bool:
        flags += f" {metavar}"
    default = parameter.default
    told = f" Default: `{getattr(default, 'value', default)}`." if default and not isinstance(default, bool) else ""
    if default is inspect.Parameter.empty:
        told = ""
    return f"| {flags} | {info.help or ''}{told} |".replace("JSON|@FILE|-", "JSON\\|@FILE\\|-")


def settings() -> str:
    """Every table and key of portico.toml."""
    parts = [
        "# Settings",
        "<!-- Written by generate.py from src/portico/config.py: change that, then `make docs`. -->",
        "`portico.toml` in the project's root holds them. An environment variable wins over the file: it names table "
        "and key, as `PORTICO_SERVER_PORT=9000` does; a list is written with commas. A table or key that is unknown "
        "is an error. `[design] arguments` and `[check] off` are tables of your own and have no variable.",
    ]
    for table in dataclasses.fields(config.Config):
        kind = getattr(config, table.name.capitalize())
        parts += [
            f"## [{table.name}]",
            str(kind.__doc__),
            "| key | type | default | |\n|---|---|---|---|\n" + _keys(kind),
        ]
    return "\n\n".join(parts) + "\n"


def _keys(kind: Any) -> str:
    comments = {match["name"]: match for match in _FIELD.finditer(inspect.getsource(kind))}
    rows = []
    for key in dataclasses.fields(kind):
        default = key.default_factory() if key.default_factory is not dataclasses.MISSING else key.default
        rows.append(
            f"| `{key.name}` | {_type(str(key.type))} | `{_toml(default)}` | {comments[key.name]['comment'] or ''} |"
        )
    return "\n".join(rows)


def _type(text: str) -> str:
    if text == "Mode":
        text = str(config.Mode).replace("typing.", "")
    words = {"str": "text", "int": "integer", "float": "number", "bool": "true or false", "Secret": "text"}
    if text.startswith("Literal"):
        return " or ".join(f"`{word}`" for word in re.findall(r"[\"'](\w+)[\"']", text))
    return words.get(text, "list of texts" if text.startswith("tuple") else "table")


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, Secret):
        return '""'
    return f'"{value}"' if isinstance(value, str) else str(value)


PAGES = {"commands.md": commands, "rules.md": rules, "settings.md": settings}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
