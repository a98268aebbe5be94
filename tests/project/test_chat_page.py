"""The chat page in a real browser, against the project in a process of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="there is no playwright to look at the pages with")

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Route, StorageState, expect

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
SOMETHING = re.compile(r"\S")
IN_FIVE_DAYS = str(datetime.now(UTC).date() + timedelta(days=5))


@pytest.fixture(scope="module")
def ada(browser: Browser, address: str, pages: Any) -> StorageState:
    """What the browser of somebody holds who has signed up, and is signed in."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/")
    page.locator("#doorstep").get_by_role("button", name="Sign up").click()
    pages.sign_up(page, "ada")
    expect(page.locator("#account")).to_be_visible()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_page(browser: Browser, address: str, ada: StorageState) -> Iterator[Callable[..., Page]]:
    """Opens the page for Ada in a context of its own; whatever the browser complains about fails the test."""
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def open_page(path: str = "/", **options: Any) -> Page:
        page = browser.new_context(base_url=address, storage_state=ada, **options).new_page()
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        expect(page.locator("#account")).to_be_visible()  # by way of the pool, which knows the browser
        return page

    yield open_page
    for context in browser.contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


def field(page: Page) -> Locator:
    return page.get_by_label("Your message")


def say(page: Page, text: str) -> None:
    """Write and send, and wait for the answer."""
    field(page).fill(text)
    field(page).press("Enter")
    expect(page.locator(".visitor.sent").last).to_contain_text(text)


def answers(page: Page) -> Locator:
    return page.locator(".concierge .bubble")


def problem(status: int, **members: Any) -> Callable[[Route], None]:
    body = json.dumps({"title": "Problem", "status": status, **members})
    return lambda route: route.fulfill(status=status, content_type="application/problem+json", body=body)


def reply(*messages: Any) -> Callable[[Route], None]:
    return lambda route: route.fulfill(json={"messages": list(messages)})


def test_one_writes_and_is_answered(page: Page) -> None:
    expect(page.get_by_role("heading", name="What shall it be?")).to_be_visible()
    say(page, "Good morning!")
    expect(answers(page)).to_contain_text("welcome")
    expect(page.get_by_role("heading", name="What shall it be?")).to_be_hidden()
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_value("")


def test_a_suggestion_is_said_by_a_click(page: Page) -> None:
    page.get_by_role("button", name="Show me your roses").click()
    expect(page.locator(".card")).to_have_count(2)
    expect(page.locator(".card").first).to_contain_text("€42")


def test_a_bouquet_is_ordered_by_keyboard_alone(page: Page) -> None:
    page.keyboard.type("the peonies please")
    page.keyboard.press("Enter")
    order = page.get_by_role("link", name="Order Peony Cloud")
    expect(order).to_be_visible()
    order.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Your order")
    expect(dialog).to_contain_text("Peony Cloud")
    expect(page.get_by_label("Deliver to")).to_be_focused()
    page.keyboard.type("Ada Lovelace, 12 St James's Square, London")
    page.get_by_label("On", exact=True).fill(IN_FIVE_DAYS)
    page.get_by_label("On", exact=True).press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("region", name="Order placed")).to_contain_text("Peony Cloud is ordered")
    expect(field(page)).to_be_focused()
    number = page.locator(".receipt code").inner_text()
    say(page, f"Where is my order {number}?")
    expect(answers(page).last).to_contain_text("All is well")


def test_what_is_missing_is_said_at_its_field(open_page: Callable[..., Page]) -> None:
    page = open_page("/#checkout/spring-tulips")
    expect(page.get_by_role("dialog")).to_contain_text("Spring Tulips")
    page.get_by_role("button", name="Place the order").click()
    address = page.get_by_label("Deliver to")
    expect(address).to_be_focused()
    expect(address).to_have_attribute("aria-invalid", "true")
    expect(address).to_have_accessible_description("Name, street and town Please give a name, a street and a town.")
    expect(page.get_by_text("Please choose a day.")).to_be_visible()


