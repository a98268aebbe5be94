"""Whether a call is tried again, and when: decisions, which wait for nothing and send nothing."""

from __future__ import annotations

import email.utils
from collections.abc import Callable

from .errors import ConnectionFailed
from .headers import Headers
from .options import Retries

_LOST = frozenset((408, 500, 502, 503, 504))  # something may have been done: for what may be sent twice


def is_retried(status: int, *, idempotent: bool) -> bool:
    """Whether an answer is worth another attempt.

    Args:
        status: of the answer.
        idempotent: whether the call may be sent twice.
    """
    return status == 429 or (idempotent and status in _LOST)


def is_sent_again(error: ConnectionFailed, *, idempotent: bool) -> bool:
    """Whether a call without an answer is worth another attempt.

    Args:
        error: why there is none.
        idempotent: whether the call may be sent twice.
    """
    return idempotent or not error.reached


def pause(retries: Retries, attempt: int, asked: float | None, random: Callable[[], float]) -> float | None:
    """Seconds until the next attempt, at random (AWS Architecture Blog, "Exponential Backoff And Jitter": full jitter).

    Args:
        retries: how many there are.
        attempt: how many there were, the first among them.
        asked: seconds that the server asks for.
        random: gives a number from 0 to 1.

    Returns:
        None where there is no further attempt.
    """
    if attempt > retries.count or (asked is not None and asked > retries.max_retry_after):
        return None
    drawn = random() * min(retries.cap, retries.base * 2 ** (attempt - 1))
    return float(max(drawn, asked or 0.0))


def retry_after(headers: Headers, *, now: float) -> float | None:
    """Seconds that an answer asks to wait (RFC 9110 section 10.2.3). Of a date, by the server's own clock.

    Args:
        headers: of the answer.
        now: seconds since the epoch.
    """
    value = headers.get("retry-after")
    if value is None:
        return None
    if value.strip().isdecimal() and value.isascii():
        return float(value)
    then = http_date(value)
    if then is None:
        return None
    return max(0.0, then - (http_date(headers.get("date")) or now))


def http_date(text: str | None) -> float | None:
    """Seconds since the epoch of a date as HTTP writes it (RFC 9110 section 5.6.7).

    Args:
        text: such as "Sun, 06 Nov 1994 08:49:37 GMT".
    """
    if text is None:
        return None
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
