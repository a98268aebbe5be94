import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "../runtime/call.js";
import { Client } from "../runtime/client.js";
import { API, POST, serve } from "./server.mjs";

const KEYS = { accessKeyId: "AKID", secretAccessKey: "s" };
const parts = { photo: { file: true, type: "image/png" }, all: { file: true, repeated: true }, tags: { repeated: true }, meta: { type: "application/json" } };
const UPLOAD = { ...POST, body: { required: true, contents: [{ type: "multipart/form-data", kind: "multipart", parts }] } };
const FORM = { ...POST, body: { required: true, contents: [{ type: "application/x-www-form-urlencoded", kind: "form", parts: { price: { style: "deepObject", explode: true }, meta: { type: "application/json" } } }] } };

/** What was sent, read by somebody else's parser. */
async function sent({ headers, body }) {
  const form = await new Response(Buffer.from(body, "latin1"), { headers: { "content-type": headers["content-type"] } }).formData();
  return Promise.all([...form].map(async ([name, value]) => (typeof value === "string" ? [name, value] : [name, value.name, value.type, await value.text()])));
}

test("forms hold texts, JSON and files of all kinds", async () => {
  const server = await serve({ status: 204 });
  const file = new File(["é"], 'ro"se\r\n.png', { type: "image/webp" });
  const body = { name: "a\r\nb", n: 5, meta: { x: [1] }, tags: ["x", "y"], gone: undefined, photo: file, all: [new Uint8Array([104, 105]), { content: "text", name: "t.txt", type: "text/plain" }] };
  await call(new Client(API, server.url, { credentials: KEYS }), { ...UPLOAD, security: [["sigv4"]] }, { body });
  assert.deepEqual(await sent(server.requests[0]), [
    ["name", "a\r\nb"],
    ["n", "5"],
    ["meta", '{"x":[1]}'],
    ["tags", "x"],
    ["tags", "y"],
    ["photo", 'ro"se\r\n.png', "image/webp", "é"],
    ["all", "all", "application/octet-stream", "hi"],
    ["all", "t.txt", "text/plain", "text"],
  ]);
  assert.ok(server.requests[0].headers["content-length"] > 0);
  server.close();
});

test("a file that comes in is sent as it comes", async () => {
  const server = await serve({ status: 204 });
  let asked = 0;
  const content = (async function* () {
    for (; asked < 50; asked += 1) yield new Uint8Array(10_000).fill(97);
  })();
  await call(new Client(API, server.url), UPLOAD, { body: { name: "n", photo: { content, name: "big" } } });
  const [, [, name, type, text]] = await sent(server.requests[0]);
  assert.deepEqual([name, type, text.length], ["big", "image/png", 500_000]);
  assert.equal(server.requests[0].headers["content-length"], undefined);
  server.close();
});

test("a part cannot break out of its place", async () => {
  const server = await serve({ status: 204 });
  const client = new Client(API, server.url);
  await assert.rejects(call(client, UPLOAD, { body: { photo: { content: "x", type: "a/b\r\nX: 1" } } }), { name: "BadArgument" });
  await assert.rejects(call(client, UPLOAD, { body: { photo: 5 } }), { name: "BadArgument" });
  await call(client, UPLOAD, { body: { 'a"; filename="x\r\n\r\n--': "v" } });
  assert.deepEqual(await sent(server.requests[0]), [['a"; filename="x\r\n\r\n--', "v"]]);
  server.close();
});

test("urlencoded forms have the document's styles", async () => {
  const server = await serve({ status: 204 });
  await call(new Client(API, server.url), FORM, { body: { a: "x y&", list: [1, 2], price: { max: 5 }, meta: { k: null }, when: new Date(0) } });
  assert.equal(server.requests[0].body, "a=x%20y%26&list=1&list=2&price%5Bmax%5D=5&meta=%7B%22k%22%3Anull%7D&when=1970-01-01T00%3A00%3A00.000Z");
  assert.equal(server.requests[0].headers["content-type"], "application/x-www-form-urlencoded");
  server.close();
});
