"""When an attempt to sign in is refused: the decisions, without the database.

Every failure is counted three times: for the user at this address, for the user, and for the address. After a few
failures attempts are refused for a second, then two, four, and so on; then one attempt at a time is let through.

An attempt that overlaps with others that were let through is let through too, up to a bound, whatever those others turn
out to be: so the right password is never refused because wrong ones arrive beside it. From an address where the user
has signed in before, only what failed for this user at this address counts: strangers cannot lock somebody out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

STALE = 30.0  # seconds after which an attempt that never ended is forgotten


@dataclass(frozen=True, slots=True)
class Rule:
    """How patient one counter is."""

    free: int  # failures without a pause
    burst: int  # failures, and attempts that overlap with them, at most
    longest: float  # seconds of a pause
    memory: float  # seconds after the last attempt in which failures count
    first: float = 1.0  # seconds of the first pause; each further one is twice as long


PAIR = Rule(free=5, burst=64, longest=900.0, memory=86_400.0)
USER = Rule(free=100, burst=200, longest=300.0, memory=86_400.0)  # NIST SP 800-63B-4 section 3.2.2: 100 failures
ADDRESS = Rule(free=100, burst=400, longest=900.0, memory=3_600.0)


@dataclass(frozen=True, slots=True)
class Counter:
    """What is remembered."""

    count: int = 0  # failures
    pending: int = 0  # attempts that were let through and are not decided
    at: float = 0.0  # of the last change; seconds since the epoch, as all times
    blocked_until: float = 0.0


def begin(counter: Counter, rule: Rule, now: float) -> Counter | float:
    """Decide whether an attempt is let through.

    Args:
        counter: what is remembered.
        rule: the patience.
        now: seconds since the epoch.

    Returns:
        what to remember from now on; or the seconds after which to try again.
    """
    counter = _current(counter, rule, now)
    begun = replace(counter, pending=counter.pending + 1, at=now)
    if counter.pending and counter.count + counter.pending < rule.burst:
        return begun
    if counter.count < rule.free and not counter.pending:
        return begun
    if counter.pending and counter.blocked_until <= now:
        return rule.first
    if now < counter.blocked_until:
        return counter.blocked_until - now
    return replace(begun, blocked_until=now + _pause(counter.count, rule))


def fail(counter: Counter, rule: Rule, now: float) -> Counter:
    """What to remember after a failure.

    Args:
        counter: what was remembered.
        rule: the patience.
        now: seconds since the epoch.
    """
    counter = _current(counter, rule, now)
    count = counter.count + 1
    blocked = now + _pause(count, rule) if count >= rule.free else counter.blocked_until
    return Counter(count, max(0, counter.pending - 1), now, blocked)


def end(counter: Counter, *, forget: bool) -> Counter:
    """What to remember after an attempt that was no failure.

    Args:
        counter: what was remembered.
        forget: the failures, because the right password was given.
    """
    pending = max(0, counter.pending - 1)
    return Counter(pending=pending, at=counter.at) if forget else replace(counter, pending=pending)


def _current(counter: Counter, rule: Rule, now: float) -> Counter:
    if now >= counter.at + rule.memory:
        return Counter(at=now)
    return counter if now < counter.at + STALE else replace(counter, pending=0)


def _pause(count: int, rule: Rule) -> float:
    return min(rule.longest, rule.first * 2.0 ** min(count - rule.free, 30))
