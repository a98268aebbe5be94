import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../runtime/client.js";
import { PageIterator } from "../runtime/pages.js";
import { API, GET, serve } from "./server.mjs";

const query = (...names) => names.map((name) => ({ argument: name, name, in: "query", style: "form", explode: true }));

async function all(server, pages, params, parameters = query("cursor", "page", "offset", "size")) {
  const found = [];
  for await (const item of new PageIterator(new Client(API, server.url), { ...GET, parameters, pages }, params)) found.push(item);
  return found;
}

test("links lead on, at the same origin only", async () => {
  const server = await serve(
    { headers: { link: '<https://x.example/>; rel="prev", </shop/v1/thing?page=2>; title="a, b"; rel="last next"' }, body: [1, 2] },
    { headers: { link: "<?page=3>; rel=next" }, body: [3] },
    { body: [4] },
  );
  assert.deepEqual(await all(server, { kind: "link", items: [] }, { size: 2 }), [1, 2, 3, 4]);
  assert.deepEqual(server.requests.map(({ url }) => url), ["/shop/v1/thing?size=2", "/shop/v1/thing?page=2", "/shop/v1/thing?page=3"]);
  server.close();
  const evil = await serve({ headers: { link: "<https://evil.example/>; rel=next" }, body: [1] });
  await assert.rejects(all(evil, { kind: "link", items: [] }), { name: "UnexpectedAnswer" });
  evil.close();
});

test("cursors lead on until there is none, or none that is new", async () => {
  const pages = { kind: "cursor", items: ["data", "items"], cursor: ["next"], argument: "cursor" };
  const server = await serve({ body: { data: { items: [1] }, next: "a&b" } }, { body: { data: { items: [] }, next: 7 } }, { body: { data: { items: [2] }, next: null } });
  assert.deepEqual(await all(server, pages, { size: 1 }), [1, 2]);
  assert.deepEqual(server.requests.map(({ url }) => url.split("?")[1]), ["size=1", "cursor=a%26b&size=1", "cursor=7&size=1"]);
  server.close();
  const endless = await serve({ body: { data: { items: [1] }, next: "same" } });
  assert.deepEqual(await all(endless, pages), [1, 1]);
  endless.close();
});

test("pages and offsets are counted", async () => {
  const counted = await serve({ body: { items: ["a", "b"] } }, { body: { items: ["c"] } }, { body: { items: [] } });
  assert.deepEqual(await all(counted, { kind: "page", items: ["items"], argument: "page", first: 0 }), ["a", "b", "c"]);
  assert.deepEqual(counted.requests.map(({ url }) => url.split("?")[1]), [undefined, "page=1", "page=2"]);
  counted.close();
  const offsets = await serve({ body: { items: ["a", "b"], more: true } }, { body: { items: ["c"], more: false } });
  assert.deepEqual(await all(offsets, { kind: "offset", items: ["items"], more: ["more"], argument: "offset" }, { offset: 10 }), ["a", "b", "c"]);
  assert.deepEqual(offsets.requests.map(({ url }) => url.split("?")[1]), ["offset=10", "offset=12"]);
  offsets.close();
});

test("a page is fetched when it is needed", async () => {
  const server = await serve({ body: { items: [1, 2], next: "b" } }, { body: { items: [3] } });
  const pages = { kind: "cursor", items: ["items"], cursor: ["next"], argument: "cursor" };
  const found = new PageIterator(new Client(API, server.url), { ...GET, parameters: query("cursor"), pages });
  for await (const item of found) if (item === 2) break;
  assert.equal(server.requests.length, 1);
  server.close();
});

test("the answers themselves can be gone through", async () => {
  const server = await serve({ body: { items: [1], next: "b" } }, { body: { items: [2] } });
  const pages = { kind: "cursor", items: ["items"], cursor: ["next"], argument: "cursor" };
  const found = [];
  for await (const page of new PageIterator(new Client(API, server.url), { ...GET, parameters: query("cursor"), pages }).pages()) found.push(page);
  assert.deepEqual(found, [{ items: [1], next: "b" }, { items: [2] }]);
  server.close();
});
