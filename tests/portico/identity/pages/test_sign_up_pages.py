"""Making an account, and a forgotten password, without telling strangers who has one."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
import pytest
from tests.portico.identity.pages.conftest import PASSWORD, Browser, hidden

from portico.config import Config
from portico.identity.pool import Pool
from portico.identity.returning import ReturnTo
from portico.identity.service import Identity
from portico.identity.users import User

Mailed = Callable[[str], Awaitable[str]]
Open = Callable[[], Browser]
GRACE = {"username": "grace", "email": "grace@example.com", "password": PASSWORD}


async def test_one_signs_up_confirms_and_is_in_where_one_was(browser: Browser, mailed: Mailed, pool: Pool) -> None:
    query = "?" + urlencode({"return_to": ReturnTo(pool).seal("/auth/main/oauth2/authorize?client_id=chat")})
    answer = await browser.send(f"/signup{query}", GRACE)
    to = urlsplit(answer.headers["location"])
    assert to.path == "/auth/main/confirm"
    assert "return_to" in parse_qs(to.query)
    wrong = await browser.send(answer.headers["location"], {"code": "000000"})
    assert wrong.status_code == 400
    assert "The code is not right" in wrong.text
    answer = await browser.send(answer.headers["location"], {"code": await mailed("grace@example.com")})
    assert answer.headers["location"] == "/auth/main/oauth2/authorize?client_id=chat"
    assert browser.is_signed_in


async def test_a_code_that_is_typed_elsewhere_signs_nobody_in(
    browser: Browser, mailed: Mailed, open_browser: Open
) -> None:
    await browser.send("/signup", GRACE)
    other = open_browser()
    answer = await other.send("/confirm", {"login": "grace", "code": await mailed("grace@example.com")})
    assert answer.headers["location"] == "/auth/main/login?note=confirmed"
    assert not other.is_signed_in


async def test_an_earlier_try_with_the_name_is_no_way_in(
    open_browser: Open, mailed: Mailed, ada: User, clock: Any
) -> None:
    """Somebody signs up with a name before its owner does, and guesses the code: that is not the owner's password."""
    attacker, owner = open_browser(), open_browser()
    await attacker.send("/signup", {**GRACE, "email": "ada@example.com", "password": "attackers own 12"})
    clock.advance(5)
    await owner.send("/signup", GRACE)
    answer = await attacker.send("/confirm", {"code": await mailed("grace@example.com")})
    assert answer.status_code == 400
    assert not attacker.is_signed_in


async def test_a_later_try_with_the_address_is_not_confirmed_by_its_owner(
    open_browser: Open, mailed: Mailed, identity: Identity, clock: Any
) -> None:
    """A stranger signs up again before the owner has typed the code: the newest code would confirm their password."""
    attacker, owner = open_browser(), open_browser()
    await owner.send("/signup", GRACE)
    clock.advance(5)
    await attacker.send("/signup", {**GRACE, "password": "attackers own 12"})
    answer = await owner.send("/confirm", {"code": await mailed("grace@example.com")})
    assert answer.status_code == 400
    taken = await attacker.sign_in("grace", "attackers own 12")
    assert taken.headers["location"] == "/auth/main/confirm"
    await owner.send("/signup", GRACE)
    answer = await owner.send("/confirm", {"code": await mailed("grace@example.com")})
    assert answer.headers["location"] == "/auth/main/account"
    assert (await attacker.sign_in("grace", "attackers own 12")).status_code == 400


async def test_a_name_and_an_address_that_are_taken_look_like_any_other(open_browser: Open, ada: User) -> None:
    answers = [
        await open_browser().send("/signup", values)
        for values in (GRACE, {**GRACE, "username": "ada"}, {**GRACE, "email": "ada@example.com"})
    ]
    assert {answer.status_code for answer in answers} == {303}
    assert {answer.headers["location"] for answer in answers} == {"/auth/main/confirm"}
    lengths = {sum(len(cookie) for cookie in answer.headers.get_list("set-cookie")) for answer in answers}
    assert max(lengths) - min(lengths) <= 4  # the name that was typed, and nothing that was found


async def test_what_is_wrong_is_said_at_its_field(browser: Browser) -> None:
    answer = await browser.send("/signup", {"username": "g r a c e", "email": "nowhere", "password": "short"})
    assert answer.status_code == 400
    for name in ("username", "email", "password"):
        assert f'id="{name}-fault"' in answer.text
        assert f'aria-describedby="{name}-fault' in answer.text
    assert 'value="g r a c e"' in answer.text
    assert 'value="short"' not in answer.text
    assert answer.text.count("aria-invalid") == 3


