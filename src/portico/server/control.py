"""What the parent process and its workers say to one another: JSON lines over a pair of sockets.

worker -> parent   Ready | Failed, once
parent -> worker   "stop" | "interrupt" | "retire" | "stale" | "fresh"
end of the stream  the other has gone: a worker then stops
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from portico.errors import DesignError, PorticoError

STOP = "stop"  # drain and end, as on SIGTERM
INTERRUPT = "interrupt"  # as on Ctrl-C
RETIRE = "retire"  # another worker has taken over
STALE = "stale"  # what is served is not what lies on disk, because that has faults
FRESH = "fresh"  # it is again
BEAT = b"\n"


class ApiSummary(msgspec.Struct, frozen=True):
    """One API, as the start screen shows it."""

    name: str
    title: str
    base_path: str
    operations: int
    unwritten: int


class Ready(msgspec.Struct, frozen=True, tag=True):
    """A worker answers requests."""

    apis: list[ApiSummary]
    files: list[str]  # what it was made from, beside the folders that are watched anyway
    mailbox: str = ""  # the page with the mails of development, where there is one


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A worker cannot start."""

    message: str
    findings: list[dict[str, str | int]] = []

    @classmethod
    def of(cls, error: PorticoError) -> Failed:
        """What a process that could not start tells its parent."""
        findings = msgspec.to_builtins(error.findings) if isinstance(error, DesignError) else []
        return cls(str(error), list(findings))

    @property
    def error(self) -> PorticoError:
        """The error as the worker raised it."""
        if not self.findings:
            return PorticoError(self.message)
        from portico.design.findings import Finding  # late: a parent whose workers start needs nothing of the design

        return DesignError(msgspec.convert(self.findings, list[Finding]))


Outcome: TypeAlias = Ready | Failed

_encode = msgspec.json.Encoder().encode
_outcomes: msgspec.json.Decoder[Outcome] = msgspec.json.Decoder(Outcome)


def line(message: Outcome | str) -> bytes:
    """A message as it goes over the wire."""
    return _encode(message) + b"\n"


def outcome(text: bytes) -> Outcome:
    """What a worker said.

    Raises:
        msgspec.DecodeError: nothing that a worker says.
    """
    return _outcomes.decode(text)


def command(text: bytes) -> str:
    """What the parent said.

    Raises:
        msgspec.DecodeError: nothing that a parent says.
    """
    return msgspec.json.decode(text, type=str)
