"""People come to the shop from a second Portico, which acts as the provider."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

import pyotp
import pytest
from tests.portico.clocks import ManualClock
from tests.portico.identity.federation.conftest import (
    ELSEWHERE,
    PASSWORD,
    Browser,
    Site,
    Way,
    answered,
    heading,
)

from portico.identity.settings import Group
from portico.identity.source import LOCAL
from portico.identity.users import User

pytestmark = pytest.mark.usefixtures("ada_there")

CLOSED = {"sign_up": "closed"}
REFUSING = """
from portico.triggers import Refused

def pre_sign_up(event):
    if not event.email.endswith("@shop.example"):
        raise Refused("Only people of the shop.")
"""
FAILING = """
def post_confirmation(event):
    raise RuntimeError("no")
"""


def refused(page: object, status: int = 400) -> str:
    """The page that says that nobody is signed in; gives what it says."""
    assert page.status_code == status, page.text  # type: ignore[attr-defined]
    assert heading(page) == "Not signed in"  # type: ignore[arg-type]
    return str(page.text)  # type: ignore[attr-defined]


async def test_the_first_sign_in_makes_an_account_and_the_second_finds_it(
    way: Way, shop: Site, browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    page = await way.come(browser)
    answer = answered(page)
    assert (answer["state"], answer["iss"]) == ("of-the-page", f"{shop.origin}/auth/main")
    [user] = await shop.people()
    assert (user.email, user.email_verified, user.status, user.has_password) == (
        "ada@example.com",
        True,
        "external",
        False,
    )
    assert await way.who(browser) == user.id
    again = open_browser()
    await way.come(again)
    assert await way.who(again) == user.id
    assert len(await shop.people()) == 1
    assert [event for event in await shop.events() if event[0] == "federated_sign_in"] == [
        ("federated_sign_in", "success", user.id)
    ] * 2
    assert (await shop.identity.users.export(user.id))["linked_accounts"][0]["subject"]


async def test_two_first_sign_ins_at_once_make_one_account(
    way: Way, shop: Site, open_browser: Callable[[], Browser]
) -> None:
    browsers = [open_browser() for _ in range(4)]
    answers = [await way.answer(browser) for browser in browsers]
    await asyncio.gather(*(browser.open(answer) for browser, answer in zip(browsers, answers, strict=True)))
    [user] = await shop.people()
    assert [await way.who(browser) for browser in browsers] == [user.id] * 4


@pytest.mark.parametrize("changes", [{}, {"sign_in_with": ("email",)}, CLOSED])
async def test_an_account_with_the_same_verified_address_is_linked_after_its_password(
    way: Way, shop: Site, browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    ada = await shop.user("ada-of-the-shop", email="Ada@example.com")
    page = await way.come(browser)
    assert heading(page) == "Is that you?"
    assert await way.who(browser) is None
    page = await browser.submit(page, password="something else")
    assert page.status_code == 400
    assert "not right" in page.text
    assert (await shop.links(ada), await way.who(browser)) == ([], None)
    page = await browser.submit(page, password=PASSWORD)
    assert answered(page)["state"] == "of-the-page"
    assert await way.who(browser) == ada.id
    assert ("federated_linked", "success", ada.id) in await shop.events()
    again = open_browser()
    assert "code" in answered(await way.come(again))
    assert await way.who(again) == ada.id
    assert len(await shop.people()) == 1


async def test_an_account_whose_address_is_not_verified_here_is_not_linked(
    way: Way, shop: Site, browser: Browser
) -> None:
    other = await shop.user("other", email="ada@example.com", email_verified=False)
    await way.come(browser)
    who = await way.who(browser)
    assert who not in (None, other.id)
    [new] = [user for user in await shop.people() if user.id == who]
    assert new.email is None
    assert await shop.links(other) == []


async def test_an_address_that_the_provider_has_not_verified_opens_and_takes_nothing(
    way: Way, shop: Site, people: Site, browser: Browser
) -> None:
    await people.user("eve", ELSEWHERE, email="bea@example.com", email_verified=False)
    bea = await shop.user("bea")
    await way.come(browser, "eve")
    who = await way.who(browser)
    assert who not in (None, bea.id)
    assert [user.email for user in await shop.people() if user.id == who] == [None]


async def test_who_signed_up_with_an_address_beforehand_gets_nothing_of_its_owners_account(
    way: Way, shop: Site, browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    """Account pre-hijacking: the attacker knows a password and waits for the owner of the address."""
    attacker = open_browser()
    page = await attacker.open(f"{shop.origin}/auth/main/signup")
    page = await attacker.submit(page, username="mallory", email="ada@example.com", password=PASSWORD)
    await way.come(browser)
    [user] = await shop.people()
    assert (await way.who(browser), user.email, user.email_verified) == (user.id, "ada@example.com", True)
    login = await attacker.open(f"{shop.origin}/auth/main/login")
    for name in ("mallory", "ada@example.com"):
        assert (await attacker.submit(login, login=name, password=PASSWORD)).status_code == 400
    assert await way.who(attacker) is None


async def test_an_account_that_is_somebody_elses_by_another_provider_is_not_taken_over(
    way: Way, shop: Site, people: Site, browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    """It has the address, but no password that would show whose it is."""
    await way.come(browser)
    ada = await way.who(browser)
    there = await people.identity.users.by_login("ada")
    assert there is not None
    await people.identity.users.delete(there.id, source=LOCAL)
    await people.user("ada", ELSEWHERE)  # somebody else at the provider, who has the address now
    other = open_browser()
    await way.come(other)
    assert await way.who(other) not in (None, ada)


async def test_a_link_is_made_after_the_second_factor_and_not_before(
    way: Way, shop: Site, browser: Browser, open_browser: Callable[[], Browser], clock: ManualClock
) -> None:
    ada = await shop.user("ada")
    code = await app_of(shop, ada, clock)
    page = await way.come(browser)
    page = await browser.submit(page, password=PASSWORD)
    assert heading(page) == "One more step"
    assert (await shop.links(ada), await way.who(browser)) == ([], None)
    early = await browser.open(f"{shop.origin}/auth/main/federation/people/linked")
    assert (heading(early), await shop.links(ada)) == ("Sign in", [])
    assert f"form-action 'self' {shop.origin}" in page.headers["content-security-policy"]
    page = await browser.submit(page, code=code())
    assert answered(page)["state"] == "of-the-page"
    assert len(await shop.links(ada)) == 1
    clock.advance(60)
    again = open_browser()
    page = await way.come(again)
    assert (heading(page), await way.who(again)) == ("One more step", None)
    assert "code" in answered(await again.submit(page, code=code()))


async def test_a_link_is_for_who_gave_the_password_and_for_nobody_else_in_the_browser(
    way: Way, shop: Site, browser: Browser
) -> None:
    """Linking without consent: the address that ends the linking, opened before its time and by another person."""
    ada, bea = await shop.user("ada"), await shop.user("bea")
    linked = f"{shop.origin}/auth/main/federation/people/linked"

    async def sign_in(user: User) -> None:
        login = await browser.open(way.asked(prompt="login"))
        await browser.submit(login, login=user.username, password=PASSWORD)
        assert await way.who(browser) == user.id

    for user in (ada, bea):
        await sign_in(user)
        page = await way.come(browser, prompt="login")
        await browser.open(linked)
        assert (await shop.links(ada), await shop.links(bea)) == ([], [])
    await browser.submit(page, until="/linked", password=PASSWORD)
    await sign_in(bea)
    await browser.open(linked)
    assert (await shop.links(ada), await shop.links(bea)) == ([], [])


async def test_a_group_that_needs_a_second_factor_needs_it_of_everybody(
    way: Way, shop: Site, browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    await way.come(browser)
    [user] = await shop.people()
    await shop.identity.users.add_group(user.id, "florists")
    again = open_browser()
    page = await way.come(again)
    assert urlsplit(str(page.url)).path == "/auth/main/mfa/setup"
    assert await way.who(again) is None


@pytest.mark.parametrize("changes", [{"mfa": "required", "groups": {"florists": Group()}}])
async def test_a_pool_that_needs_a_second_factor_needs_it_at_the_first_sign_in(way: Way, browser: Browser) -> None:
    page = await way.come(browser)
    assert urlsplit(str(page.url)).path == "/auth/main/mfa/setup"
    assert await way.who(browser) is None


async def test_who_is_disabled_stays_out_and_who_was_deleted_is_new(
    way: Way, shop: Site, browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    await way.come(browser)
    [first] = await shop.people()
    await shop.identity.users.disable(first.id)
    second = open_browser()
    assert "Nobody here is linked" in refused(await way.come(second))
    assert await way.who(second) is None
    assert len(await shop.people()) == 1
    await shop.identity.users.delete(first.id, source=LOCAL)
    third = open_browser()
    await way.come(third)
    [user] = await shop.people()
    assert await way.who(third) == user.id != first.id


async def test_who_is_disabled_is_not_linked_either(way: Way, shop: Site, browser: Browser) -> None:
    ada = await shop.user("ada")
    await shop.identity.users.disable(ada.id)
    page = await browser.submit(await way.come(browser), password=PASSWORD)
    assert (page.status_code, await way.who(browser), await shop.links(ada)) == (400, None, [])


async def test_who_was_disabled_while_they_were_away_does_not_come_in(way: Way, shop: Site, browser: Browser) -> None:
    ada = await shop.user("ada")
    page = await browser.submit(await way.come(browser), until="/linked", password=PASSWORD)
    await shop.identity.users.disable(ada.id)
    page = await browser.open(shop.origin + page.headers["location"])
    assert (heading(page), await shop.links(ada)) == ("Sign in", [])


@pytest.mark.parametrize("changes", [CLOSED])
async def test_where_sign_up_is_closed_nobody_new_comes_in(way: Way, shop: Site, browser: Browser) -> None:
    refused(await way.come(browser))
    assert (await shop.people(), await way.who(browser)) == ([], None)


@pytest.mark.parametrize("triggers", [REFUSING])
async def test_the_projects_trigger_refuses(way: Way, shop: Site, people: Site, browser: Browser) -> None:
    """It is asked with verified addresses only."""
    assert "Only people of the shop." in refused(await way.come(browser))
    assert (await shop.people(), await way.who(browser)) == ([], None)


@pytest.mark.parametrize("triggers", [REFUSING])
async def test_an_address_that_is_not_verified_does_not_convince_a_trigger(
    way: Way, shop: Site, people: Site, browser: Browser
) -> None:
    await people.user("eve", ELSEWHERE, email="boss@shop.example", email_verified=False)
    refused(await way.come(browser, "eve"))
    assert await shop.people() == []


@pytest.mark.parametrize("triggers", [FAILING])
async def test_a_trigger_that_fails_afterwards_leaves_the_account(way: Way, shop: Site, browser: Browser) -> None:
    await way.come(browser)
    [user] = await shop.people()
    assert await way.who(browser) == user.id
    assert ("trigger_failed", "failure", user.id) in await shop.events()


async def test_the_person_says_no_at_the_provider(way: Way, shop: Site, browser: Browser) -> None:
    page = await browser.submit(await way.begin(browser), login="ada", password=ELSEWHERE)
    page = await browser.submit(page, decision="deny")
    assert "People was not finished" in refused(page)
    assert 'href="/auth/main/login?return_to=' in page.text
    assert (await shop.people(), await way.who(browser)) == ([], None)


@pytest.mark.parametrize("people_gone", [True])
async def test_a_provider_that_is_down_is_a_page(shop: Site, browser: Browser) -> None:
    page = await browser.open(f"{shop.origin}/auth/main/federation/people")
    assert "People cannot be reached" in refused(page, 502)
    assert "Back to the sign-in" in page.text


async def test_an_answer_of_another_issuer_is_refused(way: Way, browser: Browser) -> None:
    """Mix-up (RFC 9207): also where the answer is an error."""
    answer = await way.answer(browser)
    for changes in ({"iss": "https://evil.example"}, {"iss": ""}):
        refused(await browser.open(changed(answer, **changes)))
        assert await way.who(browser) is None
    refused(await browser.open(changed(answer, iss=None)))


async def test_the_answer_of_another_browser_is_refused(
    way: Way, shop: Site, browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    """Login CSRF: the attacker's answer in the browser of somebody who began a sign-in, and of one who did not."""
    of_attacker = await way.answer(open_browser())
    refused(await browser.open(of_attacker))
    own = await way.answer(browser)
    refused(await browser.open(of_attacker))
    assert (await shop.people(), await way.who(browser)) == ([], None)
    assert "code" in answered(await browser.open(own))  # what this browser began has not suffered


