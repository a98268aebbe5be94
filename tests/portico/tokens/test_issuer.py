"""Tokens that were verified are known; what is revoked, expired or signed with a new key is noticed."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import pytest
from tests.portico.tokens.conftest import ISSUER, NOW, Make

from portico.identity.revocations import Revocations
from portico.store.feed import Change
from portico.tokens import InvalidToken, Issuer, Key, Rules

RULES = Rules(issuer=ISSUER)


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


class Source:
    """Keys that become known when they are asked for again."""

    def __init__(self, known: Mapping[str, Key], later: Mapping[str, Key]) -> None:
        self._known, self._later = known, later
        self.asked = 0

    def known(self) -> Mapping[str, Key]:
        return self._known

    async def refetch(self) -> Mapping[str, Key]:
        self.asked += 1
        self._known = self._later
        return self._known


@pytest.fixture
def clock() -> Clock:
    return Clock()


def said(issuer: Issuer, token: str) -> dict[str, Any]:
    claims = issuer.claims(token.encode())
    assert isinstance(claims, dict)
    return claims


async def test_an_unknown_key_is_asked_for_once(make: Make, keys: dict[str, Key], clock: Clock) -> None:
    source = Source({}, keys)
    issuer = Issuer(RULES, source, clock=clock)
    pending = issuer.claims(make().encode())
    assert inspect.isawaitable(pending)
    assert (await pending)["sub"] == "3e1c"
    assert said(issuer, make())["sub"] == "3e1c"
    assert source.asked == 1


async def test_a_known_token_is_not_verified_again_until_it_expires(
    make: Make, keys: dict[str, Key], clock: Clock
) -> None:
    source = Source(keys, {})
    issuer = Issuer(RULES, source, clock=clock)
    token = make()
    said(issuer, token)
    source._known = {}  # nothing can be verified any more
    assert said(issuer, token)["jti"] == "j1"
    clock.now += 901
    pending = issuer.claims(token.encode())  # now it would have to be verified
    assert inspect.isawaitable(pending)
    with pytest.raises(InvalidToken):
        await pending


async def test_a_known_token_does_not_outlive_its_key_by_long(make: Make, keys: dict[str, Key], clock: Clock) -> None:
    """Another issuer tells nobody that it withdrew a key: its key set is what says so."""
    source, revocations = Source(keys, {}), Revocations(clock)
    issuer = Issuer(RULES, source, clock=clock, revoked=revocations)
    token = make({"exp": NOW + 86_400})
    said(issuer, token)
    source._known = {}
    clock.now += 300
    revocations.hear(Change("token", "another", clock.now, clock.now + 900))  # looking again lengthens nothing
    said(issuer, token)
    clock.now += 301
    pending = issuer.claims(token.encode())
    assert inspect.isawaitable(pending)
    with pytest.raises(InvalidToken):
        await pending


def test_what_a_handler_does_to_claims_reaches_nobody_else(make: Make, keys: dict[str, Key], clock: Clock) -> None:
    issuer = Issuer(RULES, Source(keys, keys), clock=clock)
    first = said(issuer, make())
    first["sub"] = "somebody else"
    assert said(issuer, make())["sub"] == "3e1c"
    assert first["cognito:groups"] == ("florists",)


def test_a_flood_of_tokens_grows_nothing(make: Make, keys: dict[str, Key], clock: Clock) -> None:
    issuer = Issuer(RULES, Source(keys, keys), clock=clock, entries=10)
    for number in range(30):
        said(issuer, make({"jti": str(number)}))
    assert len(issuer) == 10


@pytest.mark.parametrize(
    "change",
    [
        Change("token", "j1", NOW, NOW + 900),
        Change("session", "s1", NOW, NOW + 900),
        Change("user", "3e1c", NOW + 1, NOW + 900),
        Change("client", "chat", NOW, NOW + 900),
    ],
    ids=lambda change: change.kind,
)
def test_what_is_revoked_is_refused_though_it_was_known(
    make: Make, keys: dict[str, Key], clock: Clock, change: Change
) -> None:
    revocations = Revocations(clock)
    issuer = Issuer(RULES, Source(keys, keys), clock=clock, revoked=revocations)
    token, other = make(), make({"jti": "j2", "origin_jti": "s2", "sub": "other", "client_id": "other"})
    said(issuer, token)
    said(issuer, other)
    revocations.hear(change)
    with pytest.raises(InvalidToken, match="revoked"):
        issuer.claims(token.encode())
    assert said(issuer, other)["sub"] == "other"


def test_a_token_made_after_signing_out_everywhere_counts(make: Make, keys: dict[str, Key], clock: Clock) -> None:
    revocations = Revocations(clock)
    issuer = Issuer(RULES, Source(keys, keys), clock=clock, revoked=revocations)
    revocations.hear(Change("user", "3e1c", NOW - 0.5, NOW + 900))
    assert said(issuer, make())["sub"] == "3e1c"


def test_groups_are_those_of_now(make: Make, keys: dict[str, Key], clock: Clock) -> None:
    revocations = Revocations(clock)
    issuer = Issuer(RULES, Source(keys, keys), clock=clock, revoked=revocations)
    assert said(issuer, make())["cognito:groups"] == ("florists",)
    revocations.hear(Change("groups", "3e1c", NOW + 1, NOW + 900, ["guests"]))
    assert said(issuer, make())["cognito:groups"] == ("guests",)


def test_more_revocations_than_can_be_kept_refuse_too_much_rather_than_too_little(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portico.identity.revocations.ENTRIES", 2_000)
    revocations = Revocations(clock)
    for number in range(5_000):
        revocations.hear(Change("token", str(number), NOW + number, NOW + 100_000))
    assert len(revocations) <= 2_001
    assert revocations.revoked(issued_at=NOW + 1, jti="0")
    assert revocations.revoked(issued_at=NOW + 1, jti="never revoked, but older than one that was dropped")
    assert not revocations.revoked(issued_at=NOW + 4_999, jti="new")
