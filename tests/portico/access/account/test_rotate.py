"""Rotating a key: by its holder only, once for each form, and the new secret is shown once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from tests.portico.access.account.conftest import Browser, World, hidden

from portico.access.keys import NewApiKey
from portico.identity.source import LOCAL

SECRET = re.compile(r"pk_[0-9A-Za-z]{49}")


async def opened(world: World, made: NewApiKey) -> Browser:
    browser = world.browser(headers={"user-agent": "a browser"})
    await browser.open(made.secret.reveal())
    return browser


async def test_the_new_secret_is_shown_once_and_the_old_ends_at_once(
    world: World, audited: Callable[[str], list[Any]]
) -> None:
    made = await world.key()
    browser = await opened(world, made)
    before = dict(browser.http.cookies)
    answer = await browser.rotate(made.key.id)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    (new,) = set(SECRET.findall(answer.text))
    assert new != made.secret.reveal()
    assert not SECRET.search(str(answer.headers))
    await world.feed.look()
    assert not SECRET.search((await browser.get()).text)
    assert "Rotate the key" in (await browser.get()).text, "the page is still open"
    assert (await world.browser().open(made.secret.reveal())).status_code == 403
    assert (await world.browser().open(new)).status_code == 303
    other = world.browser()
    other.http.cookies.update(before)
    assert "Open with a key" in (await other.get()).text, "the cookie of the old secret"
    (entry,) = audited("api_key_rotated")
    assert (entry.address, entry.user_agent) == ("192.0.2.7", "a browser")
    assert new not in str(entry)


async def test_the_same_form_sent_again_makes_no_other_secret(world: World) -> None:
    made = await world.key()
    browser = await opened(world, made)
    page = await browser.get(f"/account/rotate?key={made.key.id}")
    data = {**hidden(page, "/account/rotate"), "overlap": "3600"}
    first = await browser.http.post("/account/rotate", data=data)
    again = await browser.http.post("/account/rotate", data=data)
    assert (first.status_code, again.status_code) == (200, 409)
    assert not SECRET.search(again.text)
    assert len(await world.keys.secrets_of(made.key.id)) == 2


async def test_during_the_overlap_the_old_secret_shows_and_does_not_rotate(world: World) -> None:
    """Whoever found it must not get a new one for it."""
    made = await world.key()
    browser = await opened(world, made)
    page = await browser.get(f"/account/rotate?key={made.key.id}")
    kept = {**hidden(page, "/account/rotate"), "overlap": "0"}
    await world.keys.rotate(made.key.id, overlap=86_400, source=LOCAL)
    shown = await browser.get()
    assert "Rotate the key" not in shown.text
    assert "This secret of it was rotated" in shown.text
    assert (await browser.get(f"/account/rotate?key={made.key.id}")).status_code == 403
    assert (await browser.http.post("/account/rotate", data=kept)).status_code == 403
    assert len(await world.keys.secrets_of(made.key.id)) == 2
    world.clock.advance(86_401)
    assert "Open with a key" in (await browser.get()).text


@pytest.mark.parametrize("overlap", ["", "1", "-1", "nan", "1e9", "31536000"])
async def test_only_what_is_offered_may_be_chosen(world: World, overlap: str) -> None:
    made = await world.key()
    browser = await opened(world, made)
    assert (await browser.rotate(made.key.id, overlap)).status_code == 400
    assert len(await world.keys.secrets_of(made.key.id)) == 1


async def test_somebody_elses_key_is_not_there(world: World) -> None:
    mine, other = await world.key("mine"), await world.key("other")
    browser = await opened(world, mine)
    data = hidden(await browser.get(f"/account/rotate?key={mine.key.id}"), "/account/rotate")
    texts = []
    for id in (other.key.id, "key_aaaaaaaaaaaaaaaa", "%00", "' OR 1=1 --"):
        texts.append((await browser.get("/account", params={"key": id})).text)
        for path in ("/account", "/account/usage", "/account/rotate"):
            assert (await browser.get(path, params={"key": id})).status_code == 404
        answer = await browser.http.post("/account/rotate", data={**data, "key": id, "overlap": "0"})
        assert answer.status_code == 404
    assert len({re.sub(r'name="csrf" value="[^"]*"', "", text) for text in texts}) == 1, "as if it did not exist"
    assert len(await world.keys.secrets_of(other.key.id)) == 1


async def test_ten_secrets_are_enough(world: World) -> None:
    made = await world.key()
    for _ in range(9):
        world.clock.advance(1)
        made = await world.keys.rotate(made.key.id, overlap=604_800, source=LOCAL)
    await world.feed.look()
    browser = await opened(world, made)
    world.clock.advance(1)
    assert (await browser.rotate(made.key.id, "604800")).status_code in (200, 409)
    answer = await browser.rotate(made.key.id, "604800")
    assert answer.status_code == 409
    assert (await browser.rotate(made.key.id, "0")).status_code == 200
