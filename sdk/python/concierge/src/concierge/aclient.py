"""The asynchronous client of Concierge. Written by `portico sdk`."""

# ruff: noqa: E501, F401, I001  (texts are as long as they are, and every module imports the same)

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, overload
from uuid import UUID

from . import operations as _operations
from ._runtime.absent import ABSENT, Absent
from ._runtime.aclient import AsyncClient
from ._runtime.options import Options
from ._runtime.payload import Upload
from ._runtime.astreams import AsyncDownload, AsyncEventStream, AsyncLineStream

if TYPE_CHECKING:
    from . import models


class AsyncConcierge(AsyncClient):
    """Concierge, version 1.0.0.

    A florist's concierge. Say what you wish for with `sendMessage`; it answers in words and with product cards.
    Order a bouquet with `checkout`.

    The bouquets are for everybody to see. Whoever wants to talk or to order signs in, or signs requests (AWS
    Signature Version 4) with the credentials of a role; everyone sees their own orders only. Partners talk with
    an API key.

    Conversations are not kept on the server: send the earlier messages along, and it will know what "the second
    one" means.
    """

    _sdk_ = _operations.SDK

    if TYPE_CHECKING:

        @overload
        async def send_message(
            self,
            *,
            messages: Sequence[models.Message | Mapping[str, Any]],
            options: Options | None = None,
        ) -> models.Reply: ...

        @overload
        async def send_message(
            self,
            *,
            body: models.Conversation | Mapping[str, Any],
            options: Options | None = None,
        ) -> models.Reply: ...

    async def send_message(
        self,
        *,
        messages: Sequence[models.Message | Mapping[str, Any]] | Absent = ABSENT,
        body: models.Conversation | Mapping[str, Any] | Absent = ABSENT,
        options: Options | None = None,
    ) -> models.Reply:
        """Say something to the concierge.

        The last message is answered; the ones before it are the conversation so far, oldest first. Send back what you
        received as it was: ids that begin with `concierge-` tell the concierge what it said itself.

        Args:
            messages: The messages. Of a longer conversation, send the latest 50.
            body: all of these properties at once.
            options: what is different for this call.

        Raises:
            BadRequest: The request does not fit this document; `errors` says where.
            Unauthorized: Nobody is signed in, or what was shown is not valid (any more). `WWW-Authenticate` says
                what is asked for.
            Forbidden: Whoever calls is known, and may not do this; `detail` names the scope that is missing.
            UnprocessableContent: The request fits this document, and yet it cannot be done; `errors` says why.
            TooManyRequests: A limit is reached, or a quota used up; `detail` says which, and `Retry-After` when
                there is more.
        """
        return await self._call(_operations.send_message, options, (), body, (messages,))

    if TYPE_CHECKING:

        @overload
        async def checkout(
            self,
            *,
            idempotency_key: str | Absent = ABSENT,
            product_id: str,
            delivery_address: str,
            delivery_date: dt.date,
            options: Options | None = None,
        ) -> models.CheckoutResult: ...

        @overload
        async def checkout(
            self,
            *,
            idempotency_key: str | Absent = ABSENT,
            body: models.CheckoutRequest | Mapping[str, Any],
            options: Options | None = None,
        ) -> models.CheckoutResult: ...

    async def checkout(
        self,
        *,
        idempotency_key: str | Absent = ABSENT,
        product_id: str | Absent = ABSENT,
        delivery_address: str | Absent = ABSENT,
        delivery_date: dt.date | Absent = ABSENT,
        body: models.CheckoutRequest | Mapping[str, Any] | Absent = ABSENT,
        options: Options | None = None,
    ) -> models.CheckoutResult:
        """Order a bouquet.

        Orders one bouquet for one day, from tomorrow up to 60 days ahead. `success` is false where the florist
        cannot take the order, such as on a day that is fully booked; `message` then says why, and there is no order.

        An order sent again with the same `Idempotency-Key` is the same order: nothing is ordered twice when an
        answer was lost on its way. The order is yours: nobody else can see it.

        Args:
            idempotency_key: Names this attempt to order. Make a new one at random for each order.
            product_id: Names a bouquet.
            delivery_address: Who receives the bouquet, and where.
            delivery_date: The day of delivery, from tomorrow up to 60 days ahead.
            body: all of these properties at once.
            options: what is different for this call.

        Raises:
            BadRequest: The request does not fit this document; `errors` says where.
            Unauthorized: Nobody is signed in, or what was shown is not valid (any more). `WWW-Authenticate` says
                what is asked for.
            Forbidden: Whoever calls is known, and may not do this; `detail` names the scope that is missing.
            UnprocessableContent: The request fits this document, and yet it cannot be done; `errors` says why.
            TooManyRequests: A limit is reached, or a quota used up; `detail` says which, and `Retry-After` when
                there is more.
        """
        return await self._call(_operations.checkout, options, (idempotency_key,), body, (product_id, delivery_address, delivery_date))

    async def list_products(
        self,
        *,
        max_price: float | Absent = ABSENT,
        options: Options | None = None,
    ) -> models.ProductList:
        """List the bouquets.

        Every bouquet, from the cheapest to the dearest.

        Args:
            max_price: Leave out what costs more than this.
            options: what is different for this call.

        Raises:
            BadRequest: The request does not fit this document; `errors` says where.
        """
        return await self._call(_operations.list_products, options, (max_price,))

    async def get_product(
        self,
        product_id: str,
        *,
        options: Options | None = None,
    ) -> models.Product:
        """Look at one bouquet.

        One bouquet by its id, as cards and lists name it.

        Args:
            product_id: Which bouquet.
            options: what is different for this call.

        Raises:
            BadRequest: The request does not fit this document; `errors` says where.
            NotFound: There is nothing of that id.
        """
        return await self._call(_operations.get_product, options, (product_id,))

    async def list_orders(
        self,
        *,
        options: Options | None = None,
    ) -> models.OrderList:
        """See your orders.

        Your own orders, the latest first.

        Args:
            options: what is different for this call.

        Raises:
            Unauthorized: Nobody is signed in, or what was shown is not valid (any more). `WWW-Authenticate` says
                what is asked for.
            Forbidden: Whoever calls is known, and may not do this; `detail` names the scope that is missing.
        """
        return await self._call(_operations.list_orders, options)

    async def get_order(
        self,
        order_id: str,
        *,
        options: Options | None = None,
    ) -> models.Order:
        """See how an order fares.

        One order of your own by the id that `checkout` gave. Other people's are not found, and the delivery address is
        never given back.

        Args:
            order_id: Which order.
            options: what is different for this call.

        Raises:
            BadRequest: The request does not fit this document; `errors` says where.
            Unauthorized: Nobody is signed in, or what was shown is not valid (any more). `WWW-Authenticate` says
                what is asked for.
            Forbidden: Whoever calls is known, and may not do this; `detail` names the scope that is missing.
            NotFound: There is nothing of that id.
        """
        return await self._call(_operations.get_order, options, (order_id,))
