"""Files row by row, in bounded memory, whatever they hold."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Final

import msgspec

from portico.identity.transfer.columns import LONGEST, incoming
from portico.identity.transfer.errors import FileRefused, RowRefused
from portico.identity.transfer.model import Form, Incoming, Refused

COLUMNS = 200  # of a CSV file
_BOM = b"\xef\xbb\xbf"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets run (CWE-1236)


class Lines:
    """The lines of a file; one that is too long is refused, and the next is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.number = 0  # of the last line
        self.position = 0  # bytes that have been read

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LONGEST + 1)
        self.number += 1
        self.position += len(line)
        if not line:
            raise StopIteration
        if len(line) > LONGEST and not line.endswith(b"\n"):
            self._skip()
            raise RowRefused(f"a row has at most {LONGEST} bytes")
        if self.number == 1:
            line = line.removeprefix(_BOM)
        return line.decode("utf-8", "surrogateescape")

    def _skip(self) -> None:
        while rest := self._file.readline(LONGEST):
            self.position += len(rest)
            if rest.endswith(b"\n"):
                return


def read(lines: Lines, form: Form, *, skip: frozenset[str] = frozenset()) -> Iterator[Incoming | Refused]:
    """The people of a file, and the rows that describe nobody.

    Args:
        lines: of the file.
        form: how it is written.
        skip: columns that are passed over.

    Raises:
        FileRefused: a CSV file has no header that can be used.
    """
    rows = _csv(lines) if form is Form.CSV else _jsonl(lines)
    for line, cells in rows:
        try:
            if isinstance(cells, RowRefused):
                raise cells
            yield incoming(line, {name: value for name, value in cells.items() if name not in skip})
        except RowRefused as refusal:
            yield Refused(line, str(refusal))


def _jsonl(lines: Lines) -> Iterator[tuple[int, Mapping[str, object] | RowRefused]]:
    while True:
        try:
            text = next(lines)
            if not text.strip():
                continue
            yield lines.number, _object(text)
        except StopIteration:
            return
        except RowRefused as refusal:
            yield lines.number, refusal


def _object(text: str) -> dict[str, object]:
    try:
        cells = msgspec.json.decode(text.encode("utf-8", "surrogateescape"), type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise RowRefused("this is no JSON object") from None
    attributes = cells.pop("attributes", None) or {}
    if not isinstance(attributes, dict):
        raise RowRefused("attributes must be an object")
    return cells | {f"attributes.{name}": value for name, value in attributes.items()}


def _csv(lines: Lines) -> Iterator[tuple[int, Mapping[str, object] | RowRefused]]:
    reader = csv.reader(lines, strict=True)
    header = _header(reader)
    while True:
        begins = lines.number + 1
        try:
            cells = next(reader)
            if not cells:
                continue
            yield begins, _row(header, cells)
        except StopIteration:
            return
        except RowRefused as refusal:
            yield begins, refusal
        except csv.Error as error:
            yield begins, RowRefused(f"this is no CSV from here to line {lines.number}: {error}")


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        header = [name.strip() for name in next(reader)]
    except (StopIteration, csv.Error, RowRefused):
        header = []
    if len(header) > COLUMNS or len(set(header)) < len(header) or "" in header:
        raise FileRefused("The header must name each column once.")
    if not {"username", "cognito:username", "email"}.intersection(header):
        raise FileRefused("The first line must be a header with the column username or email, or both.")
    return header


def _row(header: Sequence[str], cells: Sequence[str]) -> dict[str, object]:
    if len(cells) != len(header):
        raise RowRefused(f"the row has {len(cells)} cells, the header {len(header)}")
    return {name: unguarded(cell) for name, cell in zip(header, cells, strict=True)}


def guarded(cell: str) -> str:
    """A cell that a spreadsheet does not run as a formula: an apostrophe stands before it (OWASP, CSV Injection)."""
    return f"'{cell}" if cell.removeprefix("'").startswith(FORMULA) else cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].removeprefix("'").startswith(FORMULA) else cell
