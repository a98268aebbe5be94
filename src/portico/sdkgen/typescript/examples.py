"""The document's examples as calls, and whether they can be sent: the generated tests make these calls."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portico.design.model import Json
from portico.sdkgen.plan import Operation, Parameter, Part, Record, Scheme
from portico.sdkgen.typescript import encode, metadata
from portico.sdkgen.typescript.names import Package
from portico.sdkgen.typescript.types import Types

_LONGEST = 20_000  # characters of an example
_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_HEADER = re.compile(r"[\t\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that works."""

    source: str  # the arguments, as an object literal; "" where there are none
    type: str  # the Content-Type header that is sent, or ""
    answer: str  # the JSON that is answered, or ""
    open: bool  # whether it is called by nobody: no scheme of it can be satisfied


def call(one: Operation, package: Package, spread: Collection[str] | None, types: Types) -> Call | None:
    """The document's example of an operation; None where there is none, or one that cannot be sent.

    Args:
        one: of the plan.
        package: what things are called.
        spread: names of the body's properties that are arguments; None: they are none.
        types: of the package.
    """
    example = one.example
    if example is None or len(repr((example.parameters, example.body))) > _LONGEST:
        return None
    names = package.arguments[one.key]
    given: dict[str, Any] = {}
    for each in one.parameters:
        if not each.required or each.constant is not None:
            continue
        value = example.parameters.get(each.key)
        if not _is_sendable(each, value):
            return None
        given[names[each.key]] = value
    body = _body(one, example.body, spread, types) if one.body is not None and example.has_body else {}
    if body is None or (one.method in ("GET", "HEAD") and body) or (one.body and one.body.required and not body):
        return None
    try:
        source = encode.value({**given, **body}, exact=True) if given or body else ""
        answer = _answer(one, example.answer, types) if example.has_answer else ""
    except (ValueError, RecursionError):
        return None
    sent = metadata.media_type(one.body.contents[0].media_type) if one.body is not None and body else ""
    return Call(source, sent, answer, _is_open(one, types.sdk.schemes))


def _is_sendable(one: Parameter, value: Json) -> bool:
    """Whether a value can stand where the parameter is."""
    if not _is_text(value):
        return False
    if one.location == "path":
        return value not in (None, "", ".", "..") and not isinstance(value, list | dict)
    if one.location == "header" and _NAME.fullmatch(one.name.raw) is None:
        return False
    if one.location in ("header", "cookie"):
        return isinstance(value, bool | int | float) or (
            isinstance(value, str) and _HEADER.fullmatch(value) is not None
        )
    return one.location == "query"


def _is_text(value: Json) -> bool:
    try:
        repr(value).encode()
        encode.json_text(value).encode()
    except (UnicodeEncodeError, RecursionError, TypeError):
        return False
    return not _has_half(value)


def _has_half(value: Json) -> bool:
    """Whether a text in it has half of a character, which no URL can have."""
    if isinstance(value, str):
        return any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, Mapping):
        return any(_has_half(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(map(_has_half, value))


def _body(one: Operation, body: Json, spread: Collection[str] | None, types: Types) -> dict[str, Any] | None:
    """The body as arguments; None where it cannot be sent."""
    assert one.body is not None  # noqa: S101  the caller has looked
    content = one.body.contents[0]
    if content.kind in ("text", "binary", "events"):
        return {"body": body if isinstance(body, str) and body else "..."}
    if _has_half(body):
        return None
    if content.kind == "jsonl":
        return {"body": [body]}
    if content.kind in ("form", "multipart"):
        return (
            {"body": _form(body, {part.name.raw: part for part in content.parts})} if isinstance(body, dict) else None
        )
    if isinstance(body, dict) and body and spread is not None and _required(one, types) <= body.keys() <= set(spread):
        return dict(body)
    return {"body": body}


def _required(one: Operation, types: Types) -> set[str]:
    """The names of the body's properties that must be given."""
    record = types.declared.get(one.body.spread or "") if one.body is not None else None
    fields = record.fields if isinstance(record, Record) else ()
    return {each.key.raw for each in fields if each.required and not each.read_only}


def _form(body: dict[str, Json], parts: Mapping[str, Part]) -> dict[str, Json]:
    return {name: _part(value, parts.get(name)) for name, value in body.items()}


def _part(value: Json, part: Part | None) -> Json:
    if part is None or not part.file:
        return value
    one = value if isinstance(value, str) else "..."
    return [one] if part.repeated else one


def _answer(one: Operation, answer: Json, types: Types) -> str:
    """The JSON that the server of the tests answers; "" for none: the document's is not what it says itself."""
    if one.result_kind != "json" or metadata.shape_of(one, types) not in (None, _json_type(answer)):
        return ""
    text = encode.json_text(answer, indent=None)
    return text if len(text) <= _LONGEST and "Infinity" not in text and "NaN" not in text else ""


def _json_type(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (str, "string"),
        ((int, float), "number"),
        (list, "array"),
        (dict, "object"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def _is_open(one: Operation, schemes: Iterable[Scheme]) -> bool:
    usable = {scheme.key for scheme in schemes if scheme.kind != "none" and scheme.location != "cookie"}
    return bool(one.requirements) and not any(all(need.scheme in usable for need in each) for each in one.requirements)