def test_what_the_server_refuses_is_said_at_its_field_too(open_page: Callable[..., Page]) -> None:
    page = open_page("/#checkout/spring-tulips")
    faults = [{"pointer": "/deliveryDate", "detail": "Not on a holiday."}, {"pointer": "/other", "detail": "And more."}]
    page.route("**/checkout", problem(422, errors=faults))
    page.get_by_label("Deliver to").fill("Ada Lovelace, London")
    page.get_by_label("On", exact=True).fill(IN_FIVE_DAYS)
    page.get_by_role("button", name="Place the order").click()
    expect(page.locator("#date-fault")).to_have_text("Not on a holiday.")
    expect(page.get_by_role("alert")).to_have_text("And more.")
    expect(page.get_by_label("On", exact=True)).to_be_focused()


def place_an_order(page: Page) -> None:
    page.get_by_label("Deliver to").fill("Ada Lovelace, London")
    page.get_by_label("On", exact=True).fill(IN_FIVE_DAYS)
    page.get_by_role("button", name="Place the order").click()


def test_an_order_whose_answer_was_lost_is_sent_again_and_placed_once(open_page: Callable[..., Page]) -> None:
    page = open_page("/#checkout/spring-tulips")
    ids: list[str] = []
    signatures: set[str] = set()

    def lose_the_first(route: Route) -> None:
        answer = route.fetch()
        ids.append(answer.json()["orderId"])
        signatures.add(route.request.headers["authorization"])
        if len(ids) == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    page.route("**/checkout", lose_the_first)
    place_an_order(page)
    expect(page.locator(".receipt code")).to_have_text(re.compile(r"\w"))
    assert page.locator(".receipt code").inner_text() == ids[0] == ids[1]
    assert len(signatures) == 2
    assert all(one.startswith("AWS4-HMAC-SHA256 ") for one in signatures)


