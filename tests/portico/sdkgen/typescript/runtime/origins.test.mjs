import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "../runtime/call.js";
import { Client } from "../runtime/client.js";
import { API, GET, options, serve } from "./server.mjs";

const KEY = { ...GET, security: [["partnerKey"]] };
const GIVEN = { apiKey: { partnerKey: "k" }, headers: { "X-Secret": "s" } };

/** An API whose own origin is `localhost`, and another origin of one operation. */
async function two() {
  const server = await serve({ body: {} });
  const api = { ...API, server: server.url.replace("127.0.0.1", "localhost") };
  return { server, api, send: { ...KEY, server: `${server.url}/up` } };
}

test("another origin of the document gets no credentials", async () => {
  const { server, api, send } = await two();
  await assert.rejects(call(new Client(api, undefined, GIVEN), send), { name: "NotSignedIn", message: /trustedOrigins.*127\.0\.0\.1/ });
  assert.equal(server.requests.length, 0);
  server.close();
});

test("another origin is called as nobody where that is enough", async () => {
  const { server, api, send } = await two();
  const client = new Client(api, undefined, GIVEN);
  await call(client, { ...send, security: undefined });
  await call(client, { ...send, security: [[], ["partnerKey"]] });
  await call(client, send, {}, { auth: null });
  for (const { url, headers } of server.requests) assert.deepEqual([url, headers["x-api-key"], headers["x-secret"]], ["/up/thing", undefined, undefined]);
  assert.equal(server.requests.length, 3);
  server.close();
});

test("another origin that is trusted, and the same one, get credentials", async () => {
  const { server, api, send } = await two();
  await call(new Client(api, undefined, { ...GIVEN, trustedOrigins: [`${server.url}/`] }), send);
  await call(new Client(api, undefined, GIVEN), { ...send, server: `${api.server}/up` });
  for (const { headers } of server.requests) assert.deepEqual([headers["x-api-key"], headers["x-secret"]], ["k", "s"]);
  assert.throws(() => new Client(api, undefined, { trustedOrigins: ["https://x.example/path"] }), { name: "BadArgument" });
  server.close();
});

test("a base URL is that of all operations", async () => {
  const { server, api, send } = await two();
  await call(new Client(api, server.url, GIVEN), { ...send, server: "https://elsewhere.example" });
  assert.equal(server.requests[0].url, "/shop/v1/thing");
  server.close();
});

test("nothing is sent in the clear where the document is safe", async () => {
  const client = new Client({ ...API, server: "https://shop.example" }, undefined, { trustedOrigins: ["http://shop.example"] });
  await assert.rejects(call(client, { ...GET, server: "http://shop.example" }), { name: "BadArgument", message: /https/ });
});

test("hooks see no secret in the addresses of answers", async () => {
  const told = [];
  const server = await serve({ headers: { location: "/x?X-Amz-Signature=SECRET&a=1#access_token=SECRET", link: "</y?code=SECRET>; rel=next" }, body: {} });
  await call(new Client(API, server.url, { hooks: { afterResponse: (notice) => told.push(notice.responseHeaders) } }), GET);
  assert.equal(told[0].location, "/x?X-Amz-Signature=[redacted]&a=1#access_token=[redacted]");
  assert.equal(told[0].link, "</y?code=[redacted]>; rel=next");
  server.close();
});

test("texts of servers steer no terminal", async () => {
  const server = await serve({ status: 404, body: { detail: "a\u001b[2J\n\u202eb" } });
  const error = await call(new Client(API, server.url), GET).then(assert.fail, (found) => found);
  assert.equal(error.message, "getThing: 404 a [2J b");
  assert.equal(error.problem.detail, "a\u001b[2J\n\u202eb");
  server.close();
});

test("a server that knows no pages ends them", async () => {
  const { PageIterator } = await import("../runtime/pages.js");
  const server = await serve({ body: [1, 2] });
  const parameters = [{ argument: "page", name: "page", in: "query", style: "form", explode: true }];
  const found = [];
  for await (const item of new PageIterator(new Client(API, server.url), { ...GET, parameters, pages: { kind: "page", items: [], argument: "page" } }, {})) {
    found.push(item);
    if (found.length > 20) break;
  }
  assert.deepEqual(found, [1, 2]);
  server.close();
});

test("a stream cannot make its reader wait for days", async () => {
  const pauses = [];
  const server = await serve(
    (_, response) => response.writeHead(200, { "content-type": "text/event-stream" }).write('id: 7\n\nid: \u0001\n\nretry: 99999999999\n\ndata: {"n":1}\n\n', () => response.destroy()),
    { status: 200, headers: { "content-type": "text/event-stream" }, body: "" },
  );
  const watch = { id: "watch", method: "GET", path: "/watch", accept: "text/event-stream", result: "events", shape: "object" };
  const found = [];
  for await (const event of await call(new Client(API, server.url, options(pauses)), watch)) found.push(event.id);
  assert.deepEqual(found, ["7"]);
  assert.deepEqual(pauses, [60]);
  assert.equal(server.requests[1].headers["last-event-id"], "7");
  server.close();
});
