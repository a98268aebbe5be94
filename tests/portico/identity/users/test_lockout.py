"""The decisions of the lockout, as values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portico.identity.users import lockout
from portico.identity.users.lockout import PAIR, STALE, Counter, Rule

STRICT = Rule(free=3, burst=10, longest=60, memory=3_600)


def begun(counter: Counter, rule: Rule, now: float) -> Counter:
    found = lockout.begin(counter, rule, now)
    assert isinstance(found, Counter)
    return found


def test_an_attempt_that_never_ended_is_forgotten():
    counter = Counter(count=3, pending=9, at=0.0, blocked_until=4.0)
    assert lockout.begin(counter, STRICT, 1.0) == 3.0
    assert lockout.begin(counter, STRICT, STALE + 1) == Counter(3, 1, STALE + 1, STALE + 2)


def test_failures_are_forgotten_after_a_while():
    counter = Counter(count=9, at=0.0, blocked_until=60.0)
    assert lockout.begin(counter, STRICT, 3_600.0) == Counter(pending=1, at=3_600.0)


def test_after_a_pause_one_attempt_goes_at_a_time():
    counter = begun(Counter(count=20, at=0.0, blocked_until=60.0), STRICT, 60.0)
    assert lockout.begin(counter, STRICT, 61.0) == 59.0


@given(st.lists(st.sampled_from(["begin", "fail"]), max_size=400))
def test_no_mixture_of_attempts_and_failures_passes_the_bound_at_one_instant(steps):
    counter, running, passed = Counter(), 0, 0
    for step in steps:
        if step == "begin":
            found = lockout.begin(counter, PAIR, 100.0)
            if isinstance(found, Counter):
                counter, running, passed = found, running + 1, passed + 1
        elif running:
            counter, running = lockout.fail(counter, PAIR, 100.0), running - 1
    assert passed <= PAIR.burst


@given(st.lists(st.floats(0.1, 500.0), min_size=200, max_size=300))
def test_one_after_another_few_guesses_pass_in_a_day(pauses):
    counter, now, passed = Counter(), 1.0, 0
    for pause in pauses:
        now += pause
        if now > 86_400:
            break
        found = lockout.begin(counter, PAIR, now)
        if isinstance(found, Counter):
            counter, passed = lockout.fail(found, PAIR, now), passed + 1
    assert passed <= 5 + 10 + 86_400 / PAIR.longest


def test_the_owner_ends_the_pauses():
    counter = begun(Counter(count=7, at=0.0, blocked_until=4.0), STRICT, 5.0)
    assert lockout.end(counter, forget=True) == Counter(at=5.0)
    assert lockout.end(counter, forget=False).count == 7
