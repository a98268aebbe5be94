import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "../runtime/call.js";
import { Client } from "../runtime/client.js";
import { ConnectionFailed, UnexpectedAnswer } from "../runtime/errors.js";
import { EventParser } from "../runtime/events.js";
import { linesOf } from "../runtime/stream.js";
import { API, options, serve } from "./server.mjs";

const WATCH = { id: "watch", method: "GET", path: "/watch", accept: "text/event-stream", result: "events", shape: "object" };
const LINES = { id: "lines", method: "GET", path: "/lines", accept: "application/jsonl", result: "jsonl" };
const STREAM = { "content-type": "text/event-stream" };

/** All lines of a text that comes in pieces of one byte, and at once. */
async function lines(text) {
  const bytes = new TextEncoder().encode(text);
  const ways = [Array.from(bytes, (one) => Uint8Array.of(one)), [bytes], [bytes.subarray(0, 3), bytes.subarray(3)]];
  const found = [];
  for (const pieces of ways) {
    const all = linesOf((async function* () { yield* pieces; })(), 1000);
    const got = [];
    let last;
    do {
      last = await all.next();
      got.push(last.value);
    } while (!last.done);
    found.push(got);
  }
  assert.deepEqual(found[0], found[1]);
  assert.deepEqual(found[0], found[2]);
  return found[0];
}

test("lines end with CR, LF or both, wherever the pieces are cut", async () => {
  assert.deepEqual(await lines("a\nb\r\nc\rd\n\ne\r\r\nf"), ["a", "b", "c", "d", "", "e", "", "f"]);
  assert.deepEqual(await lines("\ufeffé\r\n"), ["é", ""]);
  assert.deepEqual(await lines("\r\n\r\n"), ["", "", ""]);
});

test("events are made of lines as the standard has it", () => {
  const parser = new EventParser();
  const events = [];
  for (const line of [": hello", "data: a", "data:b", "data", "id: 7", "event: x", "", "data: next", "", "retry: 1500", "retry: no", "id: a\0b", "nothing: 1", "event: lost", "", "id", "data: z", ""]) {
    const event = parser.take(line);
    if (event) events.push(event);
  }
  assert.deepEqual(events, [
    { data: "a\nb\n", event: "x", id: "7" },
    { data: "next", event: "message", id: "7" },
    { data: "z", event: "message", id: "" },
  ]);
  assert.equal(parser.retry, 1.5);
});

test("events come typed, one by one, while the server still writes", async () => {
  const server = await serve((_, response) => {
    response.writeHead(200, STREAM).write('id: 1\ndata: {"n":1}\n\n');
    setImmediate(() => response.end('data: {"n":\ndata: 2}\n\ndata: {"n":3}'));
  });
  const found = [];
  for await (const event of await call(new Client(API, server.url), WATCH)) found.push(event);
  assert.deepEqual(found, [{ data: { n: 1 }, event: "message", id: "1" }, { data: { n: 2 }, event: "message", id: "1" }]);
  server.close();
});

test("a stream that was lost goes on after the last event", async () => {
  const pauses = [];
  const server = await serve(
    (_, response) => response.writeHead(200, STREAM).write('retry: 250\nid: 1\ndata: {"n":1}\n\n', () => response.destroy()),
    (_, response, request) => response.writeHead(200, STREAM).end(`id: 2\ndata: {"after":"${request.headers["last-event-id"]}"}\n\n`),
  );
  const found = [];
  for await (const event of await call(new Client(API, server.url, options(pauses)), WATCH)) found.push(event.data);
  assert.deepEqual(found, [{ n: 1 }, { after: "1" }]);
  assert.deepEqual(pauses, [0.25]);
  server.close();
});

test("a stream without ids that was lost says so", async () => {
  const server = await serve((_, response) => response.writeHead(200, STREAM).write('data: {"n":1}\n\n', () => response.destroy()));
  await assert.rejects(async () => {
    for await (const event of await call(new Client(API, server.url, options()), WATCH)) assert.equal(event.data.n, 1);
  }, ConnectionFailed);
  server.close();
});

