"""The document's examples as calls in Python, and whether they work: each is tried with the runtime that is shipped."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portico.design.model import Json
from portico.sdkgen.plan import Enumeration, Operation, Record, Scalar, Sdk
from portico.sdkgen.python import encode
from portico.sdkgen.python.names import Package
from portico.sdkgen.python.runtime import jsontext, values
from portico.sdkgen.python.runtime.absent import ABSENT
from portico.sdkgen.python.runtime.codec import Codec, Codecs, record
from portico.sdkgen.python.runtime.errors import SdkError
from portico.sdkgen.python.runtime.model import Model
from portico.sdkgen.python.runtime.operation import Arguments
from portico.sdkgen.python.runtime.operation import Operation as Compilable
from portico.sdkgen.python.types import Types

_LONGEST = 20_000  # characters of an example
_MADE = {
    "date": "dt.date.fromisoformat({})",
    "datetime": "dt.datetime.fromisoformat({})",
    "decimal": "Decimal({})",
    "uuid": "UUID({})",
}


def _moment(text: str) -> object:
    return values.time_text(dt.datetime.fromisoformat(text))  # one without a time zone is not sent


_MAKERS: Mapping[str, Callable[[str], object]] = {
    "date": dt.date.fromisoformat,
    "datetime": _moment,
    "decimal": lambda text: values.decimal_text(Decimal(text)),
    "uuid": uuid.UUID,
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call that works."""

    arguments: tuple[str, ...]  # as source, each with its name
    target: str  # that the server sees, below the base path
    answer: bytes | None  # of the server; None: the document shows none, or one that does not fit


class Trial(Codecs):
    """Codecs of a package that is only planned.

    Args:
        sdk: the plan.
        package: what things are called.
        types: the types in Python.
    """

    def __init__(self, sdk: Sdk, package: Package, types: Types) -> None:
        super().__init__("")
        self._plan = {package.types[one.key]: one for one in sdk.types}
        self._package = package
        self._types = types

    def _declared(self, name: str) -> Codec:
        found = self._plan[name]
        if isinstance(found, Record):
            rows = tuple(self._types.fields(found, self._package.fields[found.key]))
            made = record(self, type("Planned", (Model,), {"_fields_": rows}))
        elif isinstance(found, Enumeration):
            made = self.get("str" if found.kind == "string" else "int")
        else:
            made = self.late(self._types.declaration(found))
        return self._named.setdefault(name, made)


def call(one: Operation, compilable: Compilable, trial: Trial, types: Types) -> Call | None:
    """The document's example of an operation; None where it cannot be sent.

    Args:
        one: of the plan.
        compilable: the same for the runtime.
        trial: the package's codecs.
        types: the types in Python.
    """
    example = one.example
    if example is None or len(repr((example.parameters, example.body))) > _LONGEST:
        return None
    given = [_filled(each, example.parameters.get(each.key, ABSENT)) for each in one.parameters]
    bodies = _bodies(one, compilable, example.body if example.has_body else None, types)
    try:
        compiled = compilable.compiled(trial)
        target = compiled.target(given)
        compiled.add_headers(given, {})
        compiled.body(bodies.given, None)
        if len(target) > _LONGEST:
            return None
    except (SdkError, ValueError, TypeError, RecursionError):
        return None
    named = [
        f"{parameter.argument}={_value(parameter.type, value)}"
        for parameter, value in zip(compilable.parameters, given, strict=True)
        if value is not ABSENT
    ]
    answer = _answer(compilable, compiled.result, example.answer) if example.has_answer else None
    return Call((*named, *bodies.source), target, answer)


def _filled(parameter: Any, value: Json | Any) -> Any:
    """A value that a required parameter can be called with."""
    if parameter.constant is not None and parameter.required and value is ABSENT:
        return parameter.constant.raw if hasattr(parameter.constant, "raw") else parameter.constant
    if parameter.location == "path" and value in (None, "", ".", "..", [], {}, ABSENT):
        filled: Json = "1" if parameter.type == Scalar("string") else 1
        return {"a": "1"} if isinstance(value, dict) else [filled] if isinstance(value, list) else filled
    return value


@dataclass(frozen=True, slots=True)
class _Bodies:
    given: Arguments
    source: tuple[str, ...]


def _bodies(one: Operation, compilable: Compilable, body: Json, types: Types) -> _Bodies:
    """How the body is given: as arguments where it can be."""
    if one.body is None or not compilable.bodies:
        return _Bodies(Arguments(), ())
    kind = compilable.bodies[0].kind
    if kind in ("text", "binary", "events"):
        text = body if isinstance(body, str) else "..."
        return _Bodies(Arguments(body=text), (f"body={encode.literal(text)}{'' if kind == 'text' else '.encode()'}",))
    if kind == "jsonl":
        return _Bodies(Arguments(body=[body]), (f"body=[{encode.constant(body)}]",))
    known = {each.name: each for each in compilable.properties}
    spread = isinstance(body, dict) and body and body.keys() <= known.keys()
    if isinstance(body, dict) and kind == "multipart":
        body = {name: _file(value) for name, value in body.items()}
    if spread and isinstance(body, dict):
        given = Arguments(properties=[body.get(name, ABSENT) for name in known])
        kinds = _kinds(one, types)
        return _Bodies(
            given, tuple(f"{known[name].argument}={_value(kinds.get(name), value)}" for name, value in body.items())
        )
    return _Bodies(Arguments(body=body), (f"body={encode.constant(body)}",))


def _kinds(one: Operation, types: Types) -> dict[str, Any]:
    """The types of the properties that are arguments, by their names on the wire."""
    record = types.declared.get(one.body.spread) if one.body is not None and one.body.spread is not None else None
    return {each.key.raw: types.expression(each.type) for each in record.fields} if isinstance(record, Record) else {}


def _file(value: Json) -> Json:
    return value if value is not None else ""


def _value(expression: Any, value: Any) -> str:
    """A value of a parameter, as its own type where it has one."""
    form = _MADE.get(expression) if isinstance(expression, str) else None
    if form is None or not isinstance(value, str | int | float) or isinstance(value, bool):
        return encode.constant(value)
    try:
        _MAKERS[expression](str(value))
    except (ValueError, ArithmeticError, SdkError):
        return encode.constant(value)  # not what it should be: the server will say so
    return form.format(encode.literal(str(value)))


def _answer(compilable: Compilable, result: Codec, answer: Json) -> bytes | None:
    if compilable.kind != "json":
        return None
    try:
        written = jsontext.write(answer)
        result.read(jsontext.read(written, exact=compilable.exact))
    except (SdkError, ValueError, RecursionError):
        return None
    return written if len(written) <= _LONGEST else None
