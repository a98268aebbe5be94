// Calls each operation of Concierge as its document shows it. Run: node --test test/
// Written by `portico sdk`; the next run overwrites what is changed here.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Concierge } from "../src/index.js";
import { read } from "../src/runtime/json.js";

let asked; // what the server was asked
let answer; // what it answers, as JSON; "" for nothing
let client;

const server = createServer(async (request, response) => {
  for await (const _ of request);
  asked = { method: request.method, path: request.url.split("?")[0], type: request.headers["content-type"] ?? "" };
  if (answer === "") return response.writeHead(204).end();
  response.writeHead(200, { "content-type": "application/json" }).end(answer);
});

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  client = new Concierge(`http://127.0.0.1:${server.address().port}/base`, {
    accessToken: "token",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    basic: { username: "user", password: "password" },
    apiKey: { partnerKey: "key" },
    retries: 0,
  });
});

after(() => {
  server.close();
  server.closeAllConnections();
});

/** Whether a path is that of an operation: `{name}` stands for anything. */
function fits(path, template) {
  const pieces = template.split(/\{[^{}]*\}/).map((piece) => decoded(piece).replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^/base${pieces.join(".*")}$`, "s").test(decoded(path));
}

function decoded(text) {
  return text.replace(/\p{Surrogate}/gu, "\ufffd").replace(/(?:%[0-9A-Fa-f]{2})+/g, (part) => Buffer.from(part.replaceAll("%", ""), "hex").toString());
}

test("sendMessage", async () => {
  answer = "{\"messages\": [{\"type\": \"unstructured\", \"unstructured\": {\"id\": \"concierge-7d0f1a52\", \"text\": \"Good day! What are you celebrating?\", \"timestamp\": \"2026-05-04T09:30:01Z\"}}]}";
  const result = await client.sendMessage({
  messages: [
    {
      type: "unstructured",
      unstructured: { id: "m-1", text: "Good morning!", timestamp: "2026-05-04T09:30:00Z" },
    },
  ],
});
  assert.equal(asked.method, "POST");
  assert.ok(fits(asked.path, "/nlu"), asked.path);
  assert.ok(asked.type.startsWith("application/json"), asked.type);
  assert.deepEqual(result, read(answer, false));
});

test("checkout", async () => {
  answer = "{\"success\": true, \"message\": \"Thank you! Dozen Red Roses will be delivered on 10 May 2026.\", \"orderId\": \"5d41402abc4b2a76b9719d911017c592\"}";
  const result = await client.checkout({
  productId: "dozen-red-roses",
  deliveryAddress: "Ada Lovelace, 12 St James's Square, London SW1Y 4JH",
  deliveryDate: "2026-05-10",
});
  assert.equal(asked.method, "POST");
  assert.ok(fits(asked.path, "/checkout"), asked.path);
  assert.ok(asked.type.startsWith("application/json"), asked.type);
  assert.deepEqual(result, read(answer, false));
});

test("listProducts", async () => {
  answer = "{\"products\": [{\"productId\": \"dozen-red-roses\", \"name\": \"Dozen Red Roses\", \"description\": \"Twelve long-stemmed red roses, tied by hand.\", \"price\": 59, \"currency\": \"EUR\", \"imageUrl\": \"/images/dozen-red-roses.svg\"}]}";
  const result = await client.listProducts();
  assert.equal(asked.method, "GET");
  assert.ok(fits(asked.path, "/products"), asked.path);
  assert.deepEqual(result, read(answer, false));
});

test("getProduct", async () => {
  answer = "{\"productId\": \"dozen-red-roses\", \"name\": \"Dozen Red Roses\", \"description\": \"Twelve long-stemmed red roses, tied by hand.\", \"price\": 59, \"currency\": \"EUR\", \"imageUrl\": \"/images/dozen-red-roses.svg\"}";
  const result = await client.getProduct({ productId: "dozen-red-roses" });
  assert.equal(asked.method, "GET");
  assert.ok(fits(asked.path, "/products/{productId}"), asked.path);
  assert.deepEqual(result, read(answer, false));
});

test("listOrders", async () => {
  answer = "{\"orders\": [{\"orderId\": \"5d41402abc4b2a76b9719d911017c592\", \"productId\": \"dozen-red-roses\", \"name\": \"Dozen Red Roses\", \"price\": 59, \"currency\": \"EUR\", \"deliveryDate\": \"2026-05-10\", \"status\": \"accepted\", \"placedAt\": \"2026-05-04T09:32:00Z\"}]}";
  const result = await client.listOrders();
  assert.equal(asked.method, "GET");
  assert.ok(fits(asked.path, "/orders"), asked.path);
  assert.deepEqual(result, read(answer, false));
});

test("getOrder", async () => {
  answer = "{\"orderId\": \"5d41402abc4b2a76b9719d911017c592\", \"productId\": \"dozen-red-roses\", \"name\": \"Dozen Red Roses\", \"price\": 59, \"currency\": \"EUR\", \"deliveryDate\": \"2026-05-10\", \"status\": \"accepted\", \"placedAt\": \"2026-05-04T09:32:00Z\"}";
  const result = await client.getOrder({ orderId: "5d41402abc4b2a76b9719d911017c592" });
  assert.equal(asked.method, "GET");
  assert.ok(fits(asked.path, "/orders/{orderId}"), asked.path);
  assert.deepEqual(result, read(answer, false));
});
