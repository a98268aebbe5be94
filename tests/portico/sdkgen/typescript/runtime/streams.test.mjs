import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
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

test("an answer that is not read after a redirect is refused does not keep its connection", async () => {
  for (const location of ["ftp://x/", "/loop"]) {
    let closed = 0;
    const server = await serve((_, response) => {
      response.on("close", () => (closed += 1));
      response.writeHead(302, { location }).write("it goes on");
    });
    await assert.rejects(call(new Client(API, server.url, options()), GET), UnexpectedAnswer);
    while (closed < server.requests.length) await new Promise((resolve) => setTimeout(resolve, 5));
    server.close();
  }
});

test("an operation without content gives nothing, whatever comes", async () => {
  const server = await serve((_, response) => response.writeHead(200, { "content-length": "0" }).end(), (_, response) => response.writeHead(200).end("hello"));
  const client = new Client(API, server.url);
  const { accept, result, ...remove } = { ...GET, method: "DELETE" };
  assert.equal(await call(client, remove), undefined);
  assert.equal(await call(client, remove), undefined);
  server.close();
});

test("a stream comes only where the document has one", async () => {
  const server = await serve(
    (_, response) => response.writeHead(200, { "content-type": "text/event-stream" }).write("data: {}\n\n"),
    { headers: { "content-type": "application/x-ndjson" }, body: '{"a":1}\n{"a":2}\n' },
    { headers: { "content-type": "text/event-stream" }, body: "data: {}\n\n" },
  );
  const client = new Client(API, server.url);
  await assert.rejects(call(client, GET), UnexpectedAnswer);
  await assert.rejects(call(client, GET), UnexpectedAnswer);
  const found = [];
  for await (const { data } of await call(client, { ...GET, accept: "application/json, text/event-stream" })) found.push(data);
  assert.deepEqual(found, [{}]);
  server.close();
});

for (const [name, more] of Object.entries({ "Node's own client": {}, fetch: { fetch: (url, init) => fetch(url, init) } })) {
  test(`a body that is a stream is timed while it is sent, by ${name}`, async () => {
    const upload = { ...GET, method: "PUT", body: { contents: [{ type: "text/plain", kind: "binary" }] } };
    const server = await serve(() => {});
    const client = new Client(API, server.url, { timeout: 0.1, ...more });
    const slow = (async function* () {
      yield "a";
      await new Promise((resolve) => setTimeout(resolve, 300)); // the caller may take longer than the timeout
      yield "b";
    })();
    await assert.rejects(call(client, upload, { body: slow }), TimedOut);
    assert.deepEqual(server.requests.map(({ body }) => body), ["ab"]);
    const silent = (async function* () {
      await new Promise(() => {});
    })();
    await assert.rejects(call(client, upload, { body: silent }, { deadline: 0.1 }), TimedOut);
    server.close();
  });
}

test("renewing a token that was refused takes no longer than the deadline", async () => {
  const server = await serve({ status: 401 });
  const silent = createServer(() => {}).listen(0, "127.0.0.1").unref();
  await once(silent, "listening");
  const signIn = { kind: "login", tokenUrl: `http://127.0.0.1:${silent.address().port}/token` };
  const client = new Client({ ...API, schemes: { signIn } }, server.url, { timeout: 5, tokens: { accessToken: "a", refreshToken: "r" } });
  const begin = performance.now();
  await assert.rejects(call(client, { ...GET, security: [["signIn"]] }, {}, { deadline: 0.2 }), TimedOut);
  assert.ok(performance.now() - begin < 3_000);
  server.close();
  silent.close();
  silent.closeAllConnections();
});
