"""A conversation: what the concierge answers, given everything that the visitor said so far.

Nothing is remembered between calls. The visitor's earlier messages come along with each request and are gone through
again, so that any process can answer, and a message that pretends to be the concierge's own changes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime

from . import catalogue
from .concierge_types import Message, Reply
from .intents import understand
from .orders import Placed
from .phrasing import day, money
from .steps import respond
from .thread import Answer, Thread, offer, say

OWN = "concierge-"  # what the ids of the concierge's own messages begin with


class NothingToAnswer(ValueError):
    """The last message is the concierge's own."""


def answer(messages: Sequence[Message]) -> Answer:
    """What to say to a conversation.

    Raises:
        NothingToAnswer: the last message is the concierge's own.
    """
    if _is_own(messages[-1]):
        raise NothingToAnswer
    result = Answer()
    for message in messages:
        if not _is_own(message):
            result = _hear(result.thread, message)
    return result


def report(order_id: str, order: Placed | None, *, today: date) -> Answer:
    """What to say about an order that was looked up."""
    bouquet = None if order is None else catalogue.find(order.product_id)
    if order is None or bouquet is None:
        return Answer((f"I cannot find an order {order_id}. Please look at the number again.",))
    if order.delivery_date < today:
        return Answer((f"{bouquet.name} was delivered on {day(order.delivery_date)}. I hope it gave joy!",))
    return Answer((f"All is well: {bouquet.name} will be delivered on {day(order.delivery_date)}.",))


def reply(answer: Answer, *, now: datetime) -> Reply:
    """An answer as messages."""
    timestamp = now.isoformat().replace("+00:00", "Z")
    messages: list[Message] = [
        {"type": "unstructured", "unstructured": {"id": _new_id(), "text": text, "timestamp": timestamp}}
        for text in answer.words
    ]
    for bouquet in answer.cards:
        messages.append(
            {
                "type": "structured",
                "structured": {
                    "id": _new_id(),
                    "text": f"{bouquet.name}, {money(bouquet.price)}",
                    "type": "product",
                    "payload": bouquet.card(),
                    "timestamp": timestamp,
                },
            }
        )
    return {"messages": messages}


def _new_id() -> str:
    return OWN + secrets.token_hex(8)


def _is_own(message: Message) -> bool:
    said = message["structured"] if message["type"] == "structured" else message["unstructured"]
    return said.get("id", "").startswith(OWN)


def _hear(thread: Thread, message: Message) -> Answer:
    """One step of the conversation: words, or a card that the visitor sends back to choose it."""
    if message["type"] == "unstructured":
        return respond(thread, understand(message["unstructured"]["text"]))
    chosen = catalogue.find(message["structured"]["payload"]["productId"])
    return offer(thread, chosen) if chosen else say(thread, "I no longer have that bouquet.")
