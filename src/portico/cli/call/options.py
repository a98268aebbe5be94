"""The options that an operation's parameters and form fields become, and the values that are given with them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from portico.design.handlers import FORMS, file_fields
from portico.design.model import Json, Media, Operation, Parameter, Schema
from portico.design.names import snake
from portico.gateway.parameters import kinds, typed

RESERVED = frozenset(
    {"body", "url", "header", "json", "no-check", "verbose", "project", "help", "sign", "as", "role", "token"}
)
"""The options that every call has. A parameter of such a name becomes `--query-url`."""


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """One option of `portico call API OPERATION`."""

    name: str  # as the document calls it
    location: str  # "path", "query", "header", "cookie", "querystring" or "form"
    schema: Schema
    required: bool
    description: str
    parameter: Parameter | None = None  # None for the fields of a form
    is_file: bool = False  # its value is `@FILE`
    flags: tuple[str, ...] = ()  # "--product-id", and the document's own spelling "--productId"

    def value(self, texts: Sequence[str]) -> Json:
        """What was given, as a JSON value.

        A text that is none of the schema's types stays text, so that validation names it. An array takes the option
        several times, an object takes `name=value`; both take JSON.

        Args:
            texts: the values of the option, at least one.
        """
        types = kinds(self.schema)
        if types & {"array", "object"} and len(texts) == 1 and (parsed := _container(texts[0])) is not None:
            return parsed
        given: Json = texts[-1]
        if "array" in types:
            given = list(texts)
        elif "object" in types and all("=" in text for text in texts):
            given = {name: value for name, _, value in (text.partition("=") for text in texts)}
        value: Json = typed(given, self.schema)
        return value


def _container(text: str) -> list[Json] | dict[str, Json] | None:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return value if isinstance(value, list | dict) else None


def options_of(operation: Operation) -> tuple[Option, ...]:
    """The options of an operation: its parameters, then the fields of its form. Each flag belongs to one of them."""
    found: list[Option] = []
    taken = {f"--{name}" for name in RESERVED}
    for option in (*_parameters(operation), *_fields(operation)):
        plain = _flags(option.name)
        flags = plain if taken.isdisjoint(plain) else _flags(f"{option.location}-{option.name}")
        flags = tuple(flag for flag in flags if flag not in taken)
        if flags:
            taken.update(flags)
            found.append(dataclasses.replace(option, flags=flags))
    return tuple(found)


def _flags(name: str) -> tuple[str, ...]:
    kebab = snake(name).strip("_").replace("_", "-")
    words = (kebab, name.replace("[]", ""))
    return tuple(dict.fromkeys(f"--{word}" for word in words if word and _is_word(word)))


def _is_word(text: str) -> bool:
    return text[0].isalnum() and all(letter.isalnum() or letter in "-_." for letter in text)


def _parameters(operation: Operation) -> Iterator[Option]:
    for parameter in operation.parameters:
        required = parameter.required or parameter.location == "path"
        yield Option(parameter.name, parameter.location, parameter.schema, required, parameter.description, parameter)


def form_of(operation: Operation) -> Media | None:
    """The form that the operation takes as its body, if it takes one."""
    content = operation.body.content if operation.body is not None else {}
    return next((content[name] for name in FORMS if name in content), None)


def _fields(operation: Operation) -> Iterator[Option]:
    form = form_of(operation)
    if form is None or form.schema is None:
        return
    files = file_fields(form)
    for name, schema in form.schema.properties.items():
        description = str(schema.get("description", ""))
        required = name in form.schema.required
        yield Option(name, "form", schema, required, description, is_file=name in files)
