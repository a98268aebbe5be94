"""Signing in on the site and in the documentation, in a real browser with the real pool."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("playwright.sync_api", reason="there is no playwright to look at the pages with")

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route, expect

OURS = re.compile(r"/$")
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def bob(browser: Browser, address: str, pages: Any) -> str:
    """Somebody who has an account."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/")
    page.locator("#doorstep").get_by_role("button", name="Sign up").click()
    pages.sign_up(page, "bob")
    expect(page.locator("#account-name")).to_have_text("bob")
    context.close()
    return "bob"


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What browsers complain about; anything fails the test."""
    complaints: list[str] = []
    yield complaints
    assert complaints == []


def open_page(context: BrowserContext, complaints: list[str], path: str = "/") -> Page:
    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    page = context.new_page()
    page.on("console", complain)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path)
    return page


@pytest.fixture
def page(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    """The site in a browser that knows nobody."""
    context = browser.new_context(base_url=address)
    yield open_page(context, complaints)
    context.close()


@pytest.fixture
def bobs(page: Page, pages: Any, bob: str) -> Page:
    """The site in the browser of Bob, who has signed in."""
    page.locator("#begin").click()
    pages.sign_in(page, bob)
    expect(page.locator("#account")).to_be_visible()
    return page


def say(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_label("Your message").press("Enter")
    expect(page.locator(".visitor.sent").last).to_contain_text(text)


def sign_out(page: Page) -> None:
    page.locator("#account").click()
    with page.expect_navigation(url=OURS):  # to the pool, and back
        page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#doorstep")).to_be_visible()


def test_who_is_signed_out_is_asked_in_and_sees_nothing_that_does_not_work(page: Page) -> None:
    expect(page.get_by_role("heading", name="Do come in.")).to_be_visible()
    expect(page.get_by_label("Your message")).to_be_hidden()
    expect(page.locator("#account")).to_be_hidden()
    page.locator("body").press("Tab")
    expect(page.get_by_role("link", name="Skip to signing in")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.dataset.signIn") is not None


def test_a_visitor_signs_up_in_the_middle_of_an_order_and_lands_there(page: Page, pages: Any) -> None:
    page.goto("/#checkout/spring-tulips")
    dialog = page.get_by_role("dialog", name="Your order")
    expect(dialog).to_contain_text("€29")
    expect(page.get_by_label("Deliver to")).to_be_hidden()
    dialog.get_by_role("button", name="Sign up").click()
    pages.sign_up(page, "carol")
    expect(page).to_have_url(re.compile(r"/#checkout/spring-tulips$"))
    expect(page.get_by_label("Deliver to")).to_be_visible()
    expect(page.locator("#account-name")).to_have_text("carol")
    page.keyboard.press("Escape")
    say(page, "show me roses")
    expect(page.locator(".card")).to_have_count(2)


def test_one_signs_out_and_in_again_and_the_conversation_is_gone(bobs: Page, pages: Any) -> None:
    say(bobs, "Hello")
    sign_out(bobs)
    expect(bobs).to_have_url(OURS)
    assert bobs.evaluate("() => JSON.stringify(Object.entries(sessionStorage))").count("Hello") == 0
    bobs.reload()
    expect(bobs.locator("#doorstep")).to_be_visible()
    bobs.locator("#begin").click()
    pages.sign_in(bobs, "bob")
    expect(bobs.locator("#account-name")).to_have_text("bob")
    expect(bobs.get_by_role("heading", name="What shall it be?")).to_be_visible()


def test_tokens_are_not_where_another_tab_or_a_later_visitor_finds_them(bobs: Page) -> None:
    say(bobs, "Hello")
    kept = bobs.evaluate("() => [Object.keys(localStorage), Object.values(sessionStorage).join()]")
    assert kept[0] == ["signed-in:sign-in:chat"]
    assert "at+jwt" not in kept[1]
    assert not re.search(r"access|secret|ASIA|sessionToken", kept[1])
    assert "code=" not in bobs.url


def test_a_reload_and_another_tab_are_signed_in_without_a_question(bobs: Page, complaints: list[str]) -> None:
    say(bobs, "Hello")
    bobs.reload()
    expect(bobs.locator(".visitor")).to_have_count(1)
    say(bobs, "tulips")
    other = open_page(bobs.context, complaints)
    expect(other.locator("#account")).to_be_visible()
    say(other, "roses")
    say(bobs, "Thank you")


def test_a_duplicated_tab_does_not_spend_the_other_tabs_refresh_token(bobs: Page) -> None:
    kept = bobs.evaluate("() => sessionStorage.getItem('sign-in:chat')")
    other = bobs.context.new_page()
    other.add_init_script(
        f"sessionStorage.getItem('sign-in:chat') ?? sessionStorage.setItem('sign-in:chat', {json.dumps(kept)})"
    )
    other.goto("/")
    expect(other.locator("#account")).to_be_visible()
    say(other, "Hello")
    assert other.evaluate("() => sessionStorage.getItem('sign-in:chat')") != kept
    bobs.reload()
    say(bobs, "Hello")


def test_signing_out_in_one_tab_is_signing_out_in_all(bobs: Page, complaints: list[str]) -> None:
    other = open_page(bobs.context, complaints)
    expect(other.locator("#account")).to_be_visible()
    say(other, "Hello")
    sign_out(bobs)
    expect(other.locator("#account")).to_be_hidden()
    expect(other.get_by_text("You are signed out.")).to_be_visible()
    expect(other.get_by_label("Your message")).to_be_hidden()


REVOKED = json.dumps({"status": 403, "detail": "The security token included in the request has been revoked."})


def test_calls_are_signed_with_temporary_credentials(bobs: Page) -> None:
    with bobs.expect_request("**/nlu") as asked:
        say(bobs, "Hello")
    headers = asked.value.headers
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=ASIA")
    assert headers["x-amz-security-token"]


def test_credentials_that_are_refused_are_renewed_and_the_visitor_notices_nothing(bobs: Page) -> None:
    say(bobs, "Hello")
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        if refused:
            route.continue_()
        else:
            refused.append(route.request.headers["authorization"])
            route.fulfill(status=403, content_type="application/problem+json", body=REVOKED)

    bobs.route("**/nlu", refuse_once)
    with bobs.expect_response(lambda response: response.url.endswith("/nlu") and response.status == 200) as answered:
        say(bobs, "tulips")
    key = re.compile("Credential=([^/]+)/")
    assert key.findall(answered.value.request.headers["authorization"]) != key.findall(refused[0])


def test_a_conversation_goes_on_when_token_and_credentials_have_ended(bobs: Page) -> None:
    bobs.clock.install()
    bobs.reload()
    say(bobs, "Hello")
    asked: list[str] = []
    bobs.on("request", lambda request: asked.append(urlsplit(request.url).path))
    bobs.clock.fast_forward("02:00:00")  # the token lives for fifteen minutes, the credentials for an hour
    say(bobs, "tulips")
    expect(bobs.locator(".card").first).to_be_visible()
    assert "/auth/main/oauth2/token" in asked
    assert "/auth/main/credentials" in asked


def test_who_was_signed_out_elsewhere_keeps_what_they_wrote_until_they_are_back(bobs: Page, pages: Any) -> None:
    say(bobs, "show me roses")
    bobs.context.clear_cookies()
    gone = '{"error": "invalid_grant"}'
    bobs.route("**/nlu", lambda route: route.fulfill(status=403, content_type="application/problem+json", body=REVOKED))
    bobs.route("**/credentials", lambda route: route.fulfill(status=401, json={"status": 401}))
    bobs.route("**/oauth2/token", lambda route: route.fulfill(status=400, content_type="application/json", body=gone))
    bobs.get_by_label("Your message").fill("the second one")
    bobs.get_by_label("Your message").press("Enter")
    expect(bobs.get_by_text("You are signed out.")).to_be_visible()
    expect(bobs.locator(".visitor.waiting")).to_contain_text("the second one")
    for path in ("**/nlu", "**/credentials", "**/oauth2/token"):
        bobs.unroute(path)
    bobs.locator("#left").get_by_role("button", name="Sign in").click()
    pages.sign_in(bobs, "bob")
    expect(bobs.locator(".visitor.sent")).to_have_count(2)
    expect(bobs.locator(".card")).to_have_count(3)


def test_the_page_opened_under_another_name_of_the_host_goes_to_the_right_one(
    browser: Browser, address: str, complaints: list[str]
) -> None:
    other = address.replace("localhost", "127.0.0.1")
    context = browser.new_context(base_url=other)
    page = open_page(context, complaints)
    page.locator("#begin").click()
    expect(page.get_by_label("User name or e-mail")).to_be_visible()
    assert page.url.startswith(f"{address}/auth/main/login")
    context.close()


@pytest.mark.parametrize(
    "answer", ["code=stolen&state=forged&iss=x", "error=access_denied&state=forged", "state=&code="]
)
def test_an_answer_that_nobody_asked_for_is_left_alone(page: Page, answer: str) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/oauth2/token" in request.url else None)
    page.goto(f"/?{answer}")
    expect(page.locator("#doorstep")).to_be_visible()
    assert "state" not in page.url
    assert asked == []


def test_a_forged_answer_signs_nobody_out(bobs: Page) -> None:
    bobs.goto("/?code=stolen&state=forged&iss=x")
    expect(bobs.locator("#account-name")).to_have_text("bob")
    say(bobs, "Hello")


def test_a_pool_that_cannot_be_reached_is_said_and_can_be_tried_again(page: Page) -> None:
    page.route("**/.well-known/openid-configuration", lambda route: route.abort())
    page.locator("#begin").click()
    expect(page.get_by_role("alert").first).to_have_text("The shop cannot be reached. Please try again.")
    page.unroute("**/.well-known/openid-configuration")
    page.locator("#begin").click()
    expect(page.get_by_label("User name or e-mail")).to_be_visible()


def test_an_answer_of_another_issuer_is_refused(bobs: Page) -> None:
    """RFC 9207: a mix-up between two issuers."""
    bobs.evaluate("() => { sessionStorage.clear(); localStorage.clear(); }")
    bobs.reload()
    asked: list[str] = []
    bobs.on("request", lambda request: asked.append(request.url) if "/oauth2/token" in request.url else None)

    def mix_up(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        location = re.sub(r"iss=[^&]*", "iss=https%3A%2F%2Fevil.example", answer.headers["location"])
        route.fulfill(status=302, headers={"location": location})

    bobs.route("**/oauth2/authorize?**", mix_up)
    bobs.locator("#begin").click()
    expect(bobs.get_by_role("alert").filter(has_text="Signing in did not work.")).to_be_visible()
    assert asked == []


def test_the_sign_in_asks_with_pkce_state_and_nonce(page: Page) -> None:
    with page.expect_request("**/oauth2/authorize?**") as asked:
        page.locator("#begin").click()
    query = parse_qs(urlsplit(asked.value.url).query)
    assert query["code_challenge_method"] == ["S256"]
    assert all(len(query[name][0]) >= 43 for name in ("code_challenge", "state", "nonce"))


def test_on_a_phone_the_ways_in_and_out_can_be_hit_with_a_finger(
    browser: Browser, address: str, complaints: list[str], pages: Any, bob: str
) -> None:
    context = browser.new_context(base_url=address, reduced_motion="reduce", **PHONE)
    page = open_page(context, complaints)
    expect(page.locator("#doorstep")).to_be_visible()
    assert too_small(page) == []
    page.locator("#begin").click()
    pages.sign_in(page, bob)
    say(page, "Hello")
    page.locator("#account").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert too_small(page) == []
    context.close()


def too_small(page: Page) -> list[str]:
    """What cannot be hit with a finger, after a look at the page's width."""
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    found: list[str] = page.locator("button:visible, a:visible:not(.skip)").evaluate_all(
        """all => all
            .filter((one) => one.getBoundingClientRect().height < 44 || one.getBoundingClientRect().width < 40)
            .map((one) => one.outerHTML)"""
    )
    return found


def test_the_documentation_signs_in_and_calls_an_operation(
    browser: Browser, address: str, complaints: list[str], pages: Any, bob: str
) -> None:
    context = browser.new_context(base_url=address)
    page = open_page(context, complaints, "/docs/concierge")
    page.get_by_role("button", name="Authorize", exact=True).first.click()
    expect(page.locator(".auth-container")).to_have_count(2)  # a key, a sign-in; no signature can be typed in
    expect(page.locator(".auth-container").last).to_contain_text("Order bouquets and see your orders")
    expect(page.get_by_label("client_secret")).to_be_hidden()
    with context.expect_page() as popup:
        page.locator(".auth-btn-wrapper button.authorize").last.click()
    with popup.value.expect_event("close"):
        pages.sign_in(popup.value, bob)
    expect(page.locator(".auth-container").last).to_contain_text("Authorized")
    page.get_by_role("button", name="Close").last.click()
    page.get_by_text("See your orders").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    answer = page.locator(".live-responses-table tr.response").first
    expect(answer).to_contain_text("200")
    expect(answer).to_contain_text('"orders"')
    context.close()
