// Concierge: the client.
// Written by `portico sdk`; the next run overwrites what is changed here.

import type { ApiPromise } from "./runtime/promise.js";
import type { Decimal } from "./runtime/json.js";
import type { Download } from "./runtime/download.js";
import type { EventStream } from "./runtime/events.js";
import type { JsonLines } from "./runtime/lines.js";
import type { PageIterator } from "./runtime/pages.js";
import type { CallOptions } from "./runtime/types.js";
import type * as models from "./models.js";
import * as operations from "./operations.js";

/**
 * Concierge
 * A florist's concierge. Say what you wish for with `sendMessage`; it answers in words and with product cards.
 * Order a bouquet with `checkout`.
 * The bouquets are for everybody to see. Whoever wants to talk or to order signs in, or signs requests (AWS Signature
 * Version 4) with the credentials of a role; everyone sees their own orders only. Partners talk with an API key.
 * Conversations are not kept on the server: send the earlier messages along, and it will know what "the second one"
 * means.
 */
export declare class Concierge extends operations.Client {
  /**
   * Say something to the concierge
   *
   * The last message is answered; the ones before it are the conversation so far, oldest first. Send back what you
   * received as it was: ids that begin with `concierge-` tell the concierge what it said itself.
   */
  sendMessage(params: operations.SendMessageParams, options?: CallOptions): ApiPromise<models.Reply>;

  /**
   * Order a bouquet
   *
   * Orders one bouquet for one day, from tomorrow up to 60 days ahead. `success` is false where the florist
   * cannot take the order, such as on a day that is fully booked; `message` then says why, and there is no order.
   *
   * An order sent again with the same `Idempotency-Key` is the same order: nothing is ordered twice when an
   * answer was lost on its way. The order is yours: nobody else can see it.
   */
  checkout(params: operations.CheckoutParams, options?: CallOptions): ApiPromise<models.CheckoutResult>;

  /**
   * List the bouquets
   *
   * Every bouquet, from the cheapest to the dearest.
   */
  listProducts(params?: operations.ListProductsParams, options?: CallOptions): ApiPromise<models.ProductList>;

  /**
   * Look at one bouquet
   *
   * One bouquet by its id, as cards and lists name it.
   */
  getProduct(params: operations.GetProductParams, options?: CallOptions): ApiPromise<models.Product>;

  /**
   * See your orders
   *
   * Your own orders, the latest first.
   */
  listOrders(params?: operations.ListOrdersParams, options?: CallOptions): ApiPromise<models.OrderList>;

  /**
   * See how an order fares
   *
   * One order of your own by the id that `checkout` gave. Other people's are not found, and the delivery address is
   * never given back.
   */
  getOrder(params: operations.GetOrderParams, options?: CallOptions): ApiPromise<models.Order>;

}
