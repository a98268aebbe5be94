"""Whether a conditional request is to be answered in full (RFC 9110 section 13). Pure functions of headers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import formatdate, parsedate_to_datetime
from typing import Literal


def evaluate(headers: Mapping[str, str], *, etag: str, modified: int | None) -> Literal[304, 412] | None:
    """Evaluate a GET's or HEAD's preconditions, in the order of RFC 9110 section 13.2.2.

    Args:
        headers: the request's, by lower-case name.
        etag: the strong entity tag of what would be sent, with its quotes.
        modified: when that was last modified, in whole seconds since the epoch.

    Returns:
        The status that answers the request, or None when it is to be answered in full.
    """
    if "if-match" in headers:
        if not _matches(headers["if-match"], etag, weakly=False):
            return 412
    elif "if-unmodified-since" in headers and modified is not None:
        since = timestamp(headers["if-unmodified-since"])
        if since is not None and modified > since:
            return 412
    if "if-none-match" in headers:
        return 304 if _matches(headers["if-none-match"], etag, weakly=True) else None
    if "if-modified-since" in headers and modified is not None:
        since = timestamp(headers["if-modified-since"])
        if since is not None and modified <= since:
            return 304
    return None


def range_applies(headers: Mapping[str, str], *, etag: str, modified: int | None) -> bool:
    """Whether `Range` may be honoured: without `If-Range`, or when that names exactly what we have (section 13.1.5)."""
    condition = headers.get("if-range", "").strip()
    if not condition:
        return True
    if condition.startswith(('"', "W/")):
        return condition == etag  # strong comparison: a weak tag never matches
    return modified is not None and timestamp(condition) == modified


def http_date(seconds: int) -> str:
    """A time as HTTP writes it (RFC 9110 section 5.6.7)."""
    return formatdate(seconds, usegmt=True)


def timestamp(text: str) -> int | None:
    """The time that an HTTP date means, or None when it is no date."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return int(moment.timestamp())
    except (ValueError, OverflowError):
        return None


def _matches(header: str, etag: str, *, weakly: bool) -> bool:
    """Whether a list of entity tags contains ours. Ours hold no commas, so splitting at commas is safe."""
    if header.strip() == "*":
        return True
    tags = (tag.strip() for tag in header.split(","))
    return any((tag.removeprefix("W/") if weakly else tag) == etag for tag in tags)
