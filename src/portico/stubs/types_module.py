"""The text of `handlers/<api>_types.py`: made from the document alone, the same bytes every time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from portico.design.model import Api
from portico.stubs.text import docstring, quoted, sentence, visible
from portico.stubs.types import IMPORTED, Alias, Dictionary, Types, members, names_in

MARK = "`portico stubs` writes this file"

_HEAD = """\
# ruff: noqa
# fmt: off

from __future__ import annotations

"""


def render(api: Api, types: Types, *, uploads: bool) -> str:
    """The module.

    Args:
        api: the document.
        types: everything that its handlers use.
        uploads: whether handlers take uploaded files, whose type they get from here too.
    """
    dictionaries = sorted((one for one in types.declared.values() if isinstance(one, Dictionary)), key=lambda d: d.name)
    aliases = {one.name: one for one in types.declared.values() if isinstance(one, Alias)}
    body = [_dictionary(one) for one in dictionaries]
    if aliases:
        body.append("\n".join(_aliases(aliases)) + "\n")
    opening = docstring([f"The types of {source(api)}. {MARK}: edit the document instead."], "")
    imports = _imports("\n".join(body), uploads=uploads)
    return f"{opening}\n\n{_HEAD}{imports}".rstrip() + "\n" + "".join(f"\n\n{part}" for part in body)


def source(api: Api) -> str:
    """What a document is called in texts for people."""
    return visible(api.files[0] if api.files else api.name)[:100]


def _imports(body: str, *, uploads: bool) -> str:
    used = [name for name in IMPORTED if name != "UploadFile" and re.search(rf"\b{name}\b", body)]
    typing = f"from typing import {', '.join(used)}\n" if used else ""
    starlette = "from starlette.datastructures import UploadFile as UploadFile\n" if uploads else ""
    return "\n".join(filter(None, (typing, starlette)))


def _dictionary(one: Dictionary) -> str:
    about = sentence(one.description)
    fields = {key: kind if needed else f"NotRequired[{kind}]" for key, (kind, needed) in one.fields.items()}
    if one.as_class:
        lines = [docstring([about]), ""] if about else []
        return "\n".join(
            [f"class {one.name}(TypedDict):", *lines, *(f"    {key}: {kind}" for key, kind in fields.items()), ""]
        )
    pairs = (f"    {quoted(key)}: {quoted(kind)}," for key, kind in fields.items())
    lines = [docstring([about], "")] if about else []
    return "\n".join([f"{one.name} = TypedDict({quoted(one.name)}, {{", *pairs, "})", *lines, ""])


def _aliases(aliases: Mapping[str, Alias]) -> Iterator[str]:
    """Aliases are run, so each follows those that it names; only recursion needs quotes."""
    done: set[str] = set()
    for name in sorted(aliases):
        yield from _alias(name, aliases, done, set())


def _alias(name: str, aliases: Mapping[str, Alias], done: set[str], above: set[str]) -> Iterator[str]:
    if name in done or name in above:
        return
    alias = aliases[name]
    needed = sorted(names_in(alias.annotation) & aliases.keys())
    for other in needed:
        yield from _alias(other, aliases, done, above | {name})
    missing = {other for other in needed if other not in done}
    about = sentence(alias.description)
    yield f"{name}: TypeAlias = {_run(alias.annotation, missing)}" + (f"\n{docstring([about], '')}" if about else "")
    done.add(name)


def _run(annotation: str, missing: set[str]) -> str:
    """An annotation as an expression that can be run before the missing names are bound."""
    if not missing:
        return annotation
    parts = members(annotation)
    if len(parts) > 1:
        return f"Union[{', '.join(quoted(part) if names_in(part) & missing else part for part in parts)}]"
    inside = re.fullmatch(r"(list\[|dict\[str, )(.*)\]", annotation)
    return f"{inside[1]}{quoted(inside[2])}]" if inside else "Any"
