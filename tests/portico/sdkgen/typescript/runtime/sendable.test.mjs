import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Client } from "../runtime/client.js";
import { call } from "../runtime/call.js";
import { canonicalRequest } from "../runtime/sign.js";
import { cookiePairs } from "../runtime/style.js";
import { API, GET, POST, options, serve } from "./server.mjs";

const KEY = { ...API, schemes: { key: { kind: "key", in: "header", name: "Host" } } };

test("no header says where a request goes or ends", async () => {
  const server = await serve({ status: 204 });
  for (const name of ["Host", "Transfer-Encoding", "content-length", "Connection"]) {
    const operation = { ...GET, parameters: [{ name, in: "header", argument: "a", style: "simple" }] };
    await assert.rejects(call(new Client(API, server.url), operation, { a: "chunked" }), { name: "BadArgument" });
    await assert.rejects(call(new Client(API, server.url), GET, {}, { headers: { [name]: "chunked" } }), { name: "BadArgument" });
  }
  await assert.rejects(call(new Client(KEY, server.url, { apiKey: "k" }), { ...GET, security: [["key"]] }, {}), { name: "BadArgument" });
  assert.equal(server.requests.length, 0);
  server.close();
});

test("a cookie cannot begin another", () => {
  const parameter = { name: "a", in: "cookie", argument: "a", style: "cookie" };
  assert.throws(() => cookiePairs(parameter, "b; admin=1"), { name: "BadArgument" });
  assert.deepEqual(cookiePairs(parameter, "b"), ["a=b"]);
});

test("blanks and tabs alone are folded in what is signed", () => {
  const request = { method: "GET", host: "a", path: "/", query: "", headers: { "x-amz-meta": " \u00a0a \t b\u00a0 " }, body: undefined };
  assert.match(canonicalRequest(request, "").text, /\nx-amz-meta:\u00a0a b\u00a0\n/);
});

const SEND = { ...POST, body: { required: true, contents: [{ type: "application/octet-stream", kind: "binary" }] } };

/** Says something after the head of a request, and hangs up. */
async function abrupt(answer, expected) {
  let taken = 0;
  const server = createServer((socket) => {
    taken += 1;
    socket.on("error", () => {});
    socket.once("data", () => socket.write(answer, () => socket.destroy()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new Client(API, `http://127.0.0.1:${server.address().port}`, options());
  await assert.rejects(call(client, SEND, { body: new Uint8Array(30_000_000) }), expected);
  server.close();
  return taken;
}

test("a large body that was cut off is not sent again", async () => {
  assert.equal(await abrupt("", { name: "ConnectionFailed" }), 1);
});

test("an answer that comes before the body was read is the answer", async () => {
  assert.equal(await abrupt("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", { status: 413 }), 1);
});

for (const [told, body] of [["cut off", gzipSync('{"n": 1}').subarray(0, -9)], ["of two members", Buffer.concat([gzipSync('{"n"'), gzipSync(": 1}")])], ["empty", ""]]) {
  test(`a compressed answer that is ${told}`, async () => {
    const server = await serve({ headers: { "content-encoding": "gzip" }, body });
    const called = call(new Client(API, server.url, options([], { retries: 0 })), GET, {});
    if (told === "cut off") await assert.rejects(called, { name: "ConnectionFailed" });
    else assert.deepEqual(await called, told === "empty" ? undefined : { n: 1 });
    server.close();
  });
}

test("a token that no header can hold is told, without it", async () => {
  const client = new Client({ ...API, schemes: { s: { kind: "bearer" } } }, "http://127.0.0.1:9", { tokens: { accessToken: "sec\r\nret" } });
  await assert.rejects(call(client, { ...GET, security: [["s"]] }), (error) => error.name === "BadArgument" && !error.message.includes("sec\r"));
});
