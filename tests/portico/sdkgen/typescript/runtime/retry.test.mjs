import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "../runtime/call.js";
import { Client } from "../runtime/client.js";
import { ConnectionFailed, TimedOut } from "../runtime/errors.js";
import { API, GET, options, POST, serve } from "./server.mjs";

const ORDER = { ...POST, idempotencyHeader: "Idempotency-Key" };

test("a call is tried again where that does no harm", async () => {
  for (const [operation, status, times] of [[GET, 503, 3], [GET, 500, 3], [GET, 501, 1], [GET, 404, 1], [POST, 503, 1], [POST, 429, 3], [ORDER, 503, 3], [{ ...POST, method: "PUT" }, 502, 3]]) {
    const pauses = [];
    const server = await serve({ status });
    await assert.rejects(call(new Client(API, server.url, options(pauses)), operation, operation.body ? { name: "a" } : {}), { status });
    assert.equal(server.requests.length, times, `${operation.method} ${status}`);
    assert.deepEqual(pauses, times === 1 ? [] : [0.25, 0.5]);
    server.close();
  }
});

test("an order keeps its key over all attempts, and another gets another", async () => {
  const server = await serve({ status: 500 }, { body: {} }, { body: {} }, { body: {} });
  const client = new Client(API, server.url, options());
  await call(client, ORDER, { name: "a" });
  await call(client, ORDER, { name: "a" });
  await call(client, ORDER, { name: "a" }, { idempotencyKey: "mine" });
  const keys = server.requests.map(({ headers }) => headers["idempotency-key"]);
  assert.equal(keys[0], keys[1]);
  assert.notEqual(keys[1], keys[2]);
  assert.match(keys[0], /^[0-9a-f]{32}$/);
  assert.equal(keys[3], "mine");
  server.close();
});

test("the server says when: in seconds, or by its own clock; not for too long", async () => {
  const date = "Thu, 01 Jan 1970 00:00:10 GMT";
  for (const [headers, pause] of [[{ "retry-after": "7" }, 7], [{ date, "retry-after": "Thu, 01 Jan 1970 00:00:13 GMT" }, 3], [{ "retry-after": "61" }, undefined], [{ "retry-after": "soon" }, 0.25]]) {
    const pauses = [];
    const server = await serve({ status: 429, headers: { date, ...headers } }, { body: {} });
    const done = call(new Client(API, server.url, options(pauses)), GET);
    if (pause === undefined) await assert.rejects(done, { name: "TooManyRequests", retryAfter: 61 });
    else await done;
    assert.deepEqual(pauses, pause === undefined ? [] : [pause]);
    server.close();
  }
});

test("a connection that could not be made is tried again for every call; one that was lost is not", async () => {
  const pauses = [];
  const nobody = new Client(API, "http://127.0.0.1:9", options(pauses));
  await assert.rejects(call(nobody, POST, { name: "a" }), (error) => error instanceof ConnectionFailed && error.unsent && /ECONNREFUSED/.test(error.message));
  assert.equal(pauses.length, 2);
  const server = await serve((request) => request.socket.destroy());
  await assert.rejects(call(new Client(API, server.url, options()), POST, { name: "a" }), ConnectionFailed);
  assert.equal(server.requests.length, 1);
  await assert.rejects(call(new Client(API, server.url, options()), GET), ConnectionFailed);
  assert.equal(server.requests.length, 4);
  server.close();
});

test("an answer that is cut off is a lost connection", async () => {
  const server = await serve((_, response) => response.writeHead(200, { "content-length": "100", "content-type": "application/json" }).write("{", () => response.destroy()));
  await assert.rejects(call(new Client(API, server.url, options()), GET), ConnectionFailed);
  assert.equal(server.requests.length, 3);
  server.close();
});

test("what takes too long ends: before the answer, and within it", async () => {
  const silent = await serve(() => {});
  await assert.rejects(call(new Client(API, silent.url, options()), GET, {}, { timeout: 0.05, retries: 0 }), TimedOut);
  const halting = await serve((_, response) => response.writeHead(200, { "content-type": "application/json" }).write("{"));
  await assert.rejects(call(new Client(API, halting.url, options()), GET, {}, { timeout: 0.05, retries: 0 }), TimedOut);
  silent.close();
  halting.close();
});

test("a deadline is for all attempts", async () => {
  let now = 0;
  const sleep = async (seconds) => void (now += seconds);
  const server = await serve({ status: 503, headers: { "retry-after": "4" } });
  await assert.rejects(call(new Client(API, server.url, { clock: () => now, sleep, deadline: 10, retries: 9 }), GET), { status: 503 });
  assert.equal(server.requests.length, 3);
  server.close();
});

test("a signal ends a call, its pauses and its waiting with its reason", async () => {
  const server = await serve(() => {}, { status: 503 });
  const reason = new Error("enough");
  const controller = new AbortController();
  const waiting = assert.rejects(call(new Client(API, server.url), GET, {}, { signal: controller.signal }), reason);
  while (server.requests.length === 0) await new Promise(setImmediate);
  controller.abort(reason);
  await waiting;
  const pausing = new AbortController();
  const hooks = { onRetry: () => setImmediate(() => pausing.abort(reason)) };
  await assert.rejects(call(new Client(API, server.url, { hooks, random: () => 1, retries: { base: 100, cap: 100 } }), GET, {}, { signal: pausing.signal }), reason);
  await assert.rejects(call(new Client(API, server.url), GET, {}, { signal: AbortSignal.abort(reason) }), reason);
  assert.equal(server.requests.length, 2);
  server.close();
});

test("a body that can be read only once is sent once", async () => {
  const server = await serve({ status: 429 });
  const upload = { ...POST, method: "PUT", body: { contents: [{ type: "text/plain", kind: "binary" }] } };
  const body = (async function* () { yield "a"; yield new Uint8Array([98]); })();
  await assert.rejects(call(new Client(API, server.url, options()), upload, { body }), { status: 429 });
  assert.deepEqual(server.requests.map((request) => request.body), ["ab"]);
  server.close();
});

test("redirects are followed for GET, with who calls to the same origin only", async () => {
  const away = await serve({ body: { where: "away" } });
  const to = (location) => ({ status: 302, headers: { location } });
  const server = await serve(to("/shop/v1/other?x=1"), to(`${away.url}/there`), to("/loop"));
  const client = new Client(API, server.url, options([], { accessToken: "secret", headers: { "x-mine": "1" } }));
  const operation = { ...GET, security: [["signIn"]] };
  assert.deepEqual(await call(client, operation), { where: "away" });
  assert.deepEqual(server.requests.map(({ url, headers }) => [url, headers.authorization]), [["/shop/v1/thing", "Bearer secret"], ["/shop/v1/other?x=1", "Bearer secret"]]);
  assert.deepEqual([away.requests[0].url, away.requests[0].headers.authorization, away.requests[0].headers["x-mine"]], ["/there", undefined, undefined]);
  await assert.rejects(call(client, operation), /more than 5 redirects/);
  await assert.rejects(call(client, POST, { name: "a" }), { name: "ApiError", status: 302 });
  server.close();
  away.close();
});

test("an option of retries that is undefined is the default", async () => {
  const server = await serve({ status: 503 });
  await assert.rejects(call(new Client(API, server.url, options([], { retries: { count: undefined, base: undefined } })), GET), { status: 503 });
  assert.equal(server.requests.length, 3);
  server.close();
});
