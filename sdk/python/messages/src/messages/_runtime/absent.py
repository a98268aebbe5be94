"""What is not there: a property or an argument that nobody gave. `None` is another thing: JSON's null."""

from __future__ import annotations

import enum
from typing import Final, Literal


class Absent(enum.Enum):
    """The type of `ABSENT`: type checkers narrow `value is ABSENT`."""

    ABSENT = "ABSENT"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT
"""Not given, not there."""
