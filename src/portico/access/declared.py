"""What `auth/roles.yaml` may say, word for word. What it means is compiled from this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from portico.identity.settings import Duration

Effect = Literal["allow", "deny"]
Scalar = str | int | float | bool
Matches = Scalar | tuple[Scalar, ...]  # a claim's value, or any of several
Words = str | tuple[str, ...]
Names = Annotated[tuple[str, ...], Meta(max_length=500)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

SHORTEST, USUAL, LONGEST = 900.0, 3_600.0, 43_200.0  # seconds that temporary credentials are valid


class _Declared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all declarations have in common: they are frozen, and a key that does not exist is an error."""


class Assigned(_Declared, frozen=True):
    """Who may take a role: whoever fits one of these."""

    groups: Names = ()
    claims: Annotated[tuple[Mapping[str, Matches], ...], Meta(max_length=100)] = ()  # all claims of one rule must fit
    clients: Names = ()  # applications that call by themselves (RFC 6749 section 4.4)
    signed_in: bool = False  # everyone who is signed in
    guests: bool = False  # whoever is not


class Window(_Declared, frozen=True):
    """When a statement counts. What is not said does not bound."""

    after: str | None = None  # "2026-12-01T00:00:00Z"
    before: str | None = None
    daily: str | None = None  # "08:00-18:00"; "22:00-06:00" passes midnight
    days: tuple[Day, ...] = ()
    zone: str = "UTC"  # of daily and days: a name of the IANA time zone database


class Statement(_Declared, frozen=True):
    """One sentence of a policy: what is allowed or denied, and under which conditions. All of them must hold."""

    effect: Effect
    api: Words  # names of APIs; "*" stands for any text
    id: str = ""  # how `portico policy explain` calls it; else its place in the list
    operations: Words = ()
    methods: Words = ()
    paths: Words = ()  # below the API's base path: "/orders/${claims.sub}/*", "/orders/**"
    stages: Words = ()
    source: Words = msgspec.field(default=(), name="from")  # networks: "10.0.0.0/8"
    time: Window | None = None
    claims: Mapping[str, Matches] = {}


class Role(_Declared, frozen=True):
    """What somebody may do, and who that is."""

    description: str = ""
    assigned_to: Assigned = Assigned()
    precedence: int = 0  # of several roles that somebody may take, the lowest is taken
    max_duration: Duration = Duration(LONGEST)  # seconds, of credentials
    statements: Annotated[tuple[Statement, ...], Meta(max_length=500)] = ()


def words(value: Words) -> tuple[str, ...]:
    """One word, or several, as several."""
    return (value,) if isinstance(value, str) else value


def scalars(value: Matches) -> tuple[Scalar, ...]:
    """One value, or several, as several."""
    return value if isinstance(value, tuple) else (value,)
