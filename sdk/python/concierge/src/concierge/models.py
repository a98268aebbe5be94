"""The objects of Concierge. Written by `portico sdk`."""

# ruff: noqa: E501, F401, I001  (texts are as long as they are, and every module imports the same)

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypeAlias
from uuid import UUID

from ._runtime.absent import ABSENT, Absent
from ._runtime.enumeration import OpenInt, OpenStr
from ._runtime.model import READ_ONLY, Model, Unknown
from ._runtime.payload import Upload


class Conversation(Model):
    """What was said so far, oldest first. The last message is the one to answer."""

    _fields_ = (
        ("messages", "messages", True, ("list", "Message")),
    )
    messages: list[Message]
    """The messages. Of a longer conversation, send the latest 50."""


class Message(Model):
    """Words, or something to show. `type` says which of the two properties is there."""

    _fields_ = (
        ("type", "type", True, "str"),
        ("unstructured", "unstructured", False, "UnstructuredMessage"),
        ("structured", "structured", False, "StructuredMessage"),
    )
    type: Literal["structured", "unstructured"] | str
    """Which of the two it is."""
    unstructured: UnstructuredMessage | Absent = ABSENT
    """Words."""
    structured: StructuredMessage | Absent = ABSENT
    """Something to show. A client that cannot show it shows `text`."""


class UnstructuredMessage(Model):
    """Words."""

    _fields_ = (
        ("id", "id", False, "str"),
        ("text", "text", True, "str"),
        ("timestamp", "timestamp", False, "datetime"),
    )
    id: str | Absent = ABSENT
    """Names the message within its conversation. The concierge's own begin with `concierge-`."""
    text: str
    """What is said."""
    timestamp: dt.datetime | Absent = ABSENT
    """When it was said."""


class StructuredMessage(Model):
    """Something to show. A client that cannot show it shows `text`."""

    _fields_ = (
        ("id", "id", False, "str"),
        ("text", "text", False, "str"),
        ("type", "type", True, "str", "product"),
        ("payload", "payload", True, "ProductCard"),
        ("timestamp", "timestamp", False, "datetime"),
    )
    id: str | Absent = ABSENT
    """Names the message within its conversation. The concierge's own begin with `concierge-`."""
    text: str | Absent = ABSENT
    """The same in words."""
    type: Literal["product"] | str = "product"
    """What it is, and so what `payload` holds."""
    payload: ProductCard
    """A bouquet to show, with a button that orders it."""
    timestamp: dt.datetime | Absent = ABSENT
    """When it was said."""


class ProductCard(Model):
    """A bouquet to show, with a button that orders it."""

    _fields_ = (
        ("productId", "product_id", True, "str"),
        ("name", "name", True, "str"),
        ("price", "price", True, "float"),
        ("currency", "currency", True, "str"),
        ("imageUrl", "image_url", True, "str"),
        ("buttonLabel", "button_label", True, "str"),
        ("clickAction", "click_action", True, "str"),
    )
    product_id: str
    """Names a bouquet."""
    name: str
    """What the bouquet is called."""
    price: float
    """The price of one, delivery included."""
    currency: str
    """The currency of the price (ISO 4217)."""
    image_url: str
    """The picture, an address of this site."""
    button_label: str
    """What the button says."""
    click_action: str
    """Where the button leads, an address of this site."""


class Reply(Model):
    """What the concierge says."""

    _fields_ = (
        ("messages", "messages", True, ("list", "Message")),
    )
    messages: list[Message]
    """The messages, in the order to show them."""


class Problem(Model):
    """What went wrong, in a form that programs can read (RFC 9457)."""

    _fields_ = (
        ("type", "type", False, "str"),
        ("title", "title", True, "str"),
        ("status", "status", True, "int"),
        ("detail", "detail", False, "str"),
        ("request_id", "request_id", False, "str"),
        ("errors", "errors", False, ("list", "Fault")),
    )
    type: str | Absent = ABSENT
    """Names the kind of problem."""
    title: str
    """The kind of problem in words."""
    status: int
    """The status code."""
    detail: str | Absent = ABSENT
    """What went wrong this time."""
    request_id: str | Absent = ABSENT
    """Name this when you report the problem."""
    errors: list[Fault] | Absent = ABSENT
    """Every fault of the request, each with its place."""


class Fault(Model):
    """One fault of a request."""

    _fields_ = (
        ("in", "in_", False, "str"),
        ("pointer", "pointer", False, "str"),
        ("detail", "detail", True, "str"),
    )
    in_: Literal["body", "query", "path", "header", "cookie"] | str | Absent = ABSENT
    """Where it is."""
    pointer: str | Absent = ABSENT
    """The place in the body (RFC 6901), or a slash and the parameter's name."""
    detail: str
    """What is wrong."""


class CheckoutRequest(Model):
    """What to bring, where and when."""

    _fields_ = (
        ("productId", "product_id", True, "str"),
        ("deliveryAddress", "delivery_address", True, "str"),
        ("deliveryDate", "delivery_date", True, "date"),
    )
    product_id: str
    """Names a bouquet."""
    delivery_address: str
    """Who receives the bouquet, and where."""
    delivery_date: dt.date
    """The day of delivery, from tomorrow up to 60 days ahead."""


class CheckoutResult(Model):
    """The florist's answer to an order."""

    _fields_ = (
        ("success", "success", True, "bool"),
        ("message", "message", True, "str"),
        ("orderId", "order_id", False, "str"),
    )
    success: bool
    """Whether there is an order now."""
    message: str
    """The same in words, for the visitor."""
    order_id: str | Absent = ABSENT
    """Names an order. Only the person who placed it can see the order."""


class ProductList(Model):
    """Bouquets."""

    _fields_ = (
        ("products", "products", True, ("list", "Product")),
    )
    products: list[Product]
    """The bouquets, from the cheapest to the dearest."""


class Product(Model):
    """A bouquet."""

    _fields_ = (
        ("productId", "product_id", True, "str"),
        ("name", "name", True, "str"),
        ("description", "description", True, "str"),
        ("price", "price", True, "float"),
        ("currency", "currency", True, "str"),
        ("imageUrl", "image_url", True, "str"),
    )
    product_id: str
    """Names a bouquet."""
    name: str
    """What the bouquet is called."""
    description: str
    """What is in it."""
    price: float
    """The price of one, delivery included."""
    currency: str
    """The currency of the price (ISO 4217)."""
    image_url: str
    """The picture, an address of this site."""


class OrderList(Model):
    """Orders of one person."""

    _fields_ = (
        ("orders", "orders", True, ("list", "Order")),
    )
    orders: list[Order]
    """The orders, the latest first."""


class Order(Model):
    """An order, as it was placed."""

    _fields_ = (
        ("orderId", "order_id", True, "str"),
        ("productId", "product_id", True, "str"),
        ("name", "name", True, "str"),
        ("price", "price", True, "float"),
        ("currency", "currency", True, "str"),
        ("deliveryDate", "delivery_date", True, "date"),
        ("status", "status", True, "str"),
        ("placedAt", "placed_at", True, "datetime"),
    )
    order_id: str
    """Names an order. Only the person who placed it can see the order."""
    product_id: str
    """Names a bouquet."""
    name: str
    """What the bouquet is called."""
    price: float
    """The price of one, delivery included."""
    currency: str
    """The currency of the price (ISO 4217)."""
    delivery_date: dt.date
    """The day of delivery."""
    status: Literal["accepted", "delivered"] | str
    """How the order fares. It counts as delivered once its day has passed."""
    placed_at: dt.datetime
    """When it was placed."""


_types_: dict[str, Any] = {
}
