"""How much one document may be: bounds that real designs stay far below, and attacks do not."""

from __future__ import annotations

MAX_BYTES = 64_000_000  # of one file
MAX_FILES = 2_000  # of one document
MAX_DEPTH = 128  # of nesting; GitHub's document needs 21
MAX_ALIASED = 1_000_000  # nodes that YAML aliases may stand for, together
MAX_LINKS = 64  # references to references in a row
FETCH_TIMEOUT = 10.0  # seconds for one remote file
FETCH_TOTAL = 60.0  # seconds for all remote files of a document


class Unreadable(Exception):
    """A text is not YAML or JSON of the kind that a design may be."""

    def __init__(self, rule: str, message: str, line: int = 1, column: int = 1) -> None:
        self.rule, self.message, self.line, self.column = rule, message, line, column
        super().__init__(message)