async def test_an_answer_counts_once(way: Way, browser: Browser, open_browser: Callable[[], Browser]) -> None:
    answer = await way.answer(browser)
    kept = [(one.name, one.value, one.domain) for one in browser.http.cookies.jar]
    assert "code" in answered(await browser.open(answer))
    refused(await browser.open(answer))
    thief = open_browser()
    for name, value, domain in kept:
        thief.http.cookies.set(name, value, domain)
    refused(await thief.open(answer))  # even with the cookies from then: the provider takes a code once
    assert await way.who(thief) is None


async def test_an_answer_with_a_parameter_twice_is_refused(way: Way, browser: Browser) -> None:
    answer = await way.answer(browser)
    for name in ("state", "code", "iss"):
        refused(await browser.open(f"{answer}&{name}={dict(parse_qsl(urlsplit(answer).query))[name]}"))
    assert await way.who(browser) is None


async def test_an_answer_after_too_long_is_refused(way: Way, browser: Browser, clock: ManualClock) -> None:
    answer = await way.answer(browser)
    clock.advance(601)
    refused(await browser.open(answer))


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_site_cannot_begin_a_sign_in(way: Way, shop: Site, browser: Browser, site: str) -> None:
    """Else it would sign people out of their own account and in to another, with a mere link."""
    begin = f"{shop.origin}/auth/main/federation/people"
    page = await browser.open(begin, headers={"sec-fetch-site": site})
    assert (str(page.url).startswith(shop.origin), heading(page)) == (True, "Sign in")
    assert "portico-main-federation" not in browser.http.cookies


