"""What a row may say, under Portico's names and under those of a Cognito user pool.

Cognito's CSV names are in its Developer Guide, "Importing users into user pools from a CSV file".
"""

from __future__ import annotations

import datetime
import math
import uuid
from collections.abc import Iterable, Mapping
from typing import Final, get_args

from portico.identity.transfer.errors import RowRefused
from portico.identity.transfer.model import Incoming
from portico.identity.users.accounts import NewUser
from portico.identity.users.model import Status

FIELDS: Final = (
    "id", "username", "email", "email_verified", "status", "enabled", "groups", "created_at", "password_hash",
)  # fmt: skip
RENAMED: Final = {"cognito:username": "username", "sub": "id"}
IGNORED: Final = frozenset({"updated_at", "has_password", "cognito:mfa_enabled", "phone_number_verified"})
OURS, COGNITOS = "attributes.", "custom:"  # before the names of attributes
STATUSES: Final = get_args(Status)
LONGEST = 64 * 1024  # bytes of a row
_YES, _NO = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})


def incoming(line: int, cells: Mapping[str, object]) -> Incoming:
    """The person whom a row describes.

    Args:
        line: where the row begins.
        cells: column -> value: texts, or of JSON whatever fits. Empty ones say nothing. A column that is no field is
            an attribute.

    Raises:
        RowRefused: with the reason.
    """
    fields: dict[str, object] = {}
    attributes: dict[str, object] = {}
    for column, value in cells.items():
        _check_text(column, value)
        name = RENAMED.get(column, column)
        if name in IGNORED or value is None or value == "":
            continue
        if name in FIELDS:
            fields[name] = value
        else:
            attributes[name.removeprefix(OURS).removeprefix(COGNITOS)] = value
    if "username" not in fields and "email" not in fields:
        raise RowRefused("a row needs a username or an email")
    return Incoming(line, _person(fields, attributes), _id(fields.get("id")), _time(fields.get("created_at")))


def _person(fields: Mapping[str, object], attributes: Mapping[str, object]) -> NewUser:
    return NewUser(
        username=_text("username", fields.get("username")),
        email=_text("email", fields.get("email")),
        email_verified=_flag("email_verified", fields.get("email_verified", False)),
        password_hash=_text("password_hash", fields.get("password_hash")),
        attributes=attributes,
        groups=_groups(fields.get("groups", ())),
        status=_status(fields.get("status", "confirmed")),
        enabled=_flag("enabled", fields.get("enabled", True)),
    )


def _check_text(column: str, value: object) -> None:
    """Bytes that are no UTF-8 arrive as lone surrogates."""
    if any("\ud800" <= one <= "\udfff" for one in column) or (
        isinstance(value, str) and any("\ud800" <= one <= "\udfff" for one in value)
    ):
        raise RowRefused("this is not UTF-8")


def _text(name: str, value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise RowRefused(f"{name} must be a text")
    return value


def _flag(name: str, value: object) -> bool:
    word = str(value).casefold()
    if word not in _YES | _NO:
        raise RowRefused(f"{name} must be true or false")
    return word in _YES


def _groups(value: object) -> tuple[str, ...]:
    """A list; in CSV the names stand in one cell, with blanks or semicolons between."""
    if isinstance(value, str):
        names: Iterable[object] = value.replace(";", " ").split()
    elif isinstance(value, list | tuple):
        names = value
    else:
        raise RowRefused("groups must be a list of names")
    found = [name for name in names if isinstance(name, str)]
    if len(found) > 100:
        raise RowRefused("nobody is in more than 100 groups")
    return tuple(dict.fromkeys(found))


def _status(value: object) -> Status:
    for status in STATUSES:
        if value == status:
            return status  # type: ignore[no-any-return]  # typeshed: get_args gives Any
    raise RowRefused(f"status must be one of {', '.join(STATUSES)}")


def _id(value: object) -> str | None:
    if value is None:
        return None
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        raise RowRefused("id must be a UUID") from None


def _time(value: object) -> float | None:
    """Seconds since the epoch, or ISO 8601."""
    if value is None:
        return None
    try:
        return _seconds(str(value))
    except (ValueError, OverflowError):
        raise RowRefused("created_at must be a time, such as 2026-11-21T10:00:00Z") from None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        time = datetime.datetime.fromisoformat(text)
        seconds = (time if time.tzinfo else time.replace(tzinfo=datetime.UTC)).timestamp()
    if not math.isfinite(seconds) or not 0 <= seconds < 2**36:
        raise ValueError
    return seconds


def shown_time(seconds: float) -> str:
    """A time as it is exported."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat().replace("+00:00", "Z")
