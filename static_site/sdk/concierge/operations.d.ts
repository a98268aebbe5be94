// Concierge: the operations as functions.
// Written by `portico sdk`; the next run overwrites what is changed here.

import type { ApiPromise } from "./runtime/promise.js";
import { Client as Base } from "./runtime/client.js";
import type { Decimal } from "./runtime/json.js";
import type { Download } from "./runtime/download.js";
import type { EventStream } from "./runtime/events.js";
import type { JsonLines } from "./runtime/lines.js";
import type { PageIterator } from "./runtime/pages.js";
import type { Bytes, CallOptions, ClientOptions, Upload } from "./runtime/types.js";
import type * as models from "./models.js";

/** A client without methods: for the functions below. */
export declare class Client extends Base {
  /**
   * @param baseUrl where the API is: an origin, or the whole base with its path
   */
  constructor(baseUrl?: string | URL, options?: ClientOptions);
}

export type SendMessageParams = ((models.Conversation & { body?: undefined }) | { body: models.Conversation });

/**
 * Say something to the concierge
 *
 * The last message is answered; the ones before it are the conversation so far, oldest first. Send back what you
 * received as it was: ids that begin with `concierge-` tell the concierge what it said itself.
 */
export declare function sendMessage(client: Base, params: SendMessageParams, options?: CallOptions): ApiPromise<models.Reply>;

export type CheckoutParams = {
  /** Names this attempt to order. Make a new one at random for each order. */
  idempotencyKey?: string;
} & ((models.CheckoutRequest & { body?: undefined }) | { body: models.CheckoutRequest });

/**
 * Order a bouquet
 *
 * Orders one bouquet for one day, from tomorrow up to 60 days ahead. `success` is false where the florist
 * cannot take the order, such as on a day that is fully booked; `message` then says why, and there is no order.
 *
 * An order sent again with the same `Idempotency-Key` is the same order: nothing is ordered twice when an
 * answer was lost on its way. The order is yours: nobody else can see it.
 */
export declare function checkout(client: Base, params: CheckoutParams, options?: CallOptions): ApiPromise<models.CheckoutResult>;

export interface ListProductsParams {
  /** Leave out what costs more than this. */
  maxPrice?: number;
}

/**
 * List the bouquets
 *
 * Every bouquet, from the cheapest to the dearest.
 */
export declare function listProducts(client: Base, params?: ListProductsParams, options?: CallOptions): ApiPromise<models.ProductList>;

export interface GetProductParams {
  /** Which bouquet. */
  productId: string;
}

/**
 * Look at one bouquet
 *
 * One bouquet by its id, as cards and lists name it.
 */
export declare function getProduct(client: Base, params: GetProductParams, options?: CallOptions): ApiPromise<models.Product>;

export type ListOrdersParams = Record<string, never>;

/**
 * See your orders
 *
 * Your own orders, the latest first.
 */
export declare function listOrders(client: Base, params?: ListOrdersParams, options?: CallOptions): ApiPromise<models.OrderList>;

export interface GetOrderParams {
  /** Which order. */
  orderId: string;
}

/**
 * See how an order fares
 *
 * One order of your own by the id that `checkout` gave. Other people's are not found, and the delivery address is
 * never given back.
 */
export declare function getOrder(client: Base, params: GetOrderParams, options?: CallOptions): ApiPromise<models.Order>;
