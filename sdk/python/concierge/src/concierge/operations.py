"""What the document of Concierge says of each operation. Written by `portico sdk`."""

# ruff: noqa: E501, F401, I001  (texts are as long as they are, and every module imports the same)

from __future__ import annotations

from ._runtime.forms import Part
from ._runtime.operation import Content, Operation, Pages, Parameter, Property
from ._runtime.sdk import Scheme, Sdk

SDK = Sdk(
    name="concierge",
    version="1.0.0",
    title="Concierge",
    models="concierge.models",
    base_path="/concierge/v1",
    client_id="sdk",
    region="us-east-1",
    schemes={
        "partnerKey": Scheme("key", location="header", parameter="X-API-Key"),
        "signIn": Scheme("login", discovery="/auth/main/.well-known/openid-configuration", scopes=("concierge/chat", "concierge/orders")),
        "sigv4": Scheme("signed", discovery="/auth/main/.well-known/openid-configuration"),
    },
)

send_message = Operation(
    "sendMessage", "POST", "/nlu",
    bodies=(
        Content("application/json", "json", "Conversation"),
    ),
    body_required=True,
    properties=(
        Property("messages", "messages", required=True),
    ),
    result="Reply",
    kind="json",
    accept="application/json, application/problem+json",
    security=((("signIn", ("concierge/chat",)),), (("sigv4", ()),), (("partnerKey", ()),)),
)

checkout = Operation(
    "checkout", "POST", "/checkout",
    parameters=(
        Parameter("header", "Idempotency-Key", "idempotency_key", "str"),
    ),
    bodies=(
        Content("application/json", "json", "CheckoutRequest"),
    ),
    body_required=True,
    properties=(
        Property("productId", "product_id", required=True),
        Property("deliveryAddress", "delivery_address", required=True),
        Property("deliveryDate", "delivery_date", required=True),
    ),
    result="CheckoutResult",
    kind="json",
    accept="application/json, application/problem+json",
    security=((("signIn", ("concierge/orders",)),), (("sigv4", ()),)),
    idempotency_index=0,
)

list_products = Operation(
    "listProducts", "GET", "/products",
    parameters=(
        Parameter("query", "maxPrice", "max_price", "float", style="form", explode=True),
    ),
    result="ProductList",
    kind="json",
    accept="application/json, application/problem+json",
    idempotent=True,
)

get_product = Operation(
    "getProduct", "GET", "/products/{productId}",
    parameters=(
        Parameter("path", "productId", "product_id", "str", required=True),
    ),
    result="Product",
    kind="json",
    accept="application/json, application/problem+json",
    idempotent=True,
)

list_orders = Operation(
    "listOrders", "GET", "/orders",
    result="OrderList",
    kind="json",
    accept="application/json, application/problem+json",
    security=((("signIn", ("concierge/orders",)),), (("sigv4", ()),)),
    idempotent=True,
)

get_order = Operation(
    "getOrder", "GET", "/orders/{orderId}",
    parameters=(
        Parameter("path", "orderId", "order_id", "str", required=True),
    ),
    result="Order",
    kind="json",
    accept="application/json, application/problem+json",
    security=((("signIn", ("concierge/orders",)),), (("sigv4", ()),)),
    idempotent=True,
)
