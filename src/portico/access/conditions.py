"""The conditions of a statement that depend on the request and on who sends it.

Each answers True, False, or None where nobody can say. A statement that allows needs True; one that denies applies
unless it is False. So what is unknown always denies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portico.access.declared import Matches, Scalar, Window, scalars
from portico.access.model import Call, Principal
from portico.access.patterns import PathPattern, matches, segments_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAILY = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")
MIDNIGHT = 1_440  # minutes


class ConditionInvalid(ValueError):
    """A condition cannot be understood."""


class Condition(Protocol):
    """Something that must hold. `str()` says what, for people."""

    def holds(self, principal: Principal, call: Call) -> bool | None:
        """Whether it holds; None where nobody can say."""


@dataclass(frozen=True, slots=True)
class Path:
    """The path fits one of the patterns."""

    patterns: tuple[PathPattern, ...]

    def holds(self, principal: Principal, call: Call) -> bool | None:
        """See `Condition`."""
        segments = segments_of(call.path)
        return None if segments is None else _any([one.holds(segments, principal) for one in self.patterns])

    def __str__(self) -> str:
        return f"the path is {_or(pattern.text for pattern in self.patterns)}"


@dataclass(frozen=True, slots=True)
class Stage:
    """The stage is one of these."""

    patterns: tuple[str, ...]

    def holds(self, principal: Principal, call: Call) -> bool | None:
        """See `Condition`."""
        return any(matches(pattern, call.stage) for pattern in self.patterns)

    def __str__(self) -> str:
        return f"the stage is {_or(self.patterns)}"


@dataclass(frozen=True, slots=True)
class Address:
    """The caller is in one of these networks."""

    networks: tuple[IPv4Network | IPv6Network, ...]

    def holds(self, principal: Principal, call: Call) -> bool | None:
        """See `Condition`."""
        try:
            address = ip_address(call.address)
        except ValueError:
            return None
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address.version == network.version and address in network for network in self.networks)

    def __str__(self) -> str:
        return f"the caller is in {_or(str(network) for network in self.networks)}"


@dataclass(frozen=True, slots=True)
class Time:
    """The moment is within these bounds."""

    after: float | None  # seconds since the epoch
    before: float | None  # seconds since the epoch
    daily: tuple[int, int] | None  # minutes of the day, the second excluded
    days: frozenset[int]  # Monday is 0; empty: every day
    zone: tzinfo

    def holds(self, principal: Principal, call: Call) -> bool | None:
        """See `Condition`."""
        if self.after is not None and call.at < self.after:
            return False
        if self.before is not None and call.at >= self.before:
            return False
        if self.daily is None and not self.days:
            return True
        local = datetime.fromtimestamp(call.at, self.zone)
        if self.days and local.weekday() not in self.days:
            return False
        return self.daily is None or _within(local.hour * 60 + local.minute, *self.daily)

    def __str__(self) -> str:
        parts = []
        if self.after is not None:
            parts.append(f"from {datetime.fromtimestamp(self.after, UTC).isoformat()}")
        if self.before is not None:
            parts.append(f"before {datetime.fromtimestamp(self.before, UTC).isoformat()}")
        if self.daily is not None:
            start, end = self.daily
            parts.append(f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02} in {self.zone}")
        if self.days:
            parts.append(f"on {', '.join(DAYS[day] for day in sorted(self.days))} in {self.zone}")
        return f"the time is {' and '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Claims:
    """Every claim has one of the values."""

    wanted: tuple[tuple[str, tuple[Scalar, ...]], ...]

    def holds(self, principal: Principal, call: Call) -> bool | None:
        """See `Condition`."""
        return claims_fit(self.wanted, principal.claims, principal.carried)

    def __str__(self) -> str:
        return " and ".join(f"the claim {name} is {_or(map(str, values))}" for name, values in self.wanted)


def claims_fit(
    wanted: Sequence[tuple[str, tuple[Scalar, ...]]], claims: Mapping[str, Any], carried: frozenset[str] | None = None
) -> bool | None:
    """Whether claims have the values that are wanted; None where one of them is not known.

    Args:
        wanted: names, and for each its values: one of them is enough. A `*` in a text stands for any text.
        claims: what there is.
        carried: the names of those that are known; None: all.
    """
    unknown = False
    for name, values in wanted:
        if carried is not None and name not in carried:
            unknown = True
        elif not any(_same(value, claims.get(name)) for value in values):
            return False
    return None if unknown else True


def compile_claims(declared: Mapping[str, Matches]) -> tuple[tuple[str, tuple[Scalar, ...]], ...]:
    """Claims as `claims_fit` takes them."""
    return tuple((name, scalars(values)) for name, values in declared.items())


def compile_networks(declared: Sequence[str]) -> Address:
    """Understand networks.

    Raises:
        ConditionInvalid: one is not "10.0.0.0/8", or an address.
    """
    try:
        return Address(tuple(ip_network(text) for text in declared))
    except ValueError as error:
        raise ConditionInvalid(f"{error}; write 10.0.0.0/8, or one address") from None


def compile_window(declared: Window) -> Time:
    """Understand a time window.

    Raises:
        ConditionInvalid: it has no bound, or one that is no time.
    """
    time = Time(
        after=_moment(declared.after),
        before=_moment(declared.before),
        daily=_daily(declared.daily),
        days=frozenset(DAYS.index(day) for day in declared.days),
        zone=_zone(declared.zone),
    )
    if time.after is None and time.before is None and time.daily is None and not time.days:
        raise ConditionInvalid("the time has no bound; give it after, before, daily or days")
    if time.after is not None and time.before is not None and time.after >= time.before:
        raise ConditionInvalid(f"the time after {declared.after} and before {declared.before} never is")
    return time


def _moment(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConditionInvalid(f"{text!r} is no time; write 2026-12-01T08:00:00Z") from None
    if moment.tzinfo is None:
        raise ConditionInvalid(f"{text!r} has no time zone; write 2026-12-01T08:00:00Z")
    return moment.timestamp()


def _daily(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = _DAILY.fullmatch(text)
    start, end = (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (0, 0)
    if start == end or end > MIDNIGHT:
        raise ConditionInvalid(f"{text!r} is no part of a day; write 08:00-18:00")
    return start, end


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC  # needs no time zone database
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConditionInvalid(f"there is no time zone {name!r}; write Europe/Berlin") from None


def _within(minute: int, start: int, end: int) -> bool:
    return start <= minute < end if start < end else minute >= start or minute < end


def _same(wanted: Scalar, found: Any) -> bool:
    if isinstance(found, list | tuple | set | frozenset):
        return any(_same(wanted, one) for one in found if not isinstance(one, list | tuple | set | frozenset))
    if isinstance(wanted, str):
        return isinstance(found, str) and matches(wanted, found)
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    return isinstance(found, int | float) and found == wanted


def _any(answers: Sequence[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False


def _or(words: Any) -> str:
    return " or ".join(words)
