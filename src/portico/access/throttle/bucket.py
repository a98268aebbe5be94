"""The decision of a throttle, as a function of values: a token bucket, and a quota as one that does not refill.

A bucket's state is what has been taken and has not come back (`level`) at a moment (`at`). A request is admitted when
every bucket that it takes from has room for its cost, and then it takes from all of them; else it takes from none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

JUMP = 1.0  # seconds that clocks of processes may differ; further back, the clock was set
ADDRESS = "address:"  # names of buckets of addresses begin so; a store that is full forgets these, and no others


class Bucket(msgspec.Struct, frozen=True, gc=False):
    """One bucket that requests take from."""

    name: str  # in the store
    capacity: float  # tokens: the burst; of a quota, its limit
    rate: float  # tokens a second that come back; 0: none do, so that it must be seeded before it is used
    keep: float = 0.0  # seconds since the epoch until which a quota's state is kept; a bucket's goes when it is full


class State(msgspec.Struct, frozen=True, gc=False):
    """What a store holds of a bucket."""

    level: float  # tokens taken that have not come back
    at: float  # seconds, on the store's clock


class Taken(msgspec.Struct, frozen=True, gc=False):
    """What became of a request."""

    admitted: bool
    levels: tuple[float | None, ...]  # of each bucket, now: with the cost, where it was taken; None: must be seeded


def settle(state: State | None, rate: float, now: float) -> State | None:
    """What a state has become by now; None of a quota that must be seeded.

    Args:
        state: the last one; None where there is none.
        rate: tokens a second.
        now: seconds, on the store's clock.
    """
    if state is None:
        return State(0.0, now) if rate else None
    elapsed = now - state.at
    if elapsed >= 0.0:
        return State(max(state.level - elapsed * rate, 0.0), now)
    return state if elapsed >= -JUMP else State(state.level, now)


def decide(buckets: Sequence[Bucket], states: Sequence[State | None], cost: float) -> Taken:
    """Whether a request is admitted, by settled states.

    Args:
        buckets: that it takes from.
        states: of each, settled.
        cost: tokens that it takes from each.
    """
    admitted = True
    for bucket, state in zip(buckets, states, strict=True):
        if state is None or state.level + cost > bucket.capacity:
            admitted = False
    taken = cost if admitted else 0.0
    return Taken(admitted, tuple(None if state is None else state.level + taken for state in states))


Weighed = tuple[bool, list[float], list[float], bool, bool]
"""Of `weigh`. A plain tuple: it is made for every request."""


def weigh(buckets: Sequence[Bucket], kept: Mapping[str, tuple[float, ...]], cost: float, now: float) -> Weighed:
    """`settle` and `decide` in one pass, for it runs with every request. Tests hold it to them.

    Args:
        buckets: that the request takes from.
        kept: level and moment by the bucket's name, of those that there are.
        cost: tokens that it takes from each.
        now: seconds, on the store's clock.

    Returns:
        Whether the request is admitted; each bucket's level as `Taken` tells it, -1 for None; the moment of each;
        whether one was not there before; whether one was of a later time, so that what it is now is kept also where the
        request is refused: else a used-up bucket would wait for the old time.
    """
    admitted, fresh, set_back = True, False, False
    levels: list[float] = []
    moments: list[float] = []
    for bucket in buckets:
        state = kept.get(bucket.name)
        if state is not None:
            level, at = state[0], state[1]
            elapsed = now - at
            if elapsed >= 0.0:
                level -= elapsed * bucket.rate
                if level < 0.0:
                    level = 0.0
                at = now
            elif elapsed < -JUMP:
                at = now
                set_back = True
        elif bucket.rate:
            level, at = 0.0, now
            fresh = True
        else:
            level, at = -1.0, now
            admitted = False
        if level + cost > bucket.capacity:
            admitted = False
        levels.append(level)
        moments.append(at)
    if admitted:
        levels = [level + cost for level in levels]
    return admitted, levels, moments, fresh, set_back


def told(admitted: bool, levels: Sequence[float]) -> Taken:
    """What `weigh` found, as stores tell it."""
    if -1.0 in levels:
        return Taken(admitted, tuple(None if level < 0.0 else level for level in levels))
    return Taken(admitted, tuple(levels))
