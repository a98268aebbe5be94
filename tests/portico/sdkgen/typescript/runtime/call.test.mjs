import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { call } from "../runtime/call.js";
import { Client } from "../runtime/client.js";
import * as errors from "../runtime/errors.js";
import { API, GET, options, POST, serve } from "./server.mjs";

const QUERY = {
  ...GET,
  path: "/things/{id}",
  parameters: [
    { argument: "id", name: "id", in: "path", style: "simple", required: true },
    { argument: "day", name: "day", in: "query", style: "form", explode: true, date: "date" },
    { argument: "since", name: "since", in: "query", style: "form", explode: true, date: "datetime" },
    { argument: "tags", name: "tags", in: "query", style: "form", explode: true },
    { argument: "filter", name: "filter", in: "query", style: "deepObject", explode: true },
    { argument: "trace", name: "X-Trace", in: "header", style: "simple" },
    { argument: "theme", name: "theme", in: "cookie", style: "form", explode: true },
    { argument: "kind", name: "kind", in: "query", style: "form", explode: true, required: true, constant: "all" },
  ],
};

test("arguments go to their places in their styles", async () => {
  const server = await serve({ body: { ok: true } });
  const answer = await call(new Client(API, server.url), QUERY, {
    id: "a/b c(1)",
    day: new Date("2026-05-10T23:00:00Z"),
    since: new Date("2026-05-10T23:00:00.123Z"),
    tags: ["x&y", "z"],
    filter: { price: { max: 5 } },
    trace: "t-1",
    theme: "dark",
  });
  assert.deepEqual(answer, { ok: true });
  const [{ url, headers }] = server.requests;
  assert.equal(url, "/shop/v1/things/a%2Fb%20c%281%29?day=2026-05-10&since=2026-05-10T23%3A00%3A00.123Z&tags=x%26y&tags=z&filter%5Bprice%5D%5Bmax%5D=5&kind=all");
  assert.equal(headers["x-trace"], "t-1");
  assert.equal(headers.cookie, "theme=dark");
  assert.match(headers["user-agent"], /^shop\/1\.0\.0 portico-sdk\/1 node\/\d+/);
  server.close();
});

test("arguments that cannot be sent are told by name, before anything is sent", async () => {
  const server = await serve({});
  const client = new Client(API, server.url);
  const bad = async (operation, params, argument, more) => {
    await assert.rejects(call(client, operation, params, more), (error) => error instanceof errors.BadArgument && error.argument === argument, argument);
  };
  for (const id of ["", ".", ".."]) await bad(QUERY, { id }, "id");
  await bad(QUERY, {}, "id");
  await bad(QUERY, { id: "1", ID: "2" }, "ID");
  await bad(QUERY, { id: "\ud800" }, "id");
  await bad(QUERY, { id: "1", trace: "a\r\nb: c" }, "trace");
  await bad(QUERY, { id: "1", day: new Date(Number.NaN) }, "day");
  await bad(QUERY, { id: "1", tags: [Number.NaN] }, "tags");
  await bad(POST, {}, "name");
  await bad(POST, { note: "n" }, "name");
  await bad(POST, { name: "n", body: {} }, "body");
  await bad(POST, { name: "n" }, "contentType", { contentType: "text/plain" });
  assert.throws(() => new Client(API, server.url, { timeOut: 5 }), { name: "BadArgument", argument: "timeOut" });
  for (const url of ["nonsense", "ftp://a", "http://user:secret@a/", "http://a/?b=c"]) {
    assert.throws(() => new Client(API, url), (error) => error.name === "BadArgument" && !error.message.includes("secret"));
  }
  assert.equal(server.requests.length, 0);
  server.close();
});

test("a label that makes the path another one is refused", async () => {
  const operation = { ...GET, path: "/a/{x}/b", parameters: [{ argument: "x", name: "x", in: "path", style: "label", required: true }] };
  const client = new Client(API, "http://127.0.0.1:9");
  for (const x of [".", [], ""]) await assert.rejects(call(client, operation, { x }), { name: "BadArgument" });
});

