"""Operations as the templates of both clients show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from portico.sdkgen.plan import Field, Operation, Parameter, Record
from portico.sdkgen.python import encode
from portico.sdkgen.python.names import Package
from portico.sdkgen.python.types import Types

_TEXT = 112  # characters of a line of a description
_OPTIONS = "options: Options | None = None"
_ERRORS = {
    "400": "BadRequest",
    "401": "Unauthorized",
    "403": "Forbidden",
    "404": "NotFound",
    "409": "Conflict",
    "422": "UnprocessableContent",
    "429": "TooManyRequests",
}


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a method: its arguments, a line each."""

    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a client."""

    name: str
    iterator: str  # empty where there are no pages
    signature: Signature
    overloads: tuple[Signature, ...]  # for type checkers, where arguments exclude one another
    returns: str
    async_returns: str
    item: str  # of pages
    docstring: str
    given: str  # to the client: parameters, body, properties


def shown(operations: Iterable[Operation], package: Package, types: Types) -> Iterator[Method]:
    """All operations.

    Args:
        operations: of the plan.
        package: what things are called.
        types: the types in Python.
    """
    for one in operations:
        yield _method(one, package, types)


def _method(one: Operation, package: Package, types: Types) -> Method:
    names = package.arguments[one.key]
    first = [f"{names[each.key]}: {types.of_argument(each.type)}" for each in one.parameters if each.location == "path"]
    rest = _sorted(_argument(each, names[each.key], types) for each in one.parameters if each.location != "path")
    body, fields = _body(one, types), _properties(one, names, types)
    required = [field for field in fields if not field.endswith("= ABSENT")]
    loose = [
        field if field.endswith("= ABSENT") else f"{field.removesuffix(' | Absent')} | Absent = ABSENT"
        for field in fields
    ]
    overloads: tuple[Signature, ...] = ()
    if required and body:
        overloads = (
            _signature(first, [*rest, *_sorted(fields)]),
            _signature(first, [*rest, body.removesuffix(" | Absent = ABSENT")]),
        )
    answer = _returns(one, types)
    pages = one.pages
    return Method(
        package.methods[one.key],
        package.iterators.get(one.key, ""),
        _signature(first, [*rest, *(loose if overloads else fields), *([body] if body else [])]),
        overloads,
        answer,
        _ASYNC.get(one.result_kind, "") + answer,
        types.of_result(pages.item) if pages is not None else "",
        encode.docstring(_describe(one, package, types, bool(fields)), "        "),
        _given(one, names, types),
    )


_ASYNC = {"binary": "Async", "events": "Async", "jsonl": "Async"}


def _signature(first: list[str], rest: list[str]) -> Signature:
    return Signature((*first, "*", *rest, _OPTIONS))


def _sorted(arguments: Iterable[str]) -> list[str]:
    """Those that must be given come first, as readers expect it."""
    return sorted(arguments, key=lambda argument: " = " in argument)


def _argument(one: Parameter, name: str, types: Types) -> str:
    annotation = types.of_argument(one.type)
    if one.required:
        default = "" if one.constant is None else f" = {encode.constant(one.constant)}"
        return f"{name}: {annotation}{default}"
    return f"{name}: {_or_absent(annotation)} = ABSENT"


def _or_absent(annotation: str) -> str:
    return annotation if annotation == "Any" else f"{annotation} | Absent"


def _properties(one: Operation, names: Mapping[str, str], types: Types) -> list[str]:
    """The properties of the body that are arguments."""
    found = []
    for field in _fields(one, types):
        name, annotation = names[f"property:{field.key.raw}"], types.of_argument(field.type)
        needed = field.required and not field.read_only and field.constant is None
        found.append(f"{name}: {annotation}" if needed else f"{name}: {_or_absent(annotation)} = ABSENT")
    return found


def _fields(one: Operation, types: Types) -> tuple[Field, ...]:
    record = types.declared.get(one.body.spread) if one.body is not None and one.body.spread is not None else None
    return record.fields if isinstance(record, Record) else ()


def _body(one: Operation, types: Types) -> str:
    if one.body is None:
        return ""
    found = [types.of_argument(content.type) for content in one.body.contents]
    annotation = "Any" if "Any" in found else " | ".join(dict.fromkeys(found))
    needed = one.body.required and one.body.spread is None
    return f"body: {annotation}" if needed else f"body: {_or_absent(annotation)} = ABSENT"


def _returns(one: Operation, types: Types) -> str:
    if one.result is None or one.result_kind == "none":
        return "None"
    match one.result_kind:
        case "text":
            return "str"
        case "binary":
            return "Download"
        case "events":
            return f"EventStream[{types.of_result(one.result)}]"
        case "jsonl":
            return f"LineStream[{types.of_result(one.result)}]"
    return types.of_result(one.result)


def _given(one: Operation, names: Mapping[str, str], types: Types) -> str:
    """The arguments as the runtime takes them."""
    parameters = _tuple(names[each.key] for each in one.parameters)
    properties = [names[f"property:{field.key.raw}"] for field in _fields(one, types)]
    if one.body is None:
        return f", {parameters}" if one.parameters else ""
    return f", {parameters}, body" + (f", {_tuple(properties)}" if properties else "")


def _tuple(names: Iterable[str]) -> str:
    found = list(names)
    return f"({', '.join(found)}{',' if len(found) == 1 else ''})"


def _describe(one: Operation, package: Package, types: Types, spread: bool) -> list[str]:
    """The docstring's lines."""
    found = encode.lines(one.summary or one.id, _TEXT)
    if found and found[-1][-1:].isalnum():
        found[-1] += "."
    for more in (encode.lines(one.description, _TEXT), ["Deprecated."] if one.deprecated else []):
        if more and more != found:
            found += ["", *more]
    found += ["", "Args:", *_described_arguments(one, package, types, spread)]
    errors = [(_ERRORS[answer.status], answer) for answer in one.answers if answer.status in _ERRORS]
    if errors:
        found += ["", "Raises:"]
        found += [f"    {name}: {encode.line(answer.description) or 'see its problem.'}" for name, answer in errors]
    return [part for line in found for part in _short(line)]


def _short(line: str) -> list[str]:
    """A line of arguments, broken where it is too long."""
    if len(line) <= _TEXT or not line.startswith("    "):
        return [line]
    first, *rest = encode.lines(line, _TEXT - 8)
    return [f"    {first}", *(f"        {part}" for part in rest)]


def _described_arguments(one: Operation, package: Package, types: Types, spread: bool) -> Iterator[str]:
    names = package.arguments[one.key]
    for each in one.parameters:
        told = encode.line(each.description) or f"{encode.line(each.name)} ({each.location})."
        yield f"    {names[each.key]}: {told}{' Deprecated.' if each.deprecated else ''}"
    for field in _fields(one, types):
        yield f"    {names[f'property:{field.key.raw}']}: {encode.line(field.description) or 'see the model.'}"
    if one.body is not None:
        yield "    body: " + (
            "all of these properties at once." if spread else encode.line(one.body.description) or "what is sent."
        )
    yield "    options: what is different for this call."
