"""Times as signatures write them: ISO 8601's basic format, in UTC, to the second."""

from __future__ import annotations

import calendar
import time
from functools import lru_cache

from portico.signing.errors import IncompleteSignature
from portico.signing.text import shown

_LENGTH = len("20150830T123600Z")


@lru_cache(maxsize=1_024)
def seconds(moment: bytes) -> float:
    """Seconds since the epoch.

    Args:
        moment: YYYYMMDD'T'HHMMSS'Z'.

    Raises:
        IncompleteSignature: it is not written like this, or there is no such time.
    """
    date, clock = moment[:8], moment[9:15]
    if len(moment) == _LENGTH and moment[8:9] == b"T" and moment[15:] == b"Z" and (date + clock).isdigit():
        try:
            return float(calendar.timegm(time.strptime(moment.decode(), "%Y%m%dT%H%M%SZ")))
        except ValueError:
            pass  # the 31st of February
    raise IncompleteSignature(
        f"Date must be in ISO-8601 'basic format'. Got {shown(moment)}. It is written like 20150830T123600Z, in UTC."
    )


def moment(at: float) -> str:
    """The time as a signature writes it.

    Args:
        at: seconds since the epoch.
    """
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
