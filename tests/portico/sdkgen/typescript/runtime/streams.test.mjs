import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { call } from "../runtime/call.js";
import { Client } from "../runtime/client.js";
import { ConnectionFailed, TimedOut, UnexpectedAnswer } from "../runtime/errors.js";
import { API, GET, options, serve } from "./server.mjs";

const FILE = { ...GET, result: "binary", accept: "application/octet-stream" };
const WATCH = { ...GET, result: "events", accept: "text/event-stream" };
const PACKED = { "content-type": "application/octet-stream", "content-encoding": "gzip" };

test("packed bytes that are broken, or cut off, do not end the program before they are read", async () => {
  const cut = (_, response) => response.writeHead(200, PACKED).write(gzipSync("x".repeat(99)).subarray(0, 12), () => response.destroy());
  for (const answer of [{ headers: PACKED, body: "no gzip" }, cut]) {
    const server = await serve(answer);
    const download = await call(new Client(API, server.url), FILE);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await assert.rejects(download.text(), ConnectionFailed);
    server.close();
  }
});

test("bytes that are cut off before they are read are told", async () => {
  const server = await serve((_, response) => response.writeHead(200, { "content-length": "99" }).write("x", () => response.destroy()));
  const download = await call(new Client(API, server.url), FILE);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await assert.rejects(download.text(), ConnectionFailed);
  server.close();
});

test("a packed redirect that is not followed, and a packed stream that is closed, do not end the program", async () => {
  const headers = { "content-type": "text/event-stream", "content-encoding": "gzip" };
  const server = await serve(
    { status: 302, headers: { ...PACKED, location: "ftp://x/" }, body: "no gzip" },
    (_, response) => response.writeHead(200, headers).write(gzipSync("data: 1\n\n").subarray(0, 15)),
  );
  const client = new Client(API, server.url, options());
  await assert.rejects(call(client, GET), UnexpectedAnswer);
  (await call(client, WATCH)).close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  server.close();
});

test("a download that is read later than the timeout is whole", async () => {
  const server = await serve((_, response) => {
    response.writeHead(200, { "content-type": "application/octet-stream" }).write("a");
    setTimeout(() => response.end("b"), 20);
  });
  const download = await call(new Client(API, server.url, { timeout: 0.1 }), FILE);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await download.text(), "ab");
  server.close();
});

test("a download that was ended before it is read says why", async () => {
  const server = await serve((_, response) => response.writeHead(200, { "content-type": "application/octet-stream" }).end("ab"));
  const controller = new AbortController();
  const download = await call(new Client(API, server.url), FILE, {}, { signal: controller.signal });
  const reason = new Error("enough");
  controller.abort(reason);
  await assert.rejects(download.text(), reason);
  server.close();
});