test("a body is given by its properties or as a whole; null is sent, what is absent is not", async () => {
  const server = await serve({ status: 204 });
  const client = new Client(API, server.url);
  assert.equal(await call(client, POST, { name: "a", note: null }), undefined);
  await call(client, POST, { name: "a", note: undefined });
  await call(client, POST, { body: { name: "b", more: [1] } });
  assert.deepEqual(server.requests.map(({ body }) => body), ['{"name":"a","note":null}', '{"name":"a"}', '{"name":"b","more":[1]}']);
  assert.equal(server.requests[0].headers["content-type"], "application/json");
  server.close();
});

test("a base URL with a path is the whole base, one without gets the document's", async () => {
  const server = await serve({ body: {} });
  await call(new Client(API, `${server.url}/staging/shop/`), GET);
  await call(new Client({ ...API, server: server.url }), GET);
  assert.deepEqual(server.requests.map(({ url }) => url), ["/staging/shop/thing", "/shop/v1/thing"]);
  assert.throws(() => new Client(API), /names no server/);
  server.close();
});

test("what the server refuses is an error of its kind, with its problem", async () => {
  const problem = { title: "No", detail: "There is no such thing.", status: 404, request_id: "r-1", extra: 1 };
  const server = await serve({ status: 404, headers: { "set-cookie": "secret=1" }, body: problem });
  const error = await call(new Client(API, server.url), GET).catch((error) => error);
  assert.ok(error instanceof errors.NotFound && error instanceof errors.ApiError && error instanceof errors.SdkError);
  assert.equal(error.message, "getThing: 404 There is no such thing.");
  assert.deepEqual(error.problem, problem);
  assert.equal(error.requestId, "r-1");
  assert.equal(error.headers.get("set-cookie"), "secret=1");
  assert.equal(error.body, JSON.stringify(problem));
  assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes("secret=1"));
  server.close();
  for (const [status, kind] of Object.entries({ 400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 409: "Conflict", 422: "UnprocessableContent", 429: "TooManyRequests", 500: "ServerError", 418: "ApiError", 304: "ApiError" })) {
    const other = await serve({ status: Number(status), body: status === "304" ? "" : "<html>" });
    await assert.rejects(call(new Client(API, other.url, { retries: 0 }), GET), { name: kind, status: Number(status), problem: {} });
    other.close();
  }
});

test("an answer that cannot be read is told with the answer", async () => {
  const server = await serve({ body: "<html>hello" }, { body: "[1]" }, { body: "null" }, { body: '{"a":' });
  const client = new Client(API, server.url);
  for (const body of ["<html>hello", "[1]", "null", '{"a":']) {
    const error = await call(client, { ...GET, shape: "object" }).catch((error) => error);
    assert.ok(error instanceof errors.UnexpectedAnswer);
    assert.deepEqual([error.body, error.status, error.pointer], [body, 200, ""]);
  }
  server.close();
});

test("an answer that is too large is refused, unpacked as well", async () => {
  const server = await serve({ body: "x".repeat(2000) }, { headers: { "content-encoding": "gzip" }, body: gzipSync("x".repeat(1_000_000)) });
  const client = new Client(API, server.url, { maxAnswer: 1000 });
  for (let count = 0; count < 2; count += 1) await assert.rejects(call(client, GET), /more than 1000 bytes/);
  server.close();
});

test("compressed answers are read", async () => {
  const server = await serve({ headers: { "content-encoding": "gzip" }, body: gzipSync('{"a":"é"}') });
  assert.deepEqual(await call(new Client(API, server.url), GET), { a: "é" });
  server.close();
});

test("withResponse gives status and headers too", async () => {
  const server = await serve({ status: 201, headers: { "x-rate": "5" }, body: { a: 1 } });
  const { data, response } = await call(new Client(API, server.url), GET).withResponse();
  assert.deepEqual([data, response.status, response.headers.get("x-rate")], [{ a: 1 }, 201, "5"]);
  const promise = call(new Client(API, server.url), GET);
  assert.deepEqual(await Promise.all([promise, promise.then((value) => value.a), promise.finally(() => {})]), [{ a: 1 }, 1, { a: 1 }]);
  server.close();
});

