"""The operations of specs/concierge.yaml."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date

from connexion.exceptions import ProblemException

from portico import Caller, Context

from . import catalogue, dialogue, orders
from .concierge_types import (
    CheckoutRequest,
    CheckoutResult,
    Conversation,
    Order,
    OrderId,
    OrderList,
    Product,
    ProductId,
    ProductList,
    Reply,
)
from .phrasing import day

PRIVATE = {"Cache-Control": "no-store"}
ADDRESS_LENGTH = 10  # characters that say something: the document counts blanks too


async def send_message(body: Conversation, ctx: Context) -> Reply:
    """Say something to the concierge.

    The last message is answered; the ones before it are the conversation so far, oldest first. Send back what you
    received as it was: ids that begin with `concierge-` tell the concierge what it said itself.
    """
    try:
        answer = dialogue.answer(body["messages"])
    except dialogue.NothingToAnswer:
        raise _unprocessable({"/messages": "The last message must be the visitor's own."}) from None
    if answer.order_id is not None:
        owner = _person(ctx.caller)
        order = None if owner is None else await asyncio.to_thread(orders.find, answer.order_id, owner=owner)
        answer = dialogue.report(answer.order_id, order, today=orders.now().date())
    return dialogue.reply(answer, now=orders.now())


async def checkout(body: CheckoutRequest, ctx: Context, *, idempotency_key: str | None = None) -> CheckoutResult:
    """Order a bouquet.

    Orders one bouquet for one day, from tomorrow up to 60 days ahead. `success` is false where the florist
    cannot take the order, such as on a day that is fully booked; `message` then says why, and there is no order.

    An order sent again with the same `Idempotency-Key` is the same order: nothing is ordered twice when an
    answer was lost on its way. The order is yours: nobody else can see it.
    """
    owner = _owner(ctx.caller)
    now = orders.now()
    bouquet = catalogue.find(body["productId"])
    delivery = date.fromisoformat(body["deliveryDate"])
    address = body["deliveryAddress"].strip()
    first, last = orders.delivery_days(now.date())
    faults = {}
    if bouquet is None:
        faults["/productId"] = f'There is no bouquet "{body["productId"]}".'
    if len(address) < ADDRESS_LENGTH:
        faults["/deliveryAddress"] = "Please give a name, a street and a town."
    if not first <= delivery <= last:
        faults["/deliveryDate"] = f"We deliver from {day(first)} to {day(last)}."
    if bouquet is None or faults:
        raise _unprocessable(faults)
    try:
        order = await asyncio.to_thread(
            orders.place,
            bouquet.id,
            owner=owner,
            price=bouquet.price,
            address=address,
            day=delivery,
            now=now,
            key=idempotency_key,
        )
    except orders.FullyBooked:
        return {"success": False, "message": f"We are fully booked on {day(delivery)}. Another day?"}
    except orders.KeyReused:
        raise _unprocessable({"/Idempotency-Key": "That key has placed another order."}, where="header") from None
    message = f"Thank you! {bouquet.name} will be delivered on {day(delivery)}."
    return {"success": True, "message": message, "orderId": order.id}


async def list_products(max_price: float | None = None) -> ProductList:
    """List the bouquets.

    Every bouquet, from the cheapest to the dearest.
    """
    return {"products": [bouquet.product() for bouquet in catalogue.matching((), budget=max_price)]}


async def get_product(product_id: ProductId) -> Product:
    """Look at one bouquet.

    One bouquet by its id, as cards and lists name it.
    """
    bouquet = catalogue.find(product_id)
    if bouquet is None:
        raise ProblemException(status=404, title="Not Found", detail=f'There is no bouquet "{product_id}".')
    return bouquet.product()


async def list_orders(ctx: Context) -> tuple[OrderList, int, dict[str, str]]:
    """See your orders.

    Your own orders, the latest first.
    """
    found = await asyncio.to_thread(orders.of, _owner(ctx.caller))
    return {"orders": [shown for order in found if (shown := _shown(order)) is not None]}, 200, PRIVATE


async def get_order(order_id: OrderId, ctx: Context) -> tuple[Order, int, dict[str, str]]:
    """See how an order fares.

    One order of your own by the id that `checkout` gave. Other people's are not found, and the delivery address is
    never given back.
    """
    order = await asyncio.to_thread(orders.find, order_id, owner=_owner(ctx.caller))
    shown = None if order is None else _shown(order)
    if shown is None:
        raise ProblemException(status=404, title="Not Found", detail="You have no order of that id.")
    return shown, 200, PRIVATE


def _shown(order: orders.Placed) -> Order | None:
    """An order as its owner sees it; None where the bouquet is not tied any more."""
    bouquet = catalogue.find(order.product_id)
    if bouquet is None:
        return None
    return {
        "orderId": order.id,
        "productId": bouquet.id,
        "name": bouquet.name,
        "price": order.price,
        "currency": catalogue.CURRENCY,
        "deliveryDate": order.delivery_date.isoformat(),
        "status": "accepted" if order.delivery_date >= orders.now().date() else "delivered",
        "placedAt": order.placed_at.isoformat(),
    }


def _person(caller: Caller) -> str | None:
    """Who is calling; None for a program, which has a client or a role but no user name."""
    return caller.subject if caller.username is not None else None


def _owner(caller: Caller) -> str:
    owner = _person(caller)
    if owner is None:
        raise ProblemException(status=403, title="Forbidden", detail="Only somebody who is signed in has orders.")
    return owner


def _unprocessable(faults: Mapping[str, str], *, where: str = "body") -> ProblemException:
    """What fits the document and yet cannot be done: JSON pointer -> what is wrong there."""
    errors = [{"in": where, "pointer": pointer, "detail": detail} for pointer, detail in faults.items()]
    detail = " ".join(faults.values())
    return ProblemException(status=422, title="Unprocessable Content", detail=detail, ext={"errors": errors})
