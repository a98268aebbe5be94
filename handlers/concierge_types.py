"""The types of specs/concierge.yaml. `portico stubs` writes this file: edit the document instead."""

# ruff: noqa
# fmt: off

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict


class CheckoutRequest(TypedDict):
    """What to bring, where and when."""

    productId: ProductId
    deliveryAddress: str
    deliveryDate: str


class CheckoutResult(TypedDict):
    """The florist's answer to an order."""

    success: bool
    message: str
    orderId: NotRequired[OrderId]


class Conversation(TypedDict):
    """What was said so far, oldest first. The last message is the one to answer."""

    messages: list[Message]


class Message(TypedDict):
    """Words, or something to show. `type` says which of the two properties is there."""

    type: Literal["structured", "unstructured"]
    unstructured: NotRequired[UnstructuredMessage]
    structured: NotRequired[StructuredMessage]


class Order(TypedDict):
    """An order, as it was placed."""

    orderId: OrderId
    productId: ProductId
    name: ProductName
    price: Price
    currency: Currency
    deliveryDate: str
    status: Literal["accepted", "delivered"]
    placedAt: str


class OrderList(TypedDict):
    """Orders of one person."""

    orders: list[Order]


class Product(TypedDict):
    """A bouquet."""

    productId: ProductId
    name: ProductName
    description: str
    price: Price
    currency: Currency
    imageUrl: ImageUrl


class ProductCard(TypedDict):
    """A bouquet to show, with a button that orders it."""

    productId: ProductId
    name: ProductName
    price: Price
    currency: Currency
    imageUrl: ImageUrl
    buttonLabel: str
    clickAction: str


class ProductList(TypedDict):
    """Bouquets."""

    products: list[Product]


class Reply(TypedDict):
    """What the concierge says."""

    messages: list[Message]


class StructuredMessage(TypedDict):
    """Something to show. A client that cannot show it shows `text`."""

    id: NotRequired[MessageId]
    text: NotRequired[str]
    type: Literal["product"]
    payload: ProductCard
    timestamp: NotRequired[str]


class UnstructuredMessage(TypedDict):
    """Words."""

    id: NotRequired[MessageId]
    text: str
    timestamp: NotRequired[str]


Currency: TypeAlias = str
"""The currency of the price (ISO 4217)."""
ImageUrl: TypeAlias = str
"""The picture, an address of this site."""
MessageId: TypeAlias = str
"""Names the message within its conversation. The concierge's own begin with `concierge-`."""
OrderId: TypeAlias = str
"""Names an order. Only the person who placed it can see the order."""
Price: TypeAlias = float
"""The price of one, delivery included."""
ProductId: TypeAlias = str
"""Names a bouquet."""
ProductName: TypeAlias = str
"""What the bouquet is called."""
