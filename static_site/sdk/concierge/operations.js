// Concierge: the operations as functions. What a program does not import, a bundler leaves out.
// Written by `portico sdk`; the next run overwrites what is changed here.

import { Client as Base } from "./runtime/client.js";
import { call } from "./runtime/call.js";

/** @type {import("./runtime/types.js").Api} */
const API = {
  name: "Concierge",
  basePath: "/concierge/v1",
  userAgent: "concierge/1.0.0 portico-sdk/1",
  clientId: "sdk",
  region: "us-east-1",
  schemes: {
    partnerKey: { kind: "key", in: "header", name: "X-API-Key" },
    signIn: {
      kind: "login",
      discovery: "/auth/main/.well-known/openid-configuration",
      scopes: ["concierge/chat", "concierge/orders"],
    },
    sigv4: { kind: "signed", discovery: "/auth/main/.well-known/openid-configuration" },
  },
};

/** A client without methods: for the functions below. */
export class Client extends Base {
  constructor(baseUrl, options) {
    super(API, baseUrl, options);
  }
}

const $sendMessage = {
  id: "sendMessage",
  method: "POST",
  path: "/nlu",
  body: {
    required: true,
    contents: [{ type: "application/json", kind: "json" }],
    spread: { messages: true },
  },
  accept: "application/json, application/problem+json",
  result: "json",
  shape: "object",
  security: [["signIn"], ["sigv4"], ["partnerKey"]],
};

export function sendMessage(client, params, options) {
  return call(client, $sendMessage, params, options);
}

const $checkout = {
  id: "checkout",
  method: "POST",
  path: "/checkout",
  parameters: [{ argument: "idempotencyKey", name: "Idempotency-Key", in: "header", style: "simple" }],
  body: {
    required: true,
    contents: [{ type: "application/json", kind: "json" }],
    spread: { productId: true, deliveryAddress: true, deliveryDate: true },
  },
  accept: "application/json, application/problem+json",
  result: "json",
  shape: "object",
  security: [["signIn"], ["sigv4"]],
  idempotencyHeader: "Idempotency-Key",
};

export function checkout(client, params, options) {
  return call(client, $checkout, params, options);
}

const $listProducts = {
  id: "listProducts",
  method: "GET",
  path: "/products",
  parameters: [{ argument: "maxPrice", name: "maxPrice", in: "query", style: "form", explode: true }],
  accept: "application/json, application/problem+json",
  result: "json",
  shape: "object",
};

export function listProducts(client, params, options) {
  return call(client, $listProducts, params, options);
}

const $getProduct = {
  id: "getProduct",
  method: "GET",
  path: "/products/{productId}",
  parameters: [{ argument: "productId", name: "productId", in: "path", style: "simple", required: true }],
  accept: "application/json, application/problem+json",
  result: "json",
  shape: "object",
};

export function getProduct(client, params, options) {
  return call(client, $getProduct, params, options);
}

const $listOrders = {
  id: "listOrders",
  method: "GET",
  path: "/orders",
  accept: "application/json, application/problem+json",
  result: "json",
  shape: "object",
  security: [["signIn"], ["sigv4"]],
};

export function listOrders(client, params, options) {
  return call(client, $listOrders, params, options);
}

const $getOrder = {
  id: "getOrder",
  method: "GET",
  path: "/orders/{orderId}",
  parameters: [{ argument: "orderId", name: "orderId", in: "path", style: "simple", required: true }],
  accept: "application/json, application/problem+json",
  result: "json",
  shape: "object",
  security: [["signIn"], ["sigv4"]],
};

export function getOrder(client, params, options) {
  return call(client, $getOrder, params, options);
}
