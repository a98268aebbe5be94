"""Types of specs/concierge.yaml."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class ProductCard(TypedDict):
    productId: str
    name: str
    price: float
    currency: str
    imageUrl: str
    buttonLabel: str
    clickAction: str


class Product(TypedDict):
    productId: str
    name: str
    description: str
    price: float
    currency: str
    imageUrl: str


class ProductList(TypedDict):
    products: list[Product]


class UnstructuredMessage(TypedDict):
    id: NotRequired[str]
    text: str
    timestamp: NotRequired[str]


class StructuredMessage(TypedDict):
    id: NotRequired[str]
    text: NotRequired[str]
    type: Literal["product"]
    payload: ProductCard
    timestamp: NotRequired[str]


class Message(TypedDict):
    type: Literal["structured", "unstructured"]
    structured: NotRequired[StructuredMessage]
    unstructured: NotRequired[UnstructuredMessage]


class Conversation(TypedDict):
    messages: list[Message]


class Reply(TypedDict):
    messages: list[Message]


class CheckoutRequest(TypedDict):
    productId: str
    deliveryAddress: str
    deliveryDate: str


class CheckoutResult(TypedDict):
    success: bool
    message: str
    orderId: NotRequired[str]


class Order(TypedDict):
    orderId: str
    productId: str
    name: str
    price: float
    currency: str
    deliveryDate: str
    status: Literal["accepted", "delivered"]
    placedAt: str