def test_an_order_that_gets_no_answer_at_all_can_be_tried_again_and_is_placed_once(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/#checkout/spring-tulips")
    ids: list[str] = []

    def lose_it(route: Route) -> None:
        ids.append(route.fetch().json()["orderId"])
        route.abort()

    page.route("**/checkout", lose_it)
    place_an_order(page)
    expect(page.get_by_role("alert")).to_contain_text("you will not order twice")
    page.unroute("**/checkout")
    page.get_by_role("button", name="Place the order").click()
    expect(page.locator(".receipt code")).to_have_text(ids[0])
    assert len(ids) == 3
    assert len(set(ids)) == 1


def test_the_order_form_closes_by_escape_and_by_back_and_gives_the_focus_back(page: Page) -> None:
    say(page, "tulips")
    order = page.get_by_role("link", name="Order Spring Tulips")
    order.click()
    expect(page.get_by_role("dialog")).to_contain_text("€29")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(order).to_be_focused()
    expect(page).to_have_url(re.compile(r"^[^#]+$"))
    order.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_bouquet_that_does_not_exist_cannot_be_ordered(open_page: Callable[..., Page]) -> None:
    page = open_page("/#checkout/blue-tulips")
    expect(page.get_by_role("alert")).to_contain_text("There is no bouquet")


def test_while_the_concierge_writes_it_shows(page: Page) -> None:
    held: list[Route] = []
    page.route("**/nlu", lambda route: held.append(route))
    field(page).fill("Hello")
    field(page).press("Enter")
    expect(page.get_by_text("The concierge is writing")).to_be_attached()
    expect(page.locator("#typing")).to_be_visible()
    expect(page.locator(".visitor.sending")).to_have_text("You: Hello")
    held[0].continue_()
    expect(page.locator("#typing")).to_be_hidden()
    expect(answers(page)).to_have_count(1)


def test_a_message_that_fails_is_kept_and_can_be_tried_again(page: Page) -> None:
    page.route("**/nlu", problem(500))
    field(page).fill("Hello")
    field(page).press("Enter")
    expect(page.locator(".visitor.failed")).to_contain_text("could not be answered")
    page.unroute("**/nlu")
    page.get_by_role("button", name="Try again").click()
    expect(answers(page)).to_contain_text("welcome")
    expect(page.locator(".visitor")).to_have_count(1)


def test_a_message_that_is_refused_says_why_and_can_be_changed(page: Page) -> None:
    page.route("**/nlu", problem(400, detail="The text is too shrill."))
    field(page).fill("HELLO!!!")
    field(page).press("Enter")
    expect(page.locator(".visitor.failed")).to_contain_text("The text is too shrill.")
    page.unroute("**/nlu")
    page.get_by_role("button", name="Edit").click()
    expect(field(page)).to_have_value("HELLO!!!")
    say(page, "Hello.")
    expect(page.locator(".visitor")).to_have_count(1)


def test_what_is_written_offline_is_sent_in_order_once_the_connection_is_back(page: Page) -> None:
    say(page, "show me roses")
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline")).to_be_visible()
    for text in ("How much is the first one?", "And the second one? What does it cost?"):
        field(page).fill(text)
        field(page).press("Enter")
    expect(page.locator(".visitor.waiting")).to_have_count(2)
    page.context.set_offline(False)
    expect(page.locator(".visitor.sent")).to_have_count(3)
    expect(page.get_by_text("You are offline")).to_be_hidden()
    expect(answers(page).nth(1)).to_contain_text("Garden Rose Posy costs €42")
    expect(answers(page).nth(2)).to_contain_text("Dozen Red Roses costs €59")


def test_a_server_that_is_gone_is_like_no_connection_and_is_tried_again(page: Page) -> None:
    page.clock.install()
    tries: list[Route] = []
    page.route("**/nlu", lambda route: (tries.append(route), route.abort()))
    field(page).fill("Hello")
    field(page).press("Enter")
    expect(page.get_by_text("You are offline")).to_be_visible()
    assert len(tries) == 1
    page.clock.run_for(3_000)
    page.clock.run_for(3_000)  # each pause is twice as long as the one before
    expect(page.locator(".visitor.waiting")).to_be_visible()
    assert len(tries) == 2
    page.unroute("**/nlu")
    page.get_by_role("button", name="Try now").click()
    expect(answers(page)).to_contain_text("welcome")


def test_the_conversation_and_the_draft_survive_a_reload(page: Page) -> None:
    say(page, "show me roses")
    field(page).fill("half a sen")
    page.reload()
    expect(page.locator(".card")).to_have_count(2)
    expect(field(page)).to_have_value("half a sen")
    say(page, "the second one")
    expect(page.locator(".card")).to_have_count(3)


def test_a_message_under_way_at_a_reload_is_sent_again(page: Page) -> None:
    page.route("**/nlu", lambda route: None)
    field(page).fill("Hello")
    field(page).press("Enter")
    expect(page.locator(".visitor.sending")).to_be_visible()
    page.unroute("**/nlu")
    page.reload()
    expect(answers(page)).to_have_count(1)


def test_starting_over_asks_first_and_forgets(page: Page) -> None:
    say(page, "Hello")
    page.get_by_role("button", name="Start over").click()
    page.get_by_role("button", name="Keep it").click()
    expect(answers(page)).to_have_count(1)
    page.get_by_role("button", name="Start over").click()
    page.get_by_role("dialog").get_by_role("button", name="Start over").click()
    expect(answers(page)).to_have_count(0)
    expect(page.get_by_role("heading", name="What shall it be?")).to_be_visible()
    page.reload()
    expect(answers(page)).to_have_count(0)


def test_arrow_up_edits_the_last_message_and_escape_leaves_it(page: Page) -> None:
    say(page, "Hello")
    say(page, "show me tulips")
    field(page).press("ArrowUp")
    expect(field(page)).to_have_value("show me tulips")
    field(page).press("Escape")
    expect(field(page)).to_have_value("")
    field(page).press("ArrowUp")
    say(page, "show me roses")
    expect(page.locator(".visitor")).to_have_count(2)
    expect(page.locator(".card")).to_have_count(2)


def test_a_message_that_is_changed_on_its_way_is_answered_as_it_is_now(page: Page) -> None:
    held: list[Route] = []
    page.route("**/nlu", lambda route: route.continue_() if held else held.append(route))
    field(page).fill("Hello")
    field(page).press("Enter")
    expect(page.locator(".visitor.sending")).to_be_visible()
    field(page).press("ArrowUp")
    field(page).fill("show me tulips")
    field(page).press("Enter")
    problem(500)(held[0])
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".visitor")).to_have_count(1)


