"""Files of keys row by row, in API Gateway's format: CSV with a header, in bounded memory, whatever it holds.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-key-file-format.html
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from portico.access.keys import check, form
from portico.access.keys.errors import ApiKeyInvalid, KeyFileRefused
from portico.identity.transfer.errors import RowRefused
from portico.identity.transfer.rows import Lines
from portico.secret import Secret

NAME, KEY, DESCRIPTION, ENABLED, PLANS = "name", "key", "description", "enabled", "usageplanids"
TITLES = {NAME: "Name", KEY: "Key", DESCRIPTION: "Description", ENABLED: "Enabled", PLANS: "UsagePlanIds"}
COLUMNS = 100  # of a file

_SHOWN = re.compile(r"[A-Za-z0-9._-]{1,19}")  # an id that may be shown: it is too short to be a secret
_BOOLEANS = {"": True, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is not imported. It says nothing of the key's value."""

    line: int  # of the file, that the row begins in
    column: str  # "Key"; empty: the whole row
    mend: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A key, as a row has it. What is None stays as it is, where the key is there already."""

    line: int
    name: str
    secret: Secret
    description: str | None
    enabled: bool | None
    plans: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class PlanNames:
    """What the ids of API Gateway's usage plans are here."""

    known: Collection[str] | None = None  # names of auth/plans.yaml; None: any is taken
    of: Mapping[str, str] = field(default_factory=dict)  # names, by id
    usual: str | None = None  # of what is not known, and of keys that have none

    def find(self, id: str) -> str | None:
        """The name of a plan; None where there is none for the id.

        Args:
            id: as the file has it.
        """
        if id in self.of:
            return self.of[id]
        return id if self.known is None or id in self.known else self.usual


class KeyFile:
    """A file of keys."""

    def __init__(self, file: BinaryIO, plans: PlanNames) -> None:
        """Read its header.

        Args:
            file: in bytes.
            plans: what the ids of usage plans are.

        Raises:
            KeyFileRefused: it has no header with the columns Name and Key.
        """
        self._lines = Lines(file)
        self._reader = csv.reader(self._lines, strict=True)
        self._plans = plans
        self._header = _header(self._reader)

    @property
    def position(self) -> int:
        """Bytes that have been read."""
        return self._lines.position

    @property
    def ignored(self) -> tuple[str, ...]:
        """Columns that say nothing here."""
        return tuple(name for name in self._header if name not in TITLES)

    def __iter__(self) -> Iterator[Incoming | list[Fault]]:
        while True:
            begins = self._lines.number + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except RowRefused as refusal:
                yield [Fault(begins, "", f"{refusal}.")]
            except csv.Error:
                yield [Fault(begins, "", f"this is no CSV from here to line {self._lines.number}: look at the quotes.")]
            else:
                if any(cells):
                    yield self._row(begins, cells)

    def _row(self, line: int, cells: Sequence[str]) -> Incoming | list[Fault]:
        if any(cells[len(self._header) :]):
            told = f"it has {len(cells)} cells, the header {len(self._header)}: put quotes around values with commas."
            return [Fault(line, "", told)]
        row = dict(zip(self._header, (cell.strip() for cell in cells), strict=False))
        faults: list[Fault] = []

        def checked(column: str, problem: str | None) -> None:
            if problem is not None:
                faults.append(Fault(line, TITLES[column], problem))

        plans, unknown = self._plans_of(row.get(PLANS))
        for column in (NAME, DESCRIPTION):
            checked(column, _shown_secret(row.get(column, ""), row.get(KEY, "")))
        checked(NAME, _problem(check.name, row.get(NAME, "")))
        checked(KEY, _key_problem(row.get(KEY, "")))
        checked(DESCRIPTION, _problem(check.description, row.get(DESCRIPTION, "")))
        checked(ENABLED, _enabled_problem(row.get(ENABLED, "")))
        checked(PLANS, unknown)
        if faults:
            return faults
        return Incoming(
            line=line,
            name=row[NAME],
            secret=Secret(row[KEY]),
            description=row.get(DESCRIPTION),
            enabled=_BOOLEANS[row[ENABLED].lower()] if ENABLED in row else None,
            plans=plans,
        )

    def _plans_of(self, cell: str | None) -> tuple[tuple[str, ...] | None, str | None]:
        """The plans of a row, and what is wrong with them."""
        ids = [id for id in map(str.strip, (cell or "").split(",")) if id]
        if not ids:
            usual = () if self._plans.usual is None else (self._plans.usual,)
            return (None if cell is None and not usual else usual), None
        found = {id: self._plans.find(id) for id in ids}
        missing = [id for id, name in found.items() if name is None]
        if missing:
            shown = ", ".join(id if _SHOWN.fullmatch(id) else "(too long to be an id)" for id in missing[:5])
            return None, f"auth/plans.yaml has no plan {shown}. Say which is meant: --plan-map ID=PLAN, or --plan PLAN."
        try:
            return check.plans([name for name in found.values() if name is not None], self._plans.known), None
        except ApiKeyInvalid:
            return None, f"write at most {check.LISTED} names of plans, of at most {check.WORD} characters each."


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        header = [name.strip().lower() for name in next(reader)]
    except (StopIteration, csv.Error, RowRefused):
        header = []
    while header and not header[-1]:  # as spreadsheets leave them
        header.pop()
    if not {NAME, KEY}.issubset(header):
        raise KeyFileRefused(
            "The first line must be a header with the columns Name and Key, with commas between them, in UTF-8."
        )
    if len(header) > COLUMNS or len(set(header)) < len(header):
        raise KeyFileRefused("The header must name each column once.")
    return header


def _problem(check_: Callable[[str], object], value: str) -> str | None:
    try:
        check_(value)
    except ApiKeyInvalid as invalid:
        return invalid.mend
    return None


def _shown_secret(value: str, key: str) -> str | None:
    return "it holds the key's value, which everybody would read here." if key and key in value else None


def _key_problem(value: str) -> str | None:
    if not value:
        return "there is none; leave the row out, or make one: portico keys create."
    if not form.SHORTEST <= len(value) <= form.LONGEST:
        return f"it has {len(value):,} characters; a key has {form.SHORTEST} to {form.LONGEST}."
    raw = value.encode("utf-8", "surrogateescape")
    if form.is_mistyped(raw):
        return "it has the form of Portico's own keys, and is not one: there is a typing error in it."
    return None if form.may_be_one(raw) else "a key has only characters of ASCII that can be seen, and no spaces."


def _enabled_problem(value: str) -> str | None:
    return None if value.lower() in _BOOLEANS else "write true or false."
