"""Values that lose nothing: times, dates, decimals, bytes, and numbers that remember their digits."""

from __future__ import annotations

import base64
import binascii
import datetime
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from .errors import BadArgument, DoesNotFit

_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)  # as RFC 3339 has it; many servers leave out the seconds or the zone
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL = re.compile(r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([Ee][+-]?[0-9]+)?")
_MINUTE = datetime.timedelta(minutes=1)
_LEAP = re.compile(r"(T\d\d:\d\d):60", re.IGNORECASE)
_URL_SAFE = str.maketrans("-_", "+/", "=\r\n")


class DateTime(datetime.datetime):
    """A time as it was written: `text` has what a `datetime` cannot hold, such as more than six digits of a second."""

    text: str | None = None  # None: computed, not read

    @classmethod
    def parse(cls, text: str) -> DateTime:
        """A time from its text (RFC 3339).

        Args:
            text: such as 2026-05-04T09:30:00Z.

        Raises:
            ValueError: it is none.
        """
        if not _TIME.fullmatch(text):
            raise ValueError("no date and time")
        try:
            found = cls.fromisoformat(text)
        except ValueError:
            found = cls.fromisoformat(_LEAP.sub(r"\1:59", text).upper())
        found.text = text
        return found

    def __reduce_ex__(self, protocol: Any) -> Any:
        return super().__reduce_ex__(protocol) if self.text is None else (DateTime.parse, (self.text,))


class Number(float):
    """A number that remembers its digits, of answers in which digits matter."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Number:  # noqa: D102
        found = super().__new__(cls, text)
        found.text = text
        return found

    def __reduce__(self) -> tuple[type[Number], tuple[str]]:
        return Number, (self.text,)


def time_text(value: datetime.datetime) -> str:
    """A time as RFC 3339 has it.

    Args:
        value: with a time zone.

    Raises:
        BadArgument: it has no time zone, so nobody knows when it is.
    """
    text = getattr(value, "text", None)
    if text is not None:
        return str(text)
    offset = value.utcoffset()
    if offset is None:
        raise BadArgument("A time without a time zone cannot be sent: write datetime(..., tzinfo=timezone.utc).")
    if offset % _MINUTE:
        raise BadArgument(f"A time zone of {offset} cannot be sent: RFC 3339 has whole minutes.")
    written = value.isoformat()
    return f"{written[:-6]}Z" if written.endswith("+00:00") else written


def read_time(raw: Any) -> DateTime:
    """A time of an answer."""
    try:
        return DateTime.parse(raw)
    except (ValueError, TypeError):
        raise DoesNotFit("no date and time") from None


def read_date(raw: Any) -> datetime.date:
    """A date of an answer."""
    try:
        if _DATE.fullmatch(raw):
            return datetime.date.fromisoformat(raw)
    except (ValueError, TypeError):
        pass
    raise DoesNotFit("no date")


def read_decimal(raw: Any) -> Decimal:
    """A decimal of an answer, from its digits."""
    if isinstance(raw, Number):
        return Decimal(raw.text)
    if type(raw) is bool or not isinstance(raw, (int, float, str)):
        raise DoesNotFit("no decimal")
    if type(raw) is int:
        return Decimal(raw)
    text = raw if isinstance(raw, str) else repr(raw)
    if not _DECIMAL.fullmatch(text):
        raise DoesNotFit("no decimal")
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent that no decimal has
        raise DoesNotFit("no decimal") from None


def decimal_text(value: Decimal) -> str:
    """A decimal as JSON writes numbers, with all of its digits.

    Raises:
        BadArgument: it is infinite, or no number.
    """
    if not value.is_finite():
        raise BadArgument(f"{value} cannot be sent: JSON has no such number.")
    return str(value)


def read_bytes(raw: Any) -> bytes:
    """Bytes of an answer, from base64 (RFC 4648 sections 4 and 5, with or without padding)."""
    try:
        text = raw.translate(_URL_SAFE)
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (AttributeError, ValueError, binascii.Error):
        raise DoesNotFit("no base64") from None


def bytes_text(value: bytes | bytearray | memoryview) -> str:
    """Bytes as base64 (RFC 4648 section 4)."""
    return base64.b64encode(value).decode()