async def test_a_way_back_that_is_not_sealed_leads_to_the_account(way: Way, shop: Site, browser: Browser) -> None:
    query = urlencode({"return_to": "https://evil.example/"})
    page = await browser.open(f"{shop.origin}/auth/main/federation/people?{query}")
    page = await way.back(browser, page)
    assert str(page.url) == f"{shop.origin}/auth/main/account"


async def test_an_unknown_provider_is_no_provider(way: Way, shop: Site, browser: Browser) -> None:
    for path in ("evil", "evil/link", "evil/linked"):
        page = await browser.open(f"{shop.origin}/auth/main/federation/{path}")
        assert heading(page) == "Sign in"
    refused(await browser.open(f"{shop.origin}/auth/main/federation/evil/callback?state=&code=x"))


async def test_a_sign_in_from_before_does_not_do_where_a_new_one_is_asked_for(
    way: Way, shop: Site, people: Site, browser: Browser, clock: ManualClock
) -> None:
    await way.come(browser)
    clock.advance(3_600)
    page = await way.begin(browser, prompt="login")
    assert (str(page.url).startswith(people.origin), heading(page)) == (True, "Sign in")
    address = next(url for url in reversed(browser.visited) if "/oauth2/authorize" in url and people.origin in url)
    silent = changed(address, max_age=None)  # the person, or a script of theirs, takes the question away
    page = await browser.open(silent)
    assert "did not ask you to sign in again" in refused(page)
    page = await way.begin(browser, prompt="login")
    assert "code" in answered(await way.back(browser, page))


