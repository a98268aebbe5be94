"""Counting requests: plain integers on the hot path, Prometheus text only when somebody scrapes.

A `Tally` belongs to one operation and is touched by one thread, the event loop's, so it needs no lock. Readers on other
threads may see a request in one of its numbers and not yet in another; the next scrape sees it in all.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal

import msgspec

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""The upper bounds of the duration histogram's buckets, in seconds, each inclusive (Prometheus: `le`)."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"})
OTHER = "OTHER"  # any method that the standards do not name: a client must not be able to invent label values


Held = Literal["throttle", "quota"]
"""What a request was held back by."""


class Tally:
    """What has happened to one operation since the process started."""

    __slots__ = ("buckets", "held", "in_flight", "seconds", "statuses")

    def __init__(self) -> None:
        self.in_flight = 0  # requests; the gateway counts up and down
        self.seconds = 0.0  # the sum of all durations
        self.buckets = [0] * (len(BOUNDS) + 1)  # the last one is above every bound
        self.statuses: dict[int, int] = {}
        self.held: dict[Held, int] = {}  # requests that a limit did not admit

    def hold(self, by: Held) -> None:
        """Count one request that a limit did not admit. It is recorded besides, as every other.

        Args:
            by: the kind of the limit.
        """
        self.held[by] = self.held.get(by, 0) + 1

    def record(self, status: int, seconds: float) -> None:
        """Count one answered request.

        Args:
            status: the HTTP status that was sent.
            seconds: from the request's arrival to its answer.
        """
        statuses = self.statuses
        statuses[status] = statuses.get(status, 0) + 1
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """The labels of a tally."""

    api: str
    operation: str
    method: str


class Totals(msgspec.Struct):
    """What a tally holds at one moment; unlike the tally it can be stored and added up."""

    buckets: list[int]
    statuses: dict[int, int]
    seconds: float
    in_flight: int
    held: dict[Held, int] = {}

    def add(self, other: Totals) -> None:
        """Count the other's requests too."""
        self.buckets = [mine + theirs for mine, theirs in zip(self.buckets, other.buckets, strict=True)]
        for status, count in other.statuses.items():
            self.statuses[status] = self.statuses.get(status, 0) + count
        self.seconds += other.seconds
        self.in_flight += other.in_flight
        self.held = {by: self.held.get(by, 0) + other.held.get(by, 0) for by in {**self.held, **other.held}}


class Metrics:
    """The tallies of one process."""

    def __init__(self) -> None:
        self._tallies: dict[Key, Tally] = {}

    def tally(self, api: str, operation: str, method: str) -> Tally:
        """The tally of an operation; the same one for the same labels.

        Call it when operations are compiled, never with a value that a client chose: each call with new labels makes
        a time series that stays.

        Args:
            api: the design's name; "" for what belongs to none, such as an unknown path.
            operation: its operationId; "" for what has none.
            method: in any case; a method that no standard names is counted as OTHER.
        """
        method = method.upper()
        key = Key(api, operation, method if not method or method in METHODS else OTHER)
        return self._tallies.setdefault(key, Tally())

    def totals(self) -> list[tuple[Key, Totals]]:
        """What every tally holds that has counted anything, in a stable order. May be called from any thread."""
        return [
            (
                key,
                Totals(tally.buckets.copy(), tally.statuses.copy(), tally.seconds, tally.in_flight, tally.held.copy()),
            )
            for key, tally in sorted(self._tallies.copy().items(), key=lambda item: item[0])
            if tally.statuses or tally.in_flight
        ]
