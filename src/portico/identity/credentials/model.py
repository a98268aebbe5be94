"""Credentials, as all of Portico sees them."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from portico.access import Principal
from portico.secret import Secret

TEMPORARY, LASTING = "ASIA", "AKIA"
"""How access key ids begin (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html)."""


@dataclass(frozen=True, slots=True)
class TemporaryCredentials:
    """What somebody signs requests with, for a while."""

    access_key_id: str
    secret_key: Secret
    session_token: str = field(repr=False)
    expires_at: float  # seconds since the epoch
    role: str


class Resolved(msgspec.Struct, frozen=True):
    """What an access key id stands for."""

    secret_key: Secret
    principal: Principal
    expires_at: float  # seconds since the epoch; infinity for an access key without an end


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A long-lived access key of a machine, without its secret."""

    id: str
    name: str
    role: str
    enabled: bool
    created_at: float  # seconds since the epoch
    expires_at: float | None  # seconds since the epoch
    last_used_at: float | None  # seconds since the epoch, to the minute
