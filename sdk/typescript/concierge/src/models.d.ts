// Concierge: the types of its values. Unknown properties and unknown values are kept.
// Written by `portico sdk`; the next run overwrites what is changed here.

import type { Decimal } from "./runtime/json.js";
import type { Bytes, UnknownMember, Upload } from "./runtime/types.js";

/** What was said so far, oldest first. The last message is the one to answer. */
export interface Conversation {
  /** The messages. Of a longer conversation, send the latest 50. */
  messages: Message[];
}

/** Words, or something to show. `type` says which of the two properties is there. */
export interface Message {
  /** Which of the two it is. */
  type: "structured" | "unstructured" | (string & {});
  /** Words. */
  unstructured?: UnstructuredMessage;
  /** Something to show. A client that cannot show it shows `text`. */
  structured?: StructuredMessage;
}

/** Words. */
export interface UnstructuredMessage {
  /** Names the message within its conversation. The concierge's own begin with `concierge-`. */
  id?: string;
  /** What is said. */
  text: string;
  /** When it was said. */
  timestamp?: string;
}

/** Something to show. A client that cannot show it shows `text`. */
export interface StructuredMessage {
  /** Names the message within its conversation. The concierge's own begin with `concierge-`. */
  id?: string;
  /** The same in words. */
  text?: string;
  /** What it is, and so what `payload` holds. */
  type: "product";
  /** A bouquet to show, with a button that orders it. */
  payload: ProductCard;
  /** When it was said. */
  timestamp?: string;
}

/** A bouquet to show, with a button that orders it. */
export interface ProductCard {
  /** Names a bouquet. */
  productId: string;
  /** What the bouquet is called. */
  name: string;
  /** The price of one, delivery included. */
  price: number;
  /** The currency of the price (ISO 4217). */
  currency: string;
  /** The picture, an address of this site. */
  imageUrl: string;
  /** What the button says. */
  buttonLabel: string;
  /** Where the button leads, an address of this site. */
  clickAction: string;
}

/** What the concierge says. */
export interface Reply {
  /** The messages, in the order to show them. */
  messages: Message[];
}

/** What went wrong, in a form that programs can read (RFC 9457). */
export interface Problem {
  /** Names the kind of problem. */
  type?: string;
  /** The kind of problem in words. */
  title: string;
  /** The status code. */
  status: number;
  /** What went wrong this time. */
  detail?: string;
  /** Name this when you report the problem. */
  request_id?: string;
  /** Every fault of the request, each with its place. */
  errors?: Fault[];
}

/** One fault of a request. */
export interface Fault {
  /** Where it is. */
  in?: "body" | "query" | "path" | "header" | "cookie" | (string & {});
  /** The place in the body (RFC 6901), or a slash and the parameter's name. */
  pointer?: string;
  /** What is wrong. */
  detail: string;
}

/** What to bring, where and when. */
export interface CheckoutRequest {
  /** Names a bouquet. */
  productId: string;
  /** Who receives the bouquet, and where. */
  deliveryAddress: string;
  /** The day of delivery, from tomorrow up to 60 days ahead. */
  deliveryDate: string;
}

/** The florist's answer to an order. */
export interface CheckoutResult {
  /** Whether there is an order now. */
  success: boolean;
  /** The same in words, for the visitor. */
  message: string;
  /** Names an order. Only the person who placed it can see the order. */
  orderId?: string;
}

/** Bouquets. */
export interface ProductList {
  /** The bouquets, from the cheapest to the dearest. */
  products: Product[];
}

/** A bouquet. */
export interface Product {
  /** Names a bouquet. */
  productId: string;
  /** What the bouquet is called. */
  name: string;
  /** What is in it. */
  description: string;
  /** The price of one, delivery included. */
  price: number;
  /** The currency of the price (ISO 4217). */
  currency: string;
  /** The picture, an address of this site. */
  imageUrl: string;
}

/** Orders of one person. */
export interface OrderList {
  /** The orders, the latest first. */
  orders: Order[];
}

/** An order, as it was placed. */
export interface Order {
  /** Names an order. Only the person who placed it can see the order. */
  orderId: string;
  /** Names a bouquet. */
  productId: string;
  /** What the bouquet is called. */
  name: string;
  /** The price of one, delivery included. */
  price: number;
  /** The currency of the price (ISO 4217). */
  currency: string;
  /** The day of delivery. */
  deliveryDate: string;
  /** How the order fares. It counts as delivered once its day has passed. */
  status: "accepted" | "delivered" | (string & {});
  /** When it was placed. */
  placedAt: string;
}

export {};
