"""Where a browser goes on after it has signed in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.portico.identity.conftest import ManualClock

from portico.identity.pool import Pool
from portico.identity.returning import ReturnTo
from portico.store import Secrets

PLACE = "/auth/main/oauth2/authorize?client_id=chat&scope=openid%20email"


async def test_a_place_of_the_pool_is_opened_as_it_was_sealed(pool: Pool) -> None:
    returning = ReturnTo(pool)
    assert returning.open(returning.seal(PLACE)) == PLACE


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/",
        "//evil.example/auth/main/",
        "/\\evil.example",
        "/auth/mainly/evil",
        "/auth/main/../../evil",
        "/auth/main/\r\nLocation: https://evil.example",
        "/auth/main/" + "a" * 9_000,
    ],
)
async def test_no_other_place_is_sealed(pool: Pool, place: str) -> None:
    with pytest.raises(ValueError, match="place of this pool"):
        ReturnTo(pool).seal(place)


async def test_a_place_is_forgotten_after_an_hour(pool: Pool, clock: ManualClock) -> None:
    returning = ReturnTo(pool)
    sealed = returning.seal(PLACE)
    clock.advance(3_601)
    assert returning.open(sealed) is None


async def test_what_others_sealed_is_not_opened(pool: Pool) -> None:
    returning = ReturnTo(pool)
    sealed = returning.seal(PLACE)
    stranger = ReturnTo(replace(pool, secrets=Secrets(Secrets.generate())))
    purpose = pool.secrets.seal_text("mail", b"x", bound_to="main")
    for text in (stranger.seal(PLACE), purpose, sealed[:-2], sealed[:20] + "A" + sealed[21:], PLACE, "", "ä", "%"):
        assert text == sealed or returning.open(text) is None
