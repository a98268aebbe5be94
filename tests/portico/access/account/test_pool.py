"""The page of a project with a user pool: who is signed in sees what is theirs."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from tests.portico.access.account.conftest import World, hidden

from portico.identity.source import LOCAL


async def test_both_ways_in_are_offered_and_the_sign_in_leads_back(pooled: World) -> None:
    await pooled.user()
    browser = pooled.browser()
    page = await browser.get()
    assert "Open with a key" in page.text
    assert "Archway &lt;Flowers&gt;" in page.text
    link = page.text.partition('class="primary wide" href="')[2].partition('"')[0]
    assert link.startswith("/auth/main/login?return_to=")
    answer = await browser.sign_in(at=link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "Your API keys" in (await browser.get()).text


@pytest.mark.parametrize("place", ["https://evil.example/account", "//evil.example/account", "/account@evil.example"])
async def test_only_what_was_sealed_is_returned_to(pooled: World, place: str) -> None:
    await pooled.user()
    browser = pooled.browser()
    answer = await browser.sign_in(at=f"/auth/main/login?return_to={place}")
    assert answer.headers["location"] == "/auth/main/account"
    assert pooled.identity is not None
    with pytest.raises(ValueError, match="place of this pool"):
        pooled.identity.pages.desk.returning.seal(place)
    page = await browser.get("/account", params={"return_to": place})
    assert "evil" not in page.text


async def test_who_is_signed_in_sees_their_keys_and_no_others(pooled: World) -> None:
    ada, bob = await pooled.user(), await pooled.user("bob")
    first = await pooled.key("first", user_id=ada.id)
    second = await pooled.key("second", user_id=ada.id)
    other = await pooled.key("other", user_id=bob.id)
    free = await pooled.key("free")
    browser = pooled.browser()
    await browser.sign_in()
    page = await browser.get()
    assert first.key.id in page.text
    assert second.key.id in page.text
    assert "Rotate the key" in page.text
    assert other.key.id not in page.text
    for id in (other.key.id, free.key.id):
        for path in ("/account", "/account/usage", "/account/rotate"):
            assert (await browser.get(f"{path}?key={id}")).status_code == 404
    assert (await browser.rotate(second.key.id, "3600")).status_code == 200
    assert len(await pooled.keys.secrets_of(second.key.id)) == 2


async def test_a_key_that_one_holds_becomes_ones_own(pooled: World) -> None:
    await pooled.user()
    made = await pooled.key()
    browser = pooled.browser()
    await browser.sign_in()
    answer = await browser.send("/account/add", {"key": made.secret.reveal()})
    assert answer.headers["location"] == f"/account?key={made.key.id}&note=claimed"
    page = await browser.get(answer.headers["location"])
    assert "The key is yours now." in page.text
    assert made.secret.reveal() not in page.text


@pytest.mark.parametrize("what", ["somebody's", "disabled", "ending", "unknown", "elsewhere"])
async def test_what_cannot_be_ones_own_is_answered_alike(pooled: World, what: str) -> None:
    await pooled.user()
    bob = await pooled.user("bob")
    made = await pooled.key(
        user_id=bob.id if what == "somebody's" else None, networks=("10.0.0.0/8",) if what == "elsewhere" else ()
    )
    given = made.secret.reveal() if what != "unknown" else "pk_guess_" + "0" * 30
    if what == "disabled":
        await pooled.keys.set_enabled(made.key.id, False, source=LOCAL)
    if what == "ending":
        await pooled.keys.rotate(made.key.id, overlap=86_400, source=LOCAL)
    browser = pooled.browser()
    await browser.sign_in()
    answer = await browser.send("/account/add", {"key": given})
    assert answer.status_code == 403
    assert "This key does not open anything here." in answer.text
    assert (await pooled.keys.find(made.key.id)).user_id == (bob.id if what == "somebody's" else None)


async def test_nobody_adds_a_key_without_being_signed_in(pooled: World) -> None:
    made = await pooled.key()
    browser = pooled.browser()
    fields = hidden(await browser.get(), "/account/open")
    answer = await browser.http.post("/account/add", data={**fields, "key": made.secret.reveal()})
    assert answer.headers["location"] == "/account"
    assert (await pooled.keys.find(made.key.id)).user_id is None


async def test_after_signing_out_nothing_is_seen(pooled: World) -> None:
    ada = await pooled.user()
    made = await pooled.key(user_id=ada.id)
    browser = pooled.browser()
    await browser.sign_in()
    cookies = dict(browser.http.cookies)
    page = await browser.get()
    assert (await browser.http.post("/auth/main/logout", data=hidden(page, "/auth/main/logout"))).status_code in (
        200,
        303,
    )
    other = pooled.browser()
    other.http.cookies.update(cookies)
    for one in (browser, other):
        assert "Open with a key" in (await one.get()).text
        assert (await one.get(f"/account/usage?key={made.key.id}")).status_code == 404


async def test_what_the_page_asks_by_itself_keeps_no_session_alive(pooled: World) -> None:
    ada = await pooled.user()
    made = await pooled.key(user_id=ada.id)
    assert pooled.identity is not None
    idle = pooled.identity.pool.settings.session_idle
    browser = pooled.browser()
    await browser.sign_in()
    for _ in range(4):
        pooled.clock.advance(idle / 4)
        last = await browser.get(f"/account/usage?key={made.key.id}")
    pooled.clock.advance(1)
    last = await browser.get(f"/account/usage?key={made.key.id}")
    assert last.status_code == 404


async def test_a_disabled_key_is_shown_and_not_rotated(pooled: World) -> None:
    ada = await pooled.user()
    made = await pooled.key(user_id=ada.id)
    browser = pooled.browser()
    await browser.sign_in()
    await pooled.keys.set_enabled(made.key.id, False, source=LOCAL)
    page = await browser.get()
    assert "Disabled" in page.text
    assert "Rotate the key" not in page.text
    assert (await browser.get(f"/account/rotate?key={made.key.id}")).status_code == 409


async def test_the_sealed_place_is_the_page_of_keys(pooled: World) -> None:
    page = await pooled.browser().get()
    link = page.text.partition('class="primary wide" href="')[2].partition('"')[0]
    (sealed,) = parse_qs(urlsplit(link).query)["return_to"]
    assert pooled.identity is not None
    assert pooled.identity.pages.desk.returning.open(sealed) == "/account"


async def test_who_signed_in_long_ago_signs_in_again_before_rotating(pooled: World) -> None:
    ada = await pooled.user()
    made = await pooled.key(user_id=ada.id)
    browser = pooled.browser()
    await browser.sign_in()
    page = await browser.get(f"/account/rotate?key={made.key.id}")
    data = {**hidden(page, "/account/rotate"), "overlap": "0"}
    pooled.clock.advance(301)
    for answer in (
        await browser.get(f"/account/rotate?key={made.key.id}"),
        await browser.http.post("/account/rotate", data=data),
    ):
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/auth/main/login?return_to=")
    assert len(await pooled.keys.secrets_of(made.key.id)) == 1
    back = await browser.sign_in(at=answer.headers["location"])
    assert back.headers["location"] == "/account"
    assert (await browser.rotate(made.key.id)).status_code == 200
    pooled.clock.advance(301)
    await pooled.feed.look()
    new = await pooled.keys.rotate(made.key.id, overlap=0, source=LOCAL)
    await pooled.feed.look()
    key_browser = pooled.browser()
    await key_browser.open(new.secret.reveal())
    assert (await key_browser.rotate(made.key.id)).status_code == 200, "the key itself is proof enough"
