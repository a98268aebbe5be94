"""A mail, before it is written and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from portico.identity.users.model import User


class Kind(StrEnum):
    """What a mail is about."""

    SIGN_UP_CODE = "sign_up_code"  # code: confirms a new account
    ALREADY_REGISTERED = "already_registered"  # what was given has an account; values: what, "email" or "username"
    FORGOT_CODE = "forgot_code"  # code: sets a new password
    EMAIL_CODE = "email_code"  # code: to the new address, before it counts
    EMAIL_CHANGED = "email_changed"  # to the old address; values: new
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind of mail
    MFA_CHANGED = "mfa_changed"  # values: what, a sentence
    MFA_FAILING = "mfa_failing"  # somebody has the password, and fails at the second factor
    ACCOUNT_DELETED = "account_deleted"


ON_REQUEST = frozenset({Kind.SIGN_UP_CODE, Kind.ALREADY_REGISTERED, Kind.FORGOT_CODE, Kind.EMAIL_CODE})
"""Kinds that a stranger can cause: an address gets only so many of them an hour."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be said, and to whom. It waits sealed in the outbox."""

    kind: Kind
    to: str
    user: User | None = None
    code: str | None = field(default=None, repr=False)
    link: str | None = field(default=None, repr=False)
    values: Mapping[str, str] = field(default_factory=dict)

    def packed(self) -> bytes:
        """The letter as it is sealed."""
        return msgspec.json.encode(self)

    @classmethod
    def unpacked(cls, raw: bytes) -> Letter:
        """What `packed` gave."""
        from portico.identity.users.model import User  # users write mails, so that package imports this one

        values = msgspec.json.decode(raw)
        user = values.pop("user")
        return cls(Kind(values.pop("kind")), user=msgspec.convert(user, User | None), **values)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it is sent."""

    id: str
    kind: Kind
    to: str
    subject: str
    text: str
    html: str
    at: float  # seconds since the epoch, when it was queued
    code: str | None = field(default=None, repr=False)
    link: str | None = field(default=None, repr=False)
