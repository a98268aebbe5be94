"""Opening the page with a key, without a user pool."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys

import pytest
from tests.portico.access.account.conftest import World, hidden

from portico.access.account import Account
from portico.access.throttle import LimitStoreUnavailable
from portico.identity.source import LOCAL


async def test_without_a_pool_the_key_is_the_only_way_in(world: World) -> None:
    page = await world.browser().get()
    assert page.status_code == 200
    assert "Open with a key" in page.text
    assert "Sign in" not in page.text


async def test_a_key_opens_its_page_and_is_nowhere_in_it(world: World) -> None:
    made = await world.key(owner="ops@acme.example")
    secret = made.secret.reveal()
    browser = world.browser()
    answer = await browser.open(f"  {secret}\n")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/account?key={made.key.id}"
    page = await browser.get(answer.headers["location"])
    for told in ("acme", made.key.id, f"…{secret[-4:]}", "Partners", "ops@acme.example", "1,000 of 1,000 left"):
        assert told in page.text
    assert secret not in page.text + str(answer.headers) + str(browser.http.cookies)
    assert "5 requests a second, 20 at once" in page.text
    assert "30 requests a minute, 2 at once" in page.text
    assert "shop.placeOrder" in page.text


async def test_the_cookie_is_out_of_reach_of_scripts_and_sites(world: World) -> None:
    made = await world.key()
    answer = await world.browser().open(made.secret.reveal())
    cookie = next(one for one in answer.headers.get_list("set-cookie") if "-key=" in one)
    assert re.search(r"HttpOnly; Max-Age=1800; Path=/; SameSite=lax", cookie, re.IGNORECASE)
    assert made.key.id not in cookie


@pytest.mark.parametrize("what", ["unknown", "mistyped", "disabled", "expired", "rotated", "elsewhere", "deleted", ""])
async def test_every_key_that_does_not_count_is_answered_alike(world: World, what: str) -> None:
    made = await world.key(expires_at=world.clock() + 60, networks=("10.0.0.0/8",) if what == "elsewhere" else ())
    given = made.secret.reveal()
    match what:
        case "unknown":
            given = "pk_unknown_" + "x" * 30
        case "mistyped":
            given = given[:-1] + ("A" if given[-1] != "A" else "B")
        case "disabled":
            await world.keys.set_enabled(made.key.id, False, source=LOCAL)
        case "expired":
            world.clock.advance(61)
        case "rotated":
            await world.keys.rotate(made.key.id, overlap=0, source=LOCAL)
        case "deleted":
            await world.keys.delete(made.key.id, source=LOCAL)
        case "":
            given = ""
    answer = await world.browser().open(given)
    assert answer.status_code == 403
    assert "This key does not open anything here." in answer.text
    assert not given or given not in answer.text
    assert not any("-key=" in one for one in answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize("what", ["time", "disabled", "deleted", "rotated", "expired"])
async def test_a_cookie_is_void_when_its_key_is(world: World, what: str) -> None:
    made = await world.key(expires_at=world.clock() + 600)
    browser = world.browser()
    await browser.open(made.secret.reveal())
    cookies = dict(browser.http.cookies)
    assert "Rotate the key" in (await browser.get()).text
    match what:
        case "time":
            await world.keys.change(made.key.id, expires_at=None, source=LOCAL)
            world.clock.advance(1_801)
        case "disabled":
            await world.keys.set_enabled(made.key.id, False, source=LOCAL)
        case "deleted":
            await world.keys.delete(made.key.id, source=LOCAL)
        case "rotated":
            await world.keys.rotate(made.key.id, overlap=0, source=LOCAL)
        case "expired":
            world.clock.advance(601)
    other = world.browser()
    other.http.cookies.update(cookies)
    for one in (browser, other):
        assert "Open with a key" in (await one.get()).text
        assert (await one.get(f"/account/usage?key={made.key.id}")).status_code == 404
        assert (await one.get(f"/account/rotate?key={made.key.id}")).status_code == 404


async def test_a_cookie_of_another_project_opens_nothing(world: World) -> None:
    browser = world.browser()
    for value in ("x", "AAAA" * 40, "é", "x" * 5_000):
        browser.http.cookies.set("portico-account-key", value.encode("ascii", "replace").decode())
        assert (await browser.get()).status_code == 200


async def test_closing_forgets_the_key(world: World) -> None:
    made = await world.key()
    browser = world.browser()
    await browser.open(made.secret.reveal())
    answer = await browser.send("/account/close", {})
    assert answer.headers["location"] == "/account?note=closed"
    assert "Open with a key" in (await browser.get()).text


async def test_wrong_keys_are_held_back_by_address(world: World) -> None:
    made = await world.key()
    browser = world.browser()
    page = await browser.get()
    fields = hidden(page, "/account/open")
    found = [
        (await browser.http.post("/account/open", data={**fields, "key": f"pk_guess_{at:030}"})).status_code
        for at in range(15)
    ]
    assert found == [403] * 10 + [429] * 5
    right = await browser.http.post("/account/open", data={**fields, "key": made.secret.reveal()})
    assert right.status_code == 429
    assert 1 <= int(right.headers["retry-after"]) <= 60
    assert (await world.browser(address="192.0.2.8").open(made.secret.reveal())).status_code == 303
    world.clock.advance(7)
    assert (await browser.open(made.secret.reveal())).status_code == 303


async def test_a_flood_of_guesses_at_once_gains_nothing(world: World) -> None:
    browser = world.browser()
    fields = hidden(await browser.get(), "/account/open")
    guesses = [browser.http.post("/account/open", data={**fields, "key": f"pk_guess_{at:030}"}) for at in range(40)]
    codes = [one.status_code for one in await asyncio.gather(*guesses)]
    assert codes.count(403) == 10
    assert codes.count(429) == 30


async def test_right_keys_are_not_held_back(world: World) -> None:
    made = await world.key()
    for _ in range(12):
        assert (await world.browser().open(made.secret.reveal())).status_code == 303


async def test_without_the_store_of_limits_the_process_counts_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await world.key()

    async def gone(*_: object) -> None:
        raise LimitStoreUnavailable("gone")

    def take(*_: object) -> None:
        raise LimitStoreUnavailable("gone")

    monkeypatch.setattr(world.store, "read", gone)
    monkeypatch.setattr(world.store, "take", take)
    browser = world.browser()
    codes = [(await browser.open(f"pk_guess_{at:030}")).status_code for at in range(12)]
    assert codes == [403] * 10 + [429] * 2
    other = world.browser(address="192.0.2.9")
    await other.open(made.secret.reveal())
    page = await other.get()
    assert "1,000 of 1,000 left" in page.text  # as the database knows it
    assert "not known at the moment" in page.text


async def test_forms_from_elsewhere_are_refused(world: World) -> None:
    made = await world.key()
    secret = made.secret.reveal()
    browser = world.browser()
    fields = hidden(await browser.get(), "/account/open")
    post = browser.http.post
    for data, headers in (
        ({"key": secret}, {}),
        ({**fields, "csrf": "x.y", "key": secret}, {}),
        ({**fields, "key": secret}, {"origin": "https://evil.example"}),
        ({**fields, "key": secret}, {"sec-fetch-site": "cross-site"}),
    ):
        answer = await post("/account/open", data=data, headers=headers)
        assert answer.status_code == 403
        assert not any("-key=" in one for one in answer.headers.get_list("set-cookie"))
    stranger = world.browser()
    await stranger.get()
    assert (await stranger.http.post("/account/open", data={**fields, "key": secret})).status_code == 403
    await browser.open(secret)
    for form in ("rotate", "close", "add"):
        answer = await post(f"/account/{form}", data={**fields, "key": made.key.id, "overlap": "0"})
        assert answer.status_code == 403, "a token from before the page was opened"


async def test_forms_are_bounded(world: World) -> None:
    browser = world.browser()
    fields = hidden(await browser.get(), "/account/open")
    assert (await browser.http.post("/account/open", data={**fields, "key": "x" * 70_000})).status_code == 413
    assert (
        await browser.http.post("/account/open", content=b"x", headers={"content-type": "text/plain"})
    ).status_code == 400
    many = {**fields, **{f"f{at}": "" for at in range(200)}}
    assert (await browser.http.post("/account/open", data=many)).status_code == 400


async def test_every_answer_has_the_headers_of_pages(world: World) -> None:
    made = await world.key()
    browser = world.browser()
    await browser.open(made.secret.reveal())
    pages = [
        await browser.get(),
        await browser.get(f"/account/rotate?key={made.key.id}"),
        await browser.get("/account?key=key_other"),
        await world.browser().get(),
        await browser.rotate(made.key.id),
    ]
    for page in pages:
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["x-frame-options"] == "DENY"
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "same-origin"
        assert not re.search(r"<style|\bstyle=|<script(?![^>]*\bsrc=)|\bon\w+=", page.text)
    usage = await browser.get(f"/account/usage?key={made.key.id}")
    assert usage.headers["cache-control"] == "no-store"
    assert usage.headers["content-type"] == "application/json"


@pytest.mark.parametrize("name", ["account.css", "account.js", "pages.css", "theme.css"])
async def test_style_and_script_are_files(world: World, name: str) -> None:
    answer = await world.browser().get(f"/account/assets/{name}")
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_nothing_else_is_there(world: World) -> None:
    assert (await world.browser().get("/account/")).headers["location"] == "/account"
    for path in ("/account/usage/", "/account/assets/../pages.py", "/account/assets/x", "/account/nothing"):
        assert (await world.browser().get(path)).status_code == 404


async def test_over_https_no_other_host_can_set_the_cookie(world: World) -> None:
    origin = "https://shop.example"
    made = await world.key()
    world.account = Account(world.state, origin=origin, ring=world.ring, limiter=world.limiter, identity=None)
    browser = world.browser(origin=origin)
    answer = await browser.open(made.secret.reveal())
    cookies = answer.headers.get_list("set-cookie")
    assert [one.partition("=")[0] for one in cookies] == ["__Host-portico-account-key", "__Host-portico-account-form"]
    assert all("Secure" in one and "HttpOnly" in one and "Path=/;" in one for one in cookies)
    assert "What is left" in (await browser.get()).text


def test_nothing_of_a_pool_is_loaded_for_it() -> None:
    """And nothing of it where there are no plans: `portico.server.assemble` imports `portico.server.plans` for them."""
    code = (
        "import sys, portico.server.assemble\n"
        "assert 'portico.access.account' not in sys.modules\n"
        "import portico.server.plans\n"
        "assert 'portico.access.account' in sys.modules\n"
        "found = {'argon2', 'webauthn', 'authlib', 'joserfc', 'portico.identity.service'}.intersection(sys.modules)\n"
        "assert not found, found\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
