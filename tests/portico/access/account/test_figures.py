"""What the page tells: what is left, use by day and operation, and nothing that a name could do."""

from __future__ import annotations

from typing import Any

import pytest
from tests.portico.access.account.conftest import World

from portico.access.account import figures
from portico.access.keys import NewApiKey
from portico.access.usage import Spent
from portico.identity.source import LOCAL

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of these tests leaps; that of the machine, on which figures stay fresh for a second, does not."""
    monkeypatch.setattr(figures, "FRESH", 0.0)


async def test_however_many_look_the_database_is_asked_once_a_second(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "FRESH", 3_600.0)
    made = await world.key()
    first = await usage(world, made)
    await world.count(made.key.id, "shop.listOrders", 200).flush()
    assert await usage(world, made) == first
    monkeypatch.setattr(figures, "FRESH", 0.0)
    assert (await usage(world, made))["total"] == "1"


async def usage(world: World, made: NewApiKey) -> Any:
    browser = world.browser()
    await browser.open(made.secret.reveal())
    answer = await browser.get(f"/account/usage?key={made.key.id}")
    assert answer.status_code == 200
    return answer.json()


class Known:
    """A key as the gateway has it."""

    def __init__(self, made: NewApiKey) -> None:
        self.key = made.key
        self.takes: dict[str, Any] = {}


async def call(world: World, made: NewApiKey, operation: str, *, times: int) -> None:
    limiter, known = world.limiter.of("shop", operation), Known(made)
    for _ in range(times):
        admission = limiter.admit(known, lambda *_: None, None)
        if admission is not None and not hasattr(admission, "admitted"):
            admission = await admission
        assert admission is not None
        if admission.admitted:
            admission.take.count.end(200)
    await world.limiter.meter.flush()


async def test_what_is_left_is_that_of_this_moment(world: World) -> None:
    made = await world.key()
    await call(world, made, "placeOrder", times=3)  # the third is one too many
    found = await usage(world, made)
    left = {(one["plan"], one["operation"], one["kind"]): one for one in found["limits"]}
    assert left["partner", "", "rate"]["left"] == "18 of 20 left"
    assert left["partner", "", "quota"]["left"] == "998 of 1,000 left"
    assert left["partner", "", "quota"]["resets"] == "Resets 1 Feb, 00:00 UTC"
    assert left["partner", "shop.placeOrder", "rate"]["left"] == "0 of 2 left"
    assert left["partner", "shop.placeOrder", "rate"]["resets"] == "Full again in 4.0 s"
    assert left["", "shop: everything", "rate"]["left"] == "98 of 100 left"
    world.clock.advance(2)
    found = await usage(world, made)
    assert found["limits"][2]["left"] == "1 of 2 left"


async def test_use_is_told_by_day_operation_and_outcome(world: World) -> None:
    made, other = await world.key(), await world.key("other")
    await world.count(made.key.id, "shop.listOrders", 200, 204, 304, 404, 500, 429, 429).flush()
    await world.count(other.key.id, "shop.listOrders", 200).flush()
    world.clock.advance(2 * 86_400)
    await world.count(made.key.id, "shop.placeOrder", 201).flush()
    await world.feed.look()
    found = await usage(world, made)
    assert (found["today"], found["total"], found["top"]) == ("1", "8", "10")
    assert found["summary"] == "8 requests in 30 days: 4 answered, 1 client error, 1 server error, 2 throttled."
    assert len(found["days"]) == 30
    assert found["days"][-1]["numbers"] == ["1", "0", "0", "0", "1"]
    assert found["days"][-3]["numbers"] == ["3", "1", "1", "2", "7"]
    assert found["days"][-3]["bars"] == [[70.0, 30.0], [60.0, 10.0], [50.0, 10.0], [30.0, 20.0]]
    assert [one["name"] for one in found["operations"]] == ["shop.listOrders", "shop.placeOrder"]
    world.clock.advance(28 * 86_400)
    assert (await usage(world, made))["total"] == "1"


async def test_a_quota_that_is_used_up_is_told(world: World) -> None:
    made = await world.key()
    window = world.limiter.plans.all["partner"].own.quota.window(world.clock())  # type: ignore[union-attr]
    spent = Spent(made.key.id, "partner", window.name, window.ends_at)
    count = world.limiter.meter.count(made.key.id, "shop.listOrders", (spent,))
    count.take(950)
    await world.limiter.meter.flush()
    assert "nearly used up" in (await usage(world, made))["warning"]
    count.take(50)
    await world.limiter.meter.flush()
    found = await usage(world, made)
    assert found["warning"] == "The quota of partner is used up. Resets 1 Feb, 00:00 UTC."
    await world.keys.extend_quota(made.key.id, 500, source=LOCAL)
    await world.feed.look()
    found = await usage(world, made)
    assert found["warning"] == ""
    assert found["limits"][1]["left"] == "500 of 1,500 left"
    assert found["limits"][1]["allows"] == "1,000 a month, and 500 more granted"


async def test_a_key_without_plans_or_of_a_plan_that_is_gone_is_told_so(world: World) -> None:
    for plans, words in (((), "This key has no plan."), (("gone",), "not offered any more")):
        made = await world.key(f"key-{len(plans)}", plans=plans)
        browser = world.browser()
        await browser.open(made.secret.reveal())
        assert words in (await browser.get()).text


async def test_names_are_text(world: World) -> None:
    made = await world.key(EVIL[:100], owner=EVIL[:100], tags={"a": EVIL})
    await world.count(made.key.id, EVIL, 200).flush()
    browser = world.browser()
    await browser.open(made.secret.reveal())
    for page in (
        await browser.get(),
        await browser.get(f"/account/rotate?key={made.key.id}"),
        await browser.get("/account", params={"key": EVIL}),
        await browser.get("/account", params={"note": EVIL}),
        await browser.rotate(made.key.id),
    ):
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
        assert "{{ 7*7 }}" in page.text or "49" not in page.text


async def test_nobody_who_is_not_in_learns_anything(world: World) -> None:
    made = await world.key()
    answers = [
        await world.browser().get(path)
        for path in (f"/account/usage?key={made.key.id}", "/account/usage?key=key_x", "/account/usage")
    ]
    assert {one.status_code for one in answers} == {404}
    assert len({one.text for one in answers}) == 1


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_while_the_database_is_away_the_page_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from portico.store import DatabaseUnavailable

    made = await world.key()
    browser = world.browser()
    await browser.open(made.secret.reveal())

    async def gone(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("gone: postgresql://secret")

    monkeypatch.setattr(type(world.state.db), "read", gone)
    page, data = await browser.get(), await browser.get(f"/account/usage?key={made.key.id}")
    assert (page.status_code, data.status_code) == (503, 503)
    assert "secret" not in page.text + data.text
