"""What `portico stubs` did, and what it leaves to a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from portico.design.findings import Finding, Severity
from portico.design.model import Json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class Appended:
    """A function that was written."""

    file: str
    function: str
    operation: str  # its id


@dataclass(frozen=True, slots=True)
class Changed:
    """A function whose signature is not what the document wants (any more). It was not touched."""

    file: str
    line: int  # from 1
    function: str
    operation: str  # its id
    diff: str  # unified: what it is, and what the document wants
    faults: tuple[str, ...]  # why it cannot be called as it is; none: it works, but says or takes less


@dataclass(frozen=True, slots=True)
class Removed:
    """A stub, or what became of one, whose operation is no longer in the document. It was not touched."""

    file: str
    line: int  # from 1
    function: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An operation that the document itself gives to code where no stubs are written."""

    operation: str  # its id
    target: str  # "views.pets.search"


@dataclass(frozen=True, slots=True)
class StubsReport:
    """What was done for one document, and what is left to do. Printing it says both."""

    api: str
    created: tuple[str, ...] = ()  # files
    updated: tuple[str, ...] = ()  # files of types that were written again
    appended: tuple[Appended, ...] = ()
    changed: tuple[Changed, ...] = ()
    removed: tuple[Removed, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    findings: tuple[Finding, ...] = ()  # files that could not be read or written

    @property
    def fits(self) -> bool:
        """Whether every handler can answer its operation."""
        return not self.findings and not any(change.faults for change in self.changed)

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to say."""
        parts = (self.created, self.updated, self.appended, self.changed, self.removed, self.findings)
        return not any(parts)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.quiet:
            yield f"{self.api}: every operation has its function."
        yield from (f"created   {file}" for file in self.created)
        yield from (f"updated   {file}" for file in self.updated)
        yield from (f"appended  {one.file}: {one.function}" for one in self.appended if one.file not in self.created)
        new = [one for one in self.appended if one.file in self.created]
        if new:
            yield f"          {len(new)} function{'s' * (len(new) != 1)} to write"
        for change in self.changed:
            yield f"changed   {change.file}:{change.line}: {change.function}"
            yield from (f"          {fault}" for fault in change.faults)
            yield from (f"    {line}" for line in change.diff.splitlines())
        for one in self.removed:
            yield f"removed   {one.file}:{one.line}: {one.function} answers no operation any more; delete it"
        yield from (f"elsewhere {one.operation}: {one.target} is for you to write" for one in self.elsewhere)
        yield from map(str, self.findings)

    def as_json(self) -> dict[str, Json]:
        """The same as data."""
        parts: dict[str, Json] = {
            name: [_plain(one) for one in getattr(self, name)] for name in self.__slots__ if name != "api"
        }
        return {"api": self.api, **parts, "fits": self.fits}


def _plain(part: str | DataclassInstance) -> Json:
    if isinstance(part, str):
        return part
    return {
        name: list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Severity) else value
        for name, value in asdict(part).items()
    }
