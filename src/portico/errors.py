"""The errors that Portico raises before and beside requests.

    PorticoError
    ├── ConfigError           portico.toml or a PORTICO_* variable is wrong
    ├── DesignError           a document has faults; carries its findings
    ├── HandlerError          a handler is missing, or has drifted from the document
    ├── Unavailable           something that is needed cannot be reached, or has no room; answered with 503
    └── NotWritten            a stub was called that nobody has filled in yet (answered with 501)

What goes wrong inside a request is a problem of `portico.gateway.problems`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portico.design.findings import Finding


class PorticoError(Exception):
    """The root of all errors that Portico raises on purpose. The message says what to do."""


class ConfigError(PorticoError):
    """The configuration cannot be used."""


class DesignError(PorticoError):
    """A document cannot be used; `findings` says why, place by place."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class HandlerError(PorticoError):
    """A handler cannot be found, or its signature does not fit the document."""


class Unavailable(PorticoError):
    """Something that is needed cannot be reached now, or has no room left. Trying again later may help."""


class NotWritten(PorticoError):
    """Raised by a generated stub until somebody writes the operation."""