async def test_who_has_not_confirmed_is_sent_a_new_code_at_sign_in(
    open_browser: Open, mailed: Mailed, clock: Any
) -> None:
    await open_browser().send("/signup", GRACE)
    clock.advance(120)
    browser = open_browser()
    answer = await browser.sign_in("grace")
    assert answer.headers["location"] == "/auth/main/confirm"
    answer = await browser.send("/confirm", {"code": await mailed("grace@example.com")})
    assert answer.headers["location"] == "/auth/main/account"
    assert browser.is_signed_in


async def test_a_new_code_can_be_had(browser: Browser, mailed: Mailed, clock: Any) -> None:
    await browser.send("/signup", GRACE)
    first = await mailed("grace@example.com")
    clock.advance(120)
    again = await browser.send("/confirm", {"resend": "yes"})
    assert "a new one is on its way" in again.text
    second = await mailed("grace@example.com")
    assert second != first or hidden(again)["login"] == "grace"
    assert (await browser.post(again, {"code": second})).status_code == 303


async def test_a_closed_pool_makes_no_accounts(pool: Pool, browser: Browser, identity: Identity) -> None:
    closed = dataclasses.replace(pool, settings=msgspec.structs.replace(pool.settings, sign_up="closed"))
    other = Identity.of(closed, Config())
    import httpx
    from tests.portico.identity.pages.conftest import ORIGIN

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=other.app), base_url=ORIGIN) as http:
        assert (await http.get("/auth/main/signup")).status_code == 403
        assert "signup" not in (await http.get("/auth/main/login")).text


async def test_a_forgotten_password_is_set_anew(browser: Browser, ada: User, mailed: Mailed, clock: Any) -> None:
    answer = await browser.send("/forgot", {"login": "ada"})
    assert answer.headers["location"] == "/auth/main/reset"
    weak = await browser.send("/reset", {"code": await mailed("ada@example.com"), "password": "password"})
    assert weak.status_code == 400
    assert 'id="password-fault"' in weak.text
    answer = await browser.post(weak, {"code": await mailed("ada@example.com"), "password": "a brand new one 7"})
    assert answer.headers["location"] == "/auth/main/login?note=password"
    clock.advance(1)
    assert (await browser.sign_in("ada", PASSWORD)).status_code == 400
    await browser.sign_in("ada", "a brand new one 7")
    assert browser.is_signed_in


async def test_forgetting_looks_the_same_for_known_and_unknown(open_browser: Open, ada: User) -> None:
    pages = []
    for login in ("ada", "nix"):
        browser = open_browser()
        answer = await browser.send("/forgot", {"login": login})
        shown = await browser.get(answer.headers["location"])
        wrong = await browser.post(shown, {"code": "000000", "password": PASSWORD})
        pages.append(
            [page.text.replace(hidden(page)["csrf"], "").replace(f'value="{login}"', "") for page in (shown, wrong)]
        )
    assert pages[0] == pages[1]


async def test_a_reset_signs_everybody_out(open_browser: Open, ada: User, mailed: Mailed, clock: Any) -> None:
    elsewhere, here = open_browser(), open_browser()
    await elsewhere.sign_in()
    clock.advance(10)
    await here.send("/forgot", {"login": "ada"})
    await here.send("/reset", {"code": await mailed("ada@example.com"), "password": "a brand new one 7"})
    assert (await elsewhere.get("/account")).headers["location"].startswith("/auth/main/login")


@pytest.mark.parametrize("path", ["/mfa", "/mfa/setup", "/new-password"])
async def test_a_step_that_nobody_has_begun_leads_to_the_sign_in(browser: Browser, path: str) -> None:
    assert (await browser.get(path)).headers["location"] == "/auth/main/login?note=expired"


async def test_the_mailbox_is_for_developers(pool: Pool, browser: Browser, mailed: Mailed) -> None:
    await browser.send("/signup", GRACE)
    page = await browser.get("/mailbox")
    assert await mailed("grace@example.com") in page.text
    assert "grace@example.com" in page.text


async def test_production_has_no_mailbox(pool: Pool) -> None:
    import httpx
    from tests.portico.identity.pages.conftest import ORIGIN

    from portico import config
    from portico.secret import Secret

    production = Identity.of(
        dataclasses.replace(pool, development=False),
        Config(mail=config.Mail(server=Secret("smtp://localhost:25"), sender="a@example.com")),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=production.app), base_url=ORIGIN) as http:
        assert (await http.get("/auth/main/mailbox")).status_code == 404
        assert "mailbox" not in (await http.get("/auth/main/confirm")).text
