"""API keys as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from portico.secret import Secret


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """An API key: who it was given to, and what for. It may have several secrets while it is rotated."""

    id: str  # "key_..."; no secret
    name: str  # what people call it: "acme"
    description: str = ""
    owner: str = ""  # whom to ask: an e-mail address
    tags: Mapping[str, str] = {}
    plans: tuple[str, ...] = ()  # names of auth/plans.yaml: for an API, the first that covers it counts
    enabled: bool = True
    apis: tuple[str, ...] = ()  # names of APIs that it may call; none: those of its plans
    stages: tuple[str, ...] = ()  # none: those of its plans
    networks: tuple[str, ...] = ()  # that it may be used from: "10.0.0.0/8"; none: any
    user_id: str | None = None  # the user of the pool that it belongs to
    client_id: str | None = None  # the application of the pool that it belongs to
    created_at: float  # seconds since the epoch
    expires_at: float | None = None  # seconds since the epoch; None: never
    last_used_at: float | None = None  # seconds since the epoch, to the minute
    quota_revision: int = 0  # grows when a quota is reset or extended: names the counters in the store of limits


class KeySecret(msgspec.Struct, frozen=True, kw_only=True):
    """One secret of a key, of which only a digest is kept."""

    hint: str  # the last four characters, to know it by
    created_at: float  # seconds since the epoch
    expires_at: float | None = None  # seconds since the epoch: the end of a rotation's overlap; None: none


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key whose secret was just made: the only time that it is seen."""

    key: ApiKey
    secret: Secret