async def test_the_session_is_new_at_every_sign_in(way: Way, shop: Site, browser: Browser) -> None:
    """Fixation: what the browser carried before is worth nothing afterwards."""
    await way.come(browser)
    before = browser.name_of(shop)
    page = await way.begin(browser, prompt="login")
    await way.back(browser, page)
    assert browser.name_of(shop) not in (None, before)


async def test_an_account_that_is_linked_meanwhile_stays_whose_it_is(
    way: Way, shop: Site, browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    ada = await shop.user("ada")
    first, second = await way.come(browser), open_browser()
    await second.submit(await way.come(second), password=PASSWORD)
    await browser.submit(first, password=PASSWORD)
    assert len(await shop.links(ada)) == 1
    assert [event for event in await shop.events() if event[0] == "federated_linked"] == [
        ("federated_linked", "success", ada.id)
    ]


async def test_the_page_that_asks_for_the_password_is_no_guessing_game(way: Way, shop: Site, browser: Browser) -> None:
    ada = await shop.user("ada")
    page = await way.come(browser)
    answers = [(await browser.submit(page, password=f"wrong {number}")).status_code for number in range(12)]
    assert 429 in answers
    assert await shop.links(ada) == []


async def test_the_page_that_asks_for_the_password_takes_forms_of_its_own_only(
    way: Way, shop: Site, browser: Browser
) -> None:
    ada = await shop.user("ada")
    page = await way.come(browser)
    answer = await browser.http.post(str(page.url), data={"password": PASSWORD}, headers={"origin": shop.origin})
    assert (answer.status_code, await shop.links(ada)) == (403, [])


async def test_no_secret_is_in_the_log(
    way: Way, shop: Site, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "portico"):
        await shop.user("ada")
        answer = await way.answer(browser)
        page = await browser.open(answer)
        refused(await browser.open(answer))
        await browser.submit(page, password=PASSWORD)
    hidden = [PASSWORD, ELSEWHERE, *(dict(parse_qsl(urlsplit(answer).query))[name] for name in ("code", "state"))]
    hidden += [str(one.value) for one in browser.http.cookies.jar]
    assert [text for text in hidden if text in caplog.text] == []


def changed(address: str, **changes: str | None) -> str:
    query = {**dict(parse_qsl(urlsplit(address).query)), **changes}
    kept = {name: value for name, value in query.items() if value is not None}
    return f"{address.partition('?')[0]}?{urlencode(kept)}"


async def app_of(site: Site, user: User, clock: ManualClock) -> Callable[[], str]:
    """Gives the code of somebody's authenticator app."""
    setup = await site.identity.mfa.begin_totp(user)
    totp = pyotp.TOTP(setup.secret.reveal())
    await site.identity.mfa.confirm_totp(user.id, totp.at(int(clock())), LOCAL)
    clock.advance(60)
    return lambda: totp.at(int(clock()))