test("an event that is no JSON is told", async () => {
  const server = await serve({ headers: STREAM, body: "data: {no\n\n" });
  await assert.rejects(async () => {
    for await (const _ of await call(new Client(API, server.url, options()), WATCH));
  }, UnexpectedAnswer);
  server.close();
});

test("whoever stops listening ends the answer", async () => {
  const { promise, resolve } = Promise.withResolvers?.() ?? withResolvers();
  const server = await serve((request, response) => {
    response.on("close", resolve);
    response.writeHead(200, STREAM).write('data: {"n":1}\n\n');
  });
  for await (const event of await call(new Client(API, server.url), WATCH)) {
    assert.equal(event.data.n, 1);
    break;
  }
  await promise;
  server.close();
});

test("a signal ends a stream with its reason", async () => {
  const server = await serve((_, response) => response.writeHead(200, STREAM).write('data: {"n":1}\n\n'));
  const controller = new AbortController();
  const reason = new Error("enough");
  await assert.rejects(async () => {
    for await (const _ of await call(new Client(API, server.url), WATCH, {}, { signal: controller.signal })) controller.abort(reason);
  }, reason);
  server.close();
});

test("JSON lines come one by one", async () => {
  const server = await serve({ headers: { "content-type": "application/jsonl" }, body: '{"n":1}\n\n{"n":2}\r\n\x1e{"n":3}' });
  const found = [];
  for await (const line of await call(new Client(API, server.url), LINES)) found.push(line.n);
  assert.deepEqual(found, [1, 2, 3]);
  server.close();
});

test("a line that is no JSON is told with its place", async () => {
  const server = await serve({ headers: { "content-type": "application/jsonl" }, body: '{"n":1}\n{"n":\n' });
  await assert.rejects(async () => {
    for await (const _ of await call(new Client(API, server.url), LINES));
  }, { name: "UnexpectedAnswer", pointer: "/1" });
  server.close();
});

function withResolvers() {
  const found = {};
  found.promise = new Promise((resolve, reject) => Object.assign(found, { resolve, reject }));
  return found;
}

test("an id of any letters leads back to where the stream was", async () => {
  const server = await serve(
    (_, response) => response.writeHead(200, STREAM).write('id: é€\ndata: {"n":1}\n\n', () => response.destroy()),
    { headers: STREAM },
  );
  const found = [];
  for await (const event of await call(new Client(API, server.url, options()), WATCH)) found.push(event.id);
  assert.deepEqual(found, ["é€"]);
  assert.equal(Buffer.from(server.requests[1].headers["last-event-id"], "latin1").toString(), "é€");
  server.close();
});

test("an id that is too long for a header is none", () => {
  const parser = new EventParser("7");
  const lines = [`id: ${"x".repeat(200_000)}`, "data: a", ""];
  assert.deepEqual(lines.map((line) => parser.take(line)).at(-1), { data: "a", event: "message", id: "7" });
});

test("a server that drops every connection is asked less and less often", async () => {
  const pauses = [];
  const drop = (text) => (_, response) => response.writeHead(200, STREAM).write(text, () => response.destroy());
  const event = 'retry: 0\nid: 1\ndata: {"n":1}\n\n';
  const server = await serve(drop(event), drop(": no"), drop(": no"), drop(": no"), drop(event), { headers: STREAM });
  for await (const _ of await call(new Client(API, server.url, options(pauses)), WATCH));
  assert.deepEqual(pauses, [0.1, 1, 2, 4, 0.1]);
  server.close();
});

test("a stream that is closed is over: it is not opened again", async () => {
  const server = await serve((_, response) => response.writeHead(200, STREAM).write('id: 1\ndata: {"n":1}\n\n'));
  const stream = await call(new Client(API, server.url, options()), WATCH);
  const found = [];
  for await (const event of stream) {
    found.push(event.data.n);
    setImmediate(() => stream.close());
  }
  assert.deepEqual([found, server.requests.length], [[1], 1]);
  server.close();
});
