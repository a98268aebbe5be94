"""The concierge through the gateway: requests are validated, answers too, and orders are what they say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from handlers import orders

from portico.testing import Client

TODAY = datetime.now(UTC).date()
ADDRESS = "Ada Lovelace, 12 St James's Square, London"
NOWHERE = "0" * 32


def say(project: Client, *lines: str, earlier: list[Any] | None = None) -> list[Any]:
    """What the concierge answers to the last of these lines, after the earlier messages."""
    messages = list(earlier or [])
    reply: list[Any] = []
    for number, line in enumerate(lines):
        unstructured = {"id": f"m-{len(messages)}-{number}", "text": line, "timestamp": "2026-05-04T09:30:00Z"}
        messages.append({"type": "unstructured", "unstructured": unstructured})
        answer = project.operation("sendMessage", body={"messages": messages})
        assert answer.status_code == 200, answer.text
        reply = answer.json()["messages"]
        messages += reply
    return reply


def order(project: Client, *, headers: dict[str, str] | None = None, **changes: Any) -> Any:
    body = {"productId": "spring-tulips", "deliveryAddress": ADDRESS, "deliveryDate": str(TODAY + timedelta(days=3))}
    return project.operation("checkout", body={**body, **changes}, headers=headers)


def test_a_conversation_leads_to_an_order(project: Client) -> None:
    assert "welcome" in say(project, "Hello!")[0]["unstructured"]["text"]
    reply = say(project, "Hello!", "I'd like roses", "How much is the second one?", "yes please")
    card = reply[-1]["structured"]
    assert card["type"] == "product"
    assert card["payload"]["clickAction"] == "/#checkout/dozen-red-roses"
    placed = order(project, productId=card["payload"]["productId"]).json()
    assert placed["success"] is True
    assert "Dozen Red Roses" in placed["message"]
    kept = project.operation("getOrder", order_id=placed["orderId"])
    assert kept.json()["status"] == "accepted"
    assert kept.json()["price"] == 59
    assert "All is well" in say(project, f"Where is my order {placed['orderId']}?")[0]["unstructured"]["text"]


def test_every_card_shows_a_picture_that_is_there(project: Client) -> None:
    cards = [message["structured"]["payload"] for message in say(project, "What do you have?")[1:]]
    assert len(cards) == 8
    for card in cards:
        picture = project.get(card["imageUrl"])
        assert picture.status_code == 200
        assert picture.headers["content-type"] == "image/svg+xml"
        assert project.operation("getProduct", product_id=card["productId"]).json()["name"] == card["name"]


def test_every_id_is_the_concierges_and_no_two_are_alike(project: Client) -> None:
    messages = say(project, "What do you have?")
    ids = [message[message["type"]]["id"] for message in messages]
    assert len(set(ids)) == len(ids)
    assert all(one.startswith("concierge-") for one in ids)


def test_two_conversations_know_nothing_of_each_other(project: Client) -> None:
    say(project, "show me roses")
    assert "did not understand" in say(project, "the second one")[0]["unstructured"]["text"]


def test_products_are_listed_up_to_a_price(project: Client) -> None:
    assert len(project.operation("listProducts").json()["products"]) == 8
    cheap = project.operation("listProducts", max_price=30).json()["products"]
    assert [product["productId"] for product in cheap] == ["lavender-and-eucalyptus", "spring-tulips"]


@pytest.mark.parametrize(
    ("message", "pointer"),
    [
        ({"type": "unstructured"}, "/messages/0"),
        ({"type": "structured", "unstructured": {"text": "hi"}}, "/messages/0"),
        ({"type": "unstructured", "unstructured": {"text": ""}}, "/messages/0/unstructured/text"),
        ({"type": "unstructured", "unstructured": {"text": "x" * 1_001}}, "/messages/0/unstructured/text"),
        ({"type": "unstructured", "unstructured": {"text": "hi", "id": "a b"}}, "/messages/0/unstructured/id"),
        (
            {"type": "unstructured", "unstructured": {"text": "x", "timestamp": "now"}},
            "/messages/0/unstructured/timestamp",
        ),
        ({"type": "telepathy", "unstructured": {"text": "hi"}}, "/messages/0/type"),
    ],
)
def test_a_message_that_does_not_fit_is_refused_with_its_place(project: Client, message: Any, pointer: str) -> None:
    answer = project.operation("sendMessage", body={"messages": [message]})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


def test_a_conversation_is_bounded(project: Client) -> None:
    message = {"type": "unstructured", "unstructured": {"text": "hi"}}
    assert project.operation("sendMessage", body={"messages": [message] * 50}).status_code == 200
    assert project.operation("sendMessage", body={"messages": [message] * 51}).status_code == 400
    assert project.operation("sendMessage", body={"messages": []}).status_code == 400


def test_a_conversation_that_ends_with_the_concierge_is_refused(project: Client) -> None:
    own = {"type": "unstructured", "unstructured": {"id": "concierge-1", "text": "hi"}}
    answer = project.operation("sendMessage", body={"messages": [own]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/messages"


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"productId": "blue-tulips"}, ["/productId"]),
        ({"deliveryDate": str(TODAY)}, ["/deliveryDate"]),
        ({"deliveryDate": str(TODAY - timedelta(days=1))}, ["/deliveryDate"]),
        ({"deliveryDate": str(TODAY + timedelta(days=62))}, ["/deliveryDate"]),
        ({"deliveryAddress": " " * 20}, ["/deliveryAddress"]),
        (
            {"productId": "x", "deliveryAddress": " " * 20, "deliveryDate": "1999-01-01"},
            ["/productId", "/deliveryAddress", "/deliveryDate"],
        ),
    ],
)
def test_an_order_that_cannot_be_is_refused_with_every_reason(
    project: Client, changes: dict[str, str], pointers: list[str]
) -> None:
    answer = order(project, **changes)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == pointers
    assert answer.json()["request_id"]


@pytest.mark.parametrize("date", ["2026-02-30", "tomorrow", "2026-5-4", "0000-00-00", ""])
def test_a_date_that_is_none_is_refused(project: Client, date: str) -> None:
    assert order(project, deliveryDate=date).status_code == 400


def test_the_first_and_the_last_day_can_be_ordered_for(project: Client) -> None:
    for days in (1, 60):
        assert order(project, deliveryDate=str(orders.now().date() + timedelta(days=days))).json()["success"] is True


def test_an_order_is_found_by_its_id_only_and_keeps_its_address_secret(project: Client) -> None:
    placed = order(project).json()
    assert len(placed["orderId"]) == 32
    kept = project.operation("getOrder", order_id=placed["orderId"])
    assert kept.headers["cache-control"] == "no-store"
    assert "Ada" not in kept.text
    assert project.operation("getOrder", order_id=NOWHERE).status_code == 404
    assert project.operation("getOrder", order_id="1").status_code == 400
    assert project.operation("getOrder", order_id="' or 1=1 --").status_code == 400


def test_trying_again_with_the_same_key_does_not_order_twice(project: Client) -> None:
    key = {"Idempotency-Key": "b" * 32}
    first, again = order(project, headers=key).json(), order(project, headers=key).json()
    assert again == first
    assert order(project).json()["orderId"] != first["orderId"]


def test_a_key_cannot_be_used_to_learn_of_another_order(project: Client) -> None:
    key = {"Idempotency-Key": "c" * 32}
    placed = order(project, headers=key).json()
    other = order(project, headers=key, deliveryAddress="Somebody else, Elsewhere 1")
    assert other.status_code == 422
    assert placed["orderId"] not in other.text
    assert order(project, headers={"Idempotency-Key": "short"}).status_code == 400


def test_a_day_takes_only_so_many_orders(project: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "BOUQUETS_A_DAY", 2)
    assert [order(project).json()["success"] for _ in range(3)] == [True, True, False]
    full = order(project).json()
    assert "fully booked" in full["message"]
    assert "orderId" not in full
    assert order(project, deliveryDate=str(TODAY + timedelta(days=4))).json()["success"] is True


def test_orders_at_the_same_moment_never_share_the_last_place(
    orders_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "BOUQUETS_A_DAY", 5)
    day, now = TODAY + timedelta(days=3), orders.now()

    def place(_: int) -> bool:
        try:
            orders.place("spring-tulips", price=29, address=ADDRESS, day=day, now=now)
        except orders.FullyBooked:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(place, range(20))) == 5


def test_old_orders_are_forgotten(orders_file: Path) -> None:
    then = orders.now() - timedelta(days=100)
    old = orders.place("spring-tulips", price=29, address=ADDRESS, day=then.date(), now=then)
    assert orders.find(old.id) == old
    orders.place("spring-tulips", price=29, address=ADDRESS, day=TODAY + timedelta(days=1), now=orders.now())
    assert orders.find(old.id) is None


def test_an_order_whose_day_has_passed_is_delivered(project: Client) -> None:
    then = orders.now() - timedelta(days=3)
    old = orders.place("spring-tulips", price=29, address=ADDRESS, day=then.date(), now=then)
    assert project.operation("getOrder", order_id=old.id).json()["status"] == "delivered"
    assert "was delivered" in say(project, f"track {old.id}")[0]["unstructured"]["text"]
    assert "cannot find" in say(project, f"track {NOWHERE}")[0]["unstructured"]["text"]
