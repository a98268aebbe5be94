"""What the florist ties: the bouquets, and how to find one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .concierge_types import Product, ProductCard

CURRENCY = "EUR"


@dataclass(frozen=True, slots=True)
class Bouquet:
    """One bouquet. Its tags say what is in it, its colours, and the occasions it suits."""

    id: str
    name: str
    description: str
    price: int  # euros, delivery included
    tags: frozenset[str]

    @property
    def image(self) -> str:
        """The picture's address on this site."""
        return f"/images/{self.id}.svg"

    def product(self) -> Product:
        """The bouquet as lists show it."""
        return {
            "productId": self.id,
            "name": self.name,
            "description": self.description,
            "price": self.price,
            "currency": CURRENCY,
            "imageUrl": self.image,
        }

    def card(self) -> ProductCard:
        """The bouquet as a conversation shows it, with the button that leads to the checkout."""
        return {
            "productId": self.id,
            "name": self.name,
            "price": self.price,
            "currency": CURRENCY,
            "imageUrl": self.image,
            "buttonLabel": "Order",
            "clickAction": f"/#checkout/{self.id}",
        }


def _bouquet(id: str, name: str, price: int, description: str, tags: str) -> Bouquet:
    return Bouquet(id, name, description, price, frozenset(tags.split()))


BOUQUETS = (
    _bouquet(
        "lavender-and-eucalyptus",
        "Lavender & Eucalyptus",
        26,
        "Dried lavender and silver eucalyptus: keeps its scent for weeks.",
        "lavender eucalyptus purple get-well thank-you",
    ),
    _bouquet(
        "spring-tulips",
        "Spring Tulips",
        29,
        "Fifteen tulips in coral, cream and pink, still closed when they arrive.",
        "tulip pink orange white mixed birthday mother thank-you",
    ),
    _bouquet(
        "wildflower-meadow",
        "Wildflower Meadow",
        34,
        "Poppies, cornflowers and daisies, loosely tied as if just picked.",
        "wildflower poppy cornflower daisy red blue white mixed birthday baby thank-you get-well",
    ),
    _bouquet(
        "sunflower-sheaf",
        "Sunflower Sheaf",
        38,
        "Seven tall sunflowers with rye: a whole August in the room.",
        "sunflower yellow orange birthday congratulations get-well baby",
    ),
    _bouquet(
        "garden-rose-posy",
        "Garden Rose Posy",
        42,
        "Blush garden roses in a small round posy with rosemary.",
        "rose pink mother wedding anniversary birthday thank-you",
    ),
    _bouquet(
        "white-lilies",
        "White Lilies",
        48,
        "White lilies with fern: quiet, and never out of place.",
        "lily white sympathy wedding",
    ),
    _bouquet(
        "dozen-red-roses",
        "Dozen Red Roses",
        59,
        "Twelve long-stemmed red roses, tied by hand.",
        "rose red romance anniversary",
    ),
    _bouquet(
        "peony-cloud",
        "Peony Cloud",
        65,
        "Nine full peonies from cream to raspberry, tied with silk.",
        "peony pink white romance wedding anniversary mother congratulations",
    ),
)
"""From the cheapest to the dearest."""

_BY_ID = {bouquet.id: bouquet for bouquet in BOUQUETS}


def find(bouquet_id: str) -> Bouquet | None:
    """The bouquet of that id, if there is one."""
    return _BY_ID.get(bouquet_id)


def matching(wanted: Collection[str], unwanted: Collection[str] = (), budget: float | None = None) -> list[Bouquet]:
    """The bouquets that carry all the wanted tags and none of the unwanted, within a budget.

    Args:
        wanted: tags that each bouquet must carry.
        unwanted: tags that none may carry.
        budget: the highest price, in euros.
    """
    return [
        bouquet
        for bouquet in BOUQUETS
        if bouquet.tags.issuperset(wanted)
        and bouquet.tags.isdisjoint(unwanted)
        and (budget is None or bouquet.price <= budget)
    ]
