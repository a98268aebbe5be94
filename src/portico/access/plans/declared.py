"""What `auth/plans.yaml` may say, word for word. What it means is compiled from this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from portico.identity.settings import Duration

Period = Literal["DAY", "WEEK", "MONTH"]
Per = Literal["all", "key", "user", "client", "role", "address"]
OnStoreFailure = Literal["deny", "allow", "local"]
Words = str | tuple[str, ...]
RatePerSecond = Annotated[float, Meta(gt=0, le=1_000_000)]
Burst = Annotated[int, Meta(ge=1, le=1_000_000)]


class _Declared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all declarations have in common: they are frozen, and a key that does not exist is an error."""


class Throttle(_Declared, frozen=True):
    """A token bucket (API Gateway: ThrottleSettings)."""

    rate: RatePerSecond  # requests a second
    burst: Burst | None = None  # requests at once; without it, those of one second


class Quota(_Declared, frozen=True):
    """How many requests there are in a while (API Gateway: QuotaSettings)."""

    limit: Annotated[int, Meta(ge=1, le=1_000_000_000_000)]
    period: Period
    offset: Duration = Duration(0)  # how long after the calendar's day, week or month it begins: 6h, 2d, 14d


class Share(_Declared, frozen=True):
    """What one operation may be called, of a plan."""

    throttle: Throttle | None = None
    quota: Quota | None = None


class Plan(_Declared, frozen=True):
    """What a key that has it may do."""

    title: str = ""  # for the key's holder
    description: str = ""
    apis: Words = "*"  # names of APIs; "*" stands for any text
    stages: Words = "*"
    throttle: Throttle | None = None
    quota: Quota | None = None
    zone: str = "UTC"  # of its quotas: a name of the IANA time zone database
    operations: Mapping[str, Share] = {}  # "concierge.checkout": held to this as well
    on_store_failure: OnStoreFailure = "local"


class Limit(_Declared, frozen=True):
    """A limit beside the plans, of everybody together or of each caller."""

    throttle: Throttle
    id: str = ""  # how answers call it; else its place in the list
    api: str = ""  # without it, of the whole project
    operation: str = ""  # without it, of the whole API
    per: Per = "all"  # "all": together; else each key, user, client, role or address for itself
    on_store_failure: OnStoreFailure = "local"


def words(value: Words) -> tuple[str, ...]:
    """One word, or several, as several."""
    return (value,) if isinstance(value, str) else value