test("bytes are streamed, and written to a file", async () => {
  const { mkdtemp, readFile } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const operation = { ...GET, result: "binary", accept: "image/png" };
  const server = await serve({ headers: { "content-type": "image/png" }, body: Buffer.from([0, 255, 13, 10]) });
  const client = new Client(API, server.url);
  assert.deepEqual([...(await (await call(client, operation)).bytes())], [0, 255, 13, 10]);
  const path = `${await mkdtemp(`${tmpdir()}/sdk-`)}/image`;
  await (await call(client, operation)).save(path);
  assert.deepEqual([...(await readFile(path))], [0, 255, 13, 10]);
  const found = [];
  for await (const piece of (await call(client, operation)).stream()) found.push(...piece);
  assert.deepEqual(found, [0, 255, 13, 10]);
  server.close();
});

test("hooks see everything but secrets", async () => {
  const notices = [];
  const hooks = Object.fromEntries(["beforeRequest", "afterResponse", "onRetry"].map((name) => [name, (notice) => notices.push([name, notice])]));
  const server = await serve({ status: 503 }, { headers: { "set-cookie": "session=secret" }, body: {} });
  const operation = { ...GET, security: [["partnerKey", "queryKey"]] };
  const client = new Client(API, server.url, options([], { hooks, apiKey: { partnerKey: "secret-1", queryKey: "secret-2" }, headers: { cookie: "secret-3" } }));
  await call(client, operation);
  assert.deepEqual(notices.map(([name]) => name), ["beforeRequest", "afterResponse", "onRetry", "beforeRequest", "afterResponse"]);
  assert.ok(!JSON.stringify(notices).includes("secret"), JSON.stringify(notices));
  assert.equal(notices[0][1].headers["x-api-key"], "[redacted]");
  assert.match(notices[0][1].url, /\/shop\/v1\/thing\?key=\[redacted\]$/);
  assert.deepEqual([notices[2][1].status, notices[2][1].delay, notices[4][1].attempt], [503, 0.25, 2]);
  assert.equal(server.requests[0].headers["x-api-key"], "secret-1");
  assert.match(server.requests[0].url, /key=secret-2$/);
  server.close();
});

test("a client that is printed shows no secret", () => {
  const client = new Client(API, "http://localhost:1", { apiKey: { partnerKey: "secret-1" }, accessToken: "secret-2", clientSecret: "secret-3", credentials: { accessKeyId: "a", secretAccessKey: "secret-4" } });
  for (const text of [inspect(client, { depth: 9, showHidden: true }), JSON.stringify(client), String(client)]) {
    assert.ok(!text.includes("secret"), text);
    assert.match(text, /localhost:1\/shop\/v1/);
  }
});

test("headers of a call win, and cannot break out", async () => {
  const server = await serve({ body: {} });
  const client = new Client(API, server.url, { headers: { "X-A": "1", "X-B": "1" }, userAgent: "mine/2" });
  await call(client, GET, {}, { headers: { "x-b": "2", Accept: "application/json;v=2" } });
  const { headers } = server.requests[0];
  assert.deepEqual([headers["x-a"], headers["x-b"], headers.accept, headers["user-agent"]], ["1", "2", "application/json;v=2", "mine/2"]);
  await assert.rejects(call(client, GET, {}, { headers: { "x-c": "secret\r\nx-d: 1" } }), (error) => error.name === "BadArgument" && !error.message.includes("secret"));
  server.close();
});

test("names that every object has are arguments like others", async () => {
  const server = await serve({ body: {} });
  const client = new Client(API, server.url);
  const parameters = ["valueOf", "hasOwnProperty", "__proto__"].map((name) => ({ argument: name, name, in: "query", style: "form", explode: true }));
  await call(client, { ...GET, parameters });
  await call(client, { ...GET, parameters }, JSON.parse('{"valueOf":1,"__proto__":2}'));
  assert.deepEqual(server.requests.map(({ url }) => url), ["/shop/v1/thing", "/shop/v1/thing?valueOf=1&__proto__=2"]);
  const make = { ...POST, body: { ...POST.body, spread: { name: true, constructor: true } } };
  await assert.rejects(call(client, make, { name: "a" }), { name: "BadArgument", argument: "constructor" });
  await call(client, make, { body: { name: "a" } });
  assert.equal(server.requests.at(-1).body, '{"name":"a"}');
  server.close();
});
