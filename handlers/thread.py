"""Where a conversation has got to, and the ways to go on from there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from .catalogue import Bouquet
from .phrasing import money


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a conversation has got to."""

    shown: tuple[Bouquet, ...] = ()  # what "the second one" counts in
    chosen: Bouquet | None = None  # what "it" is
    asked: Literal["order", "browse", None] = None  # what "yes" agrees to


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say: words, then cards. With an order id, the order must be looked up first."""

    words: tuple[str, ...] = ()
    cards: tuple[Bouquet, ...] = ()
    order_id: str | None = None
    thread: Thread = field(default_factory=Thread)


def say(thread: Thread, text: str, *, asked: Literal["order", "browse", None] = None) -> Answer:
    """Words only. `asked` is the question that a "yes" would answer."""
    return Answer((text,), thread=replace(thread, asked=asked))


def show(bouquets: Iterable[Bouquet], text: str) -> Answer:
    """Words and cards: from here on "the second one" is the second of these."""
    cards = tuple(bouquets)
    chosen = cards[0] if len(cards) == 1 else None
    return Answer((text,), cards, thread=Thread(cards, chosen, "order" if chosen else None))


def offer(thread: Thread, bouquet: Bouquet) -> Answer:
    """The card of what the visitor has settled on, with its button to the checkout."""
    text = f"A fine choice. Press Order, and I will ask you where and when {bouquet.name} shall be delivered."
    return Answer((text,), (bouquet,), thread=replace(thread, chosen=bouquet, asked=None))


def quote(thread: Thread, bouquet: Bouquet) -> Answer:
    """The price of one bouquet, and whether it shall be ordered."""
    text = f"{bouquet.name} costs {money(bouquet.price)}, delivery included. Would you like to order it?"
    return say(replace(thread, chosen=bouquet), text, asked="order")


def describe(thread: Thread, bouquet: Bouquet) -> Answer:
    """What is in one bouquet, and whether it shall be ordered."""
    text = f"{bouquet.name}: {bouquet.description} It costs {money(bouquet.price)}. Would you like to order it?"
    return say(replace(thread, chosen=bouquet), text, asked="order")
