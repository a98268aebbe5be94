"""Parameters of operations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from portico.design.compare.kinds import types
from portico.design.compare.phrases import cut, shown
from portico.design.compare.scope import Scope
from portico.design.compare.wording import reword
from portico.design.model import Direction, Operation, Parameter
from portico.design.paths import template

Key = tuple[str, str]  # where it travels, and its name
_BRACES = re.compile(r"\{([^{}]+?)\+?\}")


def compare(scope: Scope, old: Operation, new: Operation) -> None:
    """Note what changed of the parameters of an operation."""
    before, after = _by_key(old), _by_key(new)
    renamed = _renamed(old, new)
    for key, parameter in before.items():
        found = after.pop(renamed.get(key, key), None) or _moved(parameter, before, after)
        here = scope.inside(_title(parameter), parameter.at, found.at if found is not None else None)
        if found is None:
            here.say("parameter-removed", "The parameter is gone.")
        else:
            _compare(here, parameter, found)
    for parameter in after.values():
        here = scope.inside(_title(parameter), None, parameter.at)
        rule = "required-parameter-added" if parameter.required else "parameter-added"
        here.say(rule, f"The parameter is new{', and required' if parameter.required else ''}.")


def _by_key(operation: Operation) -> dict[Key, Parameter]:
    return {_key(parameter.location, parameter.name): parameter for parameter in operation.parameters}


def _key(location: str, name: str) -> Key:
    return location, name.lower() if location == "header" else name  # RFC 9110, 5.1


def _renamed(old: Operation, new: Operation) -> Mapping[Key, Key]:
    """Path parameters are known by where they stand in the path."""
    if template(old.path) != template(new.path):
        return {}
    names = zip(_BRACES.findall(old.path), _BRACES.findall(new.path), strict=True)
    return {("path", was): ("path", comes) for was, comes in names}


def _moved(parameter: Parameter, old: Mapping[Key, Parameter], new: dict[Key, Parameter]) -> Parameter | None:
    """A new parameter of the same name that travels elsewhere."""
    for key, other in new.items():
        if key not in old and other.name.lower() == parameter.name.lower() and other.location != parameter.location:
            return new.pop(key)
    return None


def _title(parameter: Parameter) -> str:
    return f"{parameter.location} parameter {cut(parameter.name)}"


def _compare(scope: Scope, old: Parameter, new: Parameter) -> None:
    if old.location != new.location:
        scope.say("parameter-moved", f"The parameter moves from {old.location} to {new.location}.")
    elif old.name != new.name and old.location == "path":
        scope.say("parameter-renamed", f"The parameter is called {cut(new.name)} now.")
    if old.required != new.required:
        now = "required" if new.required else "optional"
        scope.say(f"parameter-{now}", f"The parameter is {now} now.")
    if old.deprecated != new.deprecated:
        rule, now = ("deprecated", "is") if new.deprecated else ("restored", "is not")
        scope.say(f"parameter-{rule}", f"The parameter {now} deprecated now.")
    _form(scope, old, new)
    reword(scope, old, new, "description", "examples")
    scope.schema(old.schema, new.schema, Direction.REQUEST)


def _form(scope: Scope, old: Parameter, new: Parameter) -> None:
    """How the value is written."""
    if old.allow_empty != new.allow_empty and old.location == new.location == "query":
        verb = "accepted" if new.allow_empty else "refused"
        scope.say(f"parameter-empty-{verb}", f"The parameter may {'' if new.allow_empty else 'not '}be empty now.")
    if old.media_type != new.media_type:
        was, comes = (shown(one.media_type) if one.media_type else "plain text" for one in (old, new))
        scope.say("parameter-content-changed", f"The value is written as {comes}, and was as {was}.")
    elif old.location == new.location and new.media_type is None and _wires(scope, old, new):
        was, comes = (f"{one.style}{' exploded' if one.explode else ''}" for one in (old, new))
        scope.say("parameter-style-changed", f"The value is written in the style {comes}, and was in {was}.")


def _wires(scope: Scope, old: Parameter, new: Parameter) -> bool:
    """Whether a value that fits both schemas is written in two ways: style and explode mean little for plain ones."""
    sides = ((scope.pairs.old, old), (scope.pairs.new, new))
    before, after = (types(side.views.of(parameter.schema.node)) for side, parameter in sides)
    kinds = {_kind(one) for one in (before or {"string", "array", "object"}) & (after or before or {"string", "array"})}
    return any(wire(old.style, old.explode, kind) != wire(new.style, new.explode, kind) for kind in kinds)


def _kind(type_: str) -> str:
    return type_ if type_ in ("array", "object") else "plain"


def wire(style: str | None, explode: bool | None, kind: str) -> tuple[str, ...]:
    """What style and explode come to for one kind of value (OpenAPI 3.2, Style Examples)."""
    style = style or "form"
    explode = style == "form" if explode is None else explode
    if kind == "plain":
        return (style if style in ("matrix", "label") else "simple",)
    return tuple(_parts(style, explode, kind))


def _parts(style: str, explode: bool, kind: str) -> Iterator[str]:
    if kind == "array" and style == "simple":
        yield style
    elif kind == "array" and explode and style.endswith("Delimited"):
        yield from ("form", "exploded")
    else:
        yield style
        yield "exploded" if explode else "joined"
