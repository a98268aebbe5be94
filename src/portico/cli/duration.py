"""How long something takes, as people write it: `90d`, `12h`."""

from __future__ import annotations

import re
import time

from portico.errors import PorticoError

_DURATION = re.compile(r"([0-9]{1,6})\s*([smhd]?)")
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class DurationInvalid(PorticoError):
    """What was given is no duration."""


def seconds(duration: str) -> float:
    """A duration in seconds.

    Args:
        duration: as it was typed.

    Raises:
        DurationInvalid: it is none.
    """
    found = _DURATION.fullmatch(duration)
    if found is None or (not found[2] and float(found[1])):  # 0 needs no unit
        raise DurationInvalid(f"{duration!r} is no duration. Write 90d, 12h or 30m.")
    return float(found[1]) * _UNITS[found[2] or "s"]


def end(duration: str | None) -> float | None:
    """When something ends that begins now, in seconds since the epoch; None where nothing was typed.

    Args:
        duration: as it was typed.

    Raises:
        DurationInvalid: it is none.
    """
    return None if duration is None else time.time() + seconds(duration)
