"""JSON out: what handlers return, as Connexion's users expect it.

orjson writes it, with Connexion's own rules for the values that JSON has no type for; what orjson refuses (keys that
are no strings, integers over 64 bits) is left to Connexion's encoder. msgspec, which reads requests, cannot be told to
write a date-time without a zone as UTC, and Connexion does (docs/adr/0002-encoding-answers.md).
"""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import orjson
from connexion.jsonifier import Jsonifier

OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_PASSTHROUGH_DATETIME

_connexion = Jsonifier()


def json(value: Any) -> bytes:
    """A value as JSON, with a line end, as Connexion's Jsonifier writes it but faster.

    Raises:
        TypeError: the value holds something that JSON cannot express.
    """
    try:
        return orjson.dumps(value, _default, OPTIONS)
    except TypeError:
        return _connexion.dumps(value).encode()  # type: ignore[no-any-return]


def _default(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.isoformat("T") if value.tzinfo else f"{value.isoformat('T')}Z"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"a {type(value).__name__} is not JSON")
