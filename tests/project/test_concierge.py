"""The concierge through the gateway: requests are validated, answers too, and orders are what they say."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from handlers import orders

from portico.testing import Client

TODAY = datetime.now(UTC).date()
ADDRESS = "Ada Lovelace, 12 St James's Square, London"
NOWHERE = "0" * 32
OWNER = "somebody"

BEFORE = """
create table orders (
    id text primary key,
    product_id text not null,
    price integer not null,
    address text not null,
    delivery_date text not null,
    placed_at text not null,
    idempotency_key text unique
) strict;
create index orders_by_day on orders (delivery_date);
"""


def say(caller: Client, *lines: str, earlier: list[Any] | None = None) -> list[Any]:
    """What the concierge answers to the last of these lines, after the earlier messages."""
    messages = list(earlier or [])
    reply: list[Any] = []
    for number, line in enumerate(lines):
        unstructured = {"id": f"m-{len(messages)}-{number}", "text": line, "timestamp": "2026-05-04T09:30:00Z"}
        messages.append({"type": "unstructured", "unstructured": unstructured})
        answer = caller.operation("sendMessage", body={"messages": messages})
        assert answer.status_code == 200, answer.text
        reply = answer.json()["messages"]
        messages += reply
    return reply


def order(caller: Client, *, headers: dict[str, str] | None = None, **changes: Any) -> Any:
    body = {"productId": "spring-tulips", "deliveryAddress": ADDRESS, "deliveryDate": str(TODAY + timedelta(days=3))}
    return caller.operation("checkout", body={**body, **changes}, headers=headers)


def test_a_conversation_leads_to_an_order(ada: Client) -> None:
    assert "welcome" in say(ada, "Hello!")[0]["unstructured"]["text"]
    reply = say(ada, "Hello!", "I'd like roses", "How much is the second one?", "yes please")
    card = reply[-1]["structured"]
    assert card["type"] == "product"
    assert card["payload"]["clickAction"] == "/#checkout/dozen-red-roses"
    placed = order(ada, productId=card["payload"]["productId"]).json()
    assert placed["success"] is True
    assert "Dozen Red Roses" in placed["message"]
    kept = ada.operation("getOrder", order_id=placed["orderId"])
    assert kept.json()["status"] == "accepted"
    assert kept.json()["price"] == 59
    assert "All is well" in say(ada, f"Where is my order {placed['orderId']}?")[0]["unstructured"]["text"]


def test_every_card_shows_a_picture_that_is_there(ada: Client) -> None:
    cards = [message["structured"]["payload"] for message in say(ada, "What do you have?")[1:]]
    assert len(cards) == 8
    for card in cards:
        picture = ada.get(card["imageUrl"])
        assert picture.status_code == 200
        assert picture.headers["content-type"] == "image/svg+xml"
        assert ada.operation("getProduct", product_id=card["productId"]).json()["name"] == card["name"]


def test_every_id_is_the_concierges_and_no_two_are_alike(ada: Client) -> None:
    messages = say(ada, "What do you have?")
    ids = [message[message["type"]]["id"] for message in messages]
    assert len(set(ids)) == len(ids)
    assert all(one.startswith("concierge-") for one in ids)


def test_two_conversations_know_nothing_of_each_other(ada: Client) -> None:
    say(ada, "show me roses")
    assert "did not understand" in say(ada, "the second one")[0]["unstructured"]["text"]


def test_products_are_listed_up_to_a_price(ada: Client) -> None:
    assert len(ada.operation("listProducts").json()["products"]) == 8
    cheap = ada.operation("listProducts", max_price=30).json()["products"]
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
def test_a_message_that_does_not_fit_is_refused_with_its_place(ada: Client, message: Any, pointer: str) -> None:
    answer = ada.operation("sendMessage", body={"messages": [message]})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


def test_a_conversation_is_bounded(ada: Client) -> None:
    message = {"type": "unstructured", "unstructured": {"text": "hi"}}
    assert ada.operation("sendMessage", body={"messages": [message] * 50}).status_code == 200
    assert ada.operation("sendMessage", body={"messages": [message] * 51}).status_code == 400
    assert ada.operation("sendMessage", body={"messages": []}).status_code == 400


def test_a_conversation_that_ends_with_the_concierge_is_refused(ada: Client) -> None:
    own = {"type": "unstructured", "unstructured": {"id": "concierge-1", "text": "hi"}}
    answer = ada.operation("sendMessage", body={"messages": [own]})
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
    ada: Client, changes: dict[str, str], pointers: list[str]
) -> None:
    answer = order(ada, **changes)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == pointers
    assert answer.json()["request_id"]


@pytest.mark.parametrize("date", ["2026-02-30", "tomorrow", "2026-5-4", "0000-00-00", ""])
def test_a_date_that_is_none_is_refused(ada: Client, date: str) -> None:
    assert order(ada, deliveryDate=date).status_code == 400


def test_the_first_and_the_last_day_can_be_ordered_for(ada: Client) -> None:
    for days in (1, 60):
        assert order(ada, deliveryDate=str(orders.now().date() + timedelta(days=days))).json()["success"] is True


def test_an_order_is_found_by_its_id_and_keeps_its_address_secret(ada: Client) -> None:
    placed = order(ada).json()
    assert len(placed["orderId"]) == 32
    kept = ada.operation("getOrder", order_id=placed["orderId"])
    assert kept.headers["cache-control"] == "no-store"
    assert "Ada" not in kept.text
    assert ada.operation("getOrder", order_id=NOWHERE).status_code == 404
    assert ada.operation("getOrder", order_id="1").status_code == 400
    assert ada.operation("getOrder", order_id="' or 1=1 --").status_code == 400


def test_bouquets_are_for_everybody_and_the_rest_is_for_whoever_is_signed_in(project: Client) -> None:
    assert project.operation("listProducts").status_code == 200
    assert project.operation("getProduct", product_id="spring-tulips").status_code == 200
    greeting = {"messages": [{"type": "unstructured", "unstructured": {"text": "Hello"}}]}
    answers = [
        project.operation("sendMessage", body=greeting),
        order(project),
        project.operation("listOrders"),
        project.operation("getOrder", order_id=NOWHERE),
    ]
    for answer in answers:
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["request_id"]


def test_a_token_opens_what_its_scopes_say(project: Client) -> None:
    talker = project.as_user("ada", scopes=["openid", "concierge/chat"])
    assert say(talker, "Hello")
    refused = order(talker)
    assert refused.status_code == 403
    assert "concierge/orders" in refused.text
    assert project.as_user("ada", scopes=["concierge/orders"]).operation("listOrders").status_code == 200


def test_everyone_sees_their_own_orders_only(project: Client) -> None:
    ada, bob = project.as_user("ada"), project.as_user("bob")
    first, second = (order(ada, productId=name).json()["orderId"] for name in ("spring-tulips", "peony-cloud"))
    assert [one["orderId"] for one in ada.operation("listOrders").json()["orders"]] == [second, first]
    assert ada.operation("listOrders").headers["cache-control"] == "no-store"
    assert bob.operation("listOrders").json() == {"orders": []}
    assert bob.operation("getOrder", order_id=first).status_code == 404
    for order_id in (first, NOWHERE):
        assert bob.operation("getOrder", order_id=order_id).json()["detail"] == "You have no order of that id."
    assert "cannot find" in say(bob, f"Where is my order {first}?")[0]["unstructured"]["text"]
    assert "All is well" in say(ada, f"Where is my order {first}?")[0]["unstructured"]["text"]


def test_a_signed_request_of_a_person_is_theirs_as_well(project: Client) -> None:
    signed, plain = project.signed(as_user="ada"), project.as_user("ada")
    placed = order(signed).json()
    assert placed["success"] is True
    assert plain.operation("getOrder", order_id=placed["orderId"]).status_code == 200
    assert signed.operation("listOrders").json() == plain.operation("listOrders").json()


def test_a_signed_request_of_nobody_can_talk_and_has_no_orders(project: Client) -> None:
    machine = project.signed(role="visitor")
    assert say(machine, "Hello")
    refused = order(machine)
    assert refused.status_code == 403
    assert "signed in" in refused.json()["detail"]
    assert machine.operation("listOrders").status_code == 403


def test_two_people_may_use_the_same_key(project: Client) -> None:
    key = {"Idempotency-Key": "d" * 32}
    ada, bob = (order(project.as_user(name), headers=key).json()["orderId"] for name in ("ada", "bob"))
    assert ada != bob


def test_orders_from_before_people_could_sign_in_are_kept_and_are_nobodys(ada: Client, orders_file: Path) -> None:
    old_id = "a" * 32
    with closing(sqlite3.connect(orders_file)) as file:
        file.executescript(BEFORE)
        row = [old_id, "spring-tulips", 29, ADDRESS, str(TODAY + timedelta(days=3)), orders.now().isoformat(), "e" * 32]
        file.execute("insert into orders values (?, ?, ?, ?, ?, ?, ?)", row)
        file.commit()
    placed = order(ada, headers={"Idempotency-Key": "e" * 32}).json()
    assert [one["orderId"] for one in ada.operation("listOrders").json()["orders"]] == [placed["orderId"]]
    assert ada.operation("getOrder", order_id=old_id).status_code == 404
    with closing(sqlite3.connect(orders_file)) as file:
        assert file.execute("select owner, address from orders where id = ?", [old_id]).fetchone() == ("", ADDRESS)


def test_trying_again_with_the_same_key_does_not_order_twice(ada: Client) -> None:
    key = {"Idempotency-Key": "b" * 32}
    first, again = order(ada, headers=key).json(), order(ada, headers=key).json()
    assert again == first
    assert order(ada).json()["orderId"] != first["orderId"]


def test_a_key_cannot_be_used_to_learn_of_another_order(ada: Client) -> None:
    key = {"Idempotency-Key": "c" * 32}
    placed = order(ada, headers=key).json()
    other = order(ada, headers=key, deliveryAddress="Somebody else, Elsewhere 1")
    assert other.status_code == 422
    assert placed["orderId"] not in other.text
    assert order(ada, headers={"Idempotency-Key": "short"}).status_code == 400


def test_a_day_takes_only_so_many_orders(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "BOUQUETS_A_DAY", 2)
    assert [order(ada).json()["success"] for _ in range(3)] == [True, True, False]
    full = order(ada).json()
    assert "fully booked" in full["message"]
    assert "orderId" not in full
    assert order(ada, deliveryDate=str(TODAY + timedelta(days=4))).json()["success"] is True


def test_orders_at_the_same_moment_never_share_the_last_place(
    orders_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "BOUQUETS_A_DAY", 5)
    day, now = TODAY + timedelta(days=3), orders.now()

    def place(_: int) -> bool:
        try:
            orders.place("spring-tulips", owner=OWNER, price=29, address=ADDRESS, day=day, now=now)
        except orders.FullyBooked:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(place, range(20))) == 5


def test_old_orders_are_forgotten(orders_file: Path) -> None:
    then = orders.now() - timedelta(days=100)
    old = orders.place("spring-tulips", owner=OWNER, price=29, address=ADDRESS, day=then.date(), now=then)
    assert orders.find(old.id, owner=OWNER) == old
    orders.place(
        "spring-tulips", owner=OWNER, price=29, address=ADDRESS, day=TODAY + timedelta(days=1), now=orders.now()
    )
    assert orders.find(old.id, owner=OWNER) is None


def test_an_order_whose_day_has_passed_is_delivered(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    placed = order(ada).json()["orderId"]
    later = orders.now() + timedelta(days=4)
    monkeypatch.setattr(orders, "now", lambda: later)
    assert ada.operation("getOrder", order_id=placed).json()["status"] == "delivered"
    assert "was delivered" in say(ada, f"track {placed}")[0]["unstructured"]["text"]
    assert "cannot find" in say(ada, f"track {NOWHERE}")[0]["unstructured"]["text"]