def test_shift_enter_breaks_the_line_and_an_empty_message_is_not_sent(page: Page) -> None:
    field(page).press("Enter")
    field(page).fill("   ")
    field(page).press("Enter")
    expect(page.locator(".visitor")).to_have_count(0)
    field(page).fill("Hello")
    field(page).press("Shift+Enter")
    field(page).type("and good morning")
    field(page).press("Enter")
    expect(page.locator(".visitor .bubble")).to_have_text("Hello\nand good morning", use_inner_text=True)


def test_what_the_server_says_is_text_and_leads_nowhere_else(page: Page) -> None:
    card = {
        "productId": "x", "name": "<b>Bold</b>", "price": 1, "currency": "no such", "buttonLabel": "Order",
        "imageUrl": "https://elsewhere.example/x.png", "clickAction": "javascript:window.hacked=1",
    }  # fmt: skip
    path = {**card, "imageUrl": "/.//elsewhere.example/x.png", "clickAction": "/.//elsewhere.example/x"}
    evil = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>"
    page.route(
        "**/nlu",
        reply(
            {"type": "unstructured", "unstructured": {"id": "concierge-1", "text": evil}},
            {"type": "structured", "structured": {"id": "concierge-2", "type": "product", "payload": card}},
            {"type": "structured", "structured": {"id": "concierge-3", "type": "hologram", "text": "In words"}},
            {"type": "structured", "structured": {"id": "concierge-4", "type": "product", "payload": path}},
        ),
    )
    say(page, "Hello")
    expect(answers(page)).to_have_text(evil)
    expect(page.locator(".card h3")).to_have_text(["<b>Bold</b>", "<b>Bold</b>"])
    expect(page.locator(".card").first.locator("a")).to_have_count(0)
    expect(page.locator(".card img").first).to_have_attribute("src", "/images/mark.svg")
    assert page.locator(".card a").evaluate("(one) => one.origin === location.origin")
    assert page.locator(".card img").last.evaluate("(one) => new URL(one.src).origin === location.origin")
    expect(page.get_by_text("In words")).to_be_visible()
    assert page.evaluate("() => window.hacked") is None


def test_a_broken_memory_does_not_break_the_page(page: Page) -> None:
    page.evaluate("() => sessionStorage.setItem('conversation', '{not json')")
    page.reload()
    say(page, "Hello")
    expect(answers(page)).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_everything_fits_and_can_be_hit_with_a_finger(open_page: Callable[..., Page], scheme: str) -> None:
    # a card that still moves is measured at 43.99 pixels
    page = open_page(color_scheme=scheme, reduced_motion="reduce", **PHONE)
    say(page, "What do you have?")
    expect(page.locator(".card")).to_have_count(8)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    small = page.locator("button:visible, a:visible:not(.skip), textarea:visible").evaluate_all(
        """all => all
            .filter((one) => one.getBoundingClientRect().height < 44 || one.getBoundingClientRect().width < 40)
            .map((one) => one.outerHTML)"""
    )
    assert small == []


def test_the_page_has_its_landmarks_and_every_control_a_name(page: Page) -> None:
    expect(page.get_by_role("banner")).to_be_visible()
    expect(page.get_by_role("main")).to_be_visible()
    expect(page.get_by_role("navigation", name="Site")).to_be_visible()
    expect(page.get_by_role("log", name="Messages")).to_be_attached()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    for control in page.locator("button:visible, a:visible, textarea:visible").all():
        expect(control).to_have_accessible_name(SOMETHING)


def test_the_first_key_leads_past_the_header_to_the_message(open_page: Callable[..., Page]) -> None:
    page = open_page(**PHONE)  # elsewhere the message has the focus from the start
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to your message")).to_be_focused()
    page.keyboard.press("Enter")
    expect(field(page)).to_be_focused()


def test_who_wants_no_motion_gets_none(open_page: Callable[..., Page]) -> None:
    page = open_page(reduced_motion="reduce")
    page.route("**/nlu", lambda route: None)
    field(page).fill("Hello")
    field(page).press("Enter")
    expect(page.locator("#typing")).to_be_visible()
    assert page.evaluate("() => document.getAnimations().length") == 0
