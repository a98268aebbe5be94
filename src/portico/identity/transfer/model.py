"""A person on the way in, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portico.identity.users.accounts import NewUser


class Form(StrEnum):
    """How a file is written."""

    CSV = "csv"  # RFC 4180, with a header
    JSONL = "jsonl"  # a JSON object a line


@dataclass(frozen=True, slots=True)
class Incoming:
    """Somebody whom a row describes."""

    line: int  # where the row begins
    new: NewUser
    id: str | None = None  # the subject of tokens, where it is to stay the same
    created_at: float | None = None  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken."""

    line: int
    reason: str  # never holds a hash


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file's rows, so far or in all."""

    added: int = 0
    present: int = 0  # that were there already, and were left as they are
    refused: int = 0
    position: int = 0  # bytes of the file that have been read
