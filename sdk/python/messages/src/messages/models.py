"""The objects of Messages. Written by `portico sdk`."""

# ruff: noqa: E501, F401, I001  (texts are as long as they are, and every module imports the same)

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypeAlias
from uuid import UUID

from ._runtime.absent import ABSENT, Absent
from ._runtime.enumeration import OpenInt, OpenStr
from ._runtime.model import READ_ONLY, Model, Unknown
from ._runtime.payload import Upload


class Message(Model):
    """A short text."""

    _fields_ = (
        ("text", "text", True, "str"),
    )
    text: str
    """What is said."""


class Answer(Model):
    """The answer to a message."""

    _fields_ = (
        ("text", "text", True, "str"),
    )
    text: str
    """What is said back."""


class Problem(Model):
    """What went wrong, in a form that programs can read."""

    _fields_ = (
        ("type", "type", False, "str"),
        ("title", "title", True, "str"),
        ("status", "status", True, "int"),
        ("detail", "detail", False, "str"),
        ("request_id", "request_id", False, "str"),
        ("errors", "errors", False, ("list", "ProblemErrorsItem")),
    )
    type: str | Absent = ABSENT
    """Names the kind of problem."""
    title: str
    """The kind of problem in words."""
    status: int
    """The status code."""
    detail: str | Absent = ABSENT
    """What went wrong this time."""
    request_id: str | Absent = ABSENT
    """Name this when you report the problem."""
    errors: list[ProblemErrorsItem] | Absent = ABSENT
    """Every fault of the request, each with its place."""


class ProblemErrorsItem(Model):
    _fields_ = (
        ("in", "in_", False, "str"),
        ("pointer", "pointer", False, "str"),
        ("detail", "detail", True, "str"),
    )
    in_: str | Absent = ABSENT
    """Body or parameter."""
    pointer: str | Absent = ABSENT
    """The place in the body (RFC 6901)."""
    detail: str
    """What is wrong."""


_types_: dict[str, Any] = {
}
