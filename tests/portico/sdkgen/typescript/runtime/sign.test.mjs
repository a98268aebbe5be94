import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import { call } from "../runtime/call.js";
import { Client } from "../runtime/client.js";
import { canonicalRequest } from "../runtime/sign.js";
import { API, GET, options, serve } from "./server.mjs";

const KEYS = { accessKeyId: "AKID", secretAccessKey: "secret" };
const SIGNED = { ...GET, security: [["sigv4"]] };

/** Whether a request arrived as it was signed; its headers are read as Latin-1. */
function isSigned({ method, url, headers }) {
  const [path, query = ""] = url.split("?");
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization)[1].split(";");
  const signed = Object.fromEntries(names.filter((name) => name !== "host").map((name) => [name, headers[name]]));
  const { text } = canonicalRequest({ method, host: headers.host, path, query, headers: signed }, createHash("sha256").digest("hex"));
  const hash = createHash("sha256").update(text, "latin1").digest("hex");
  const moment = headers["x-amz-date"];
  const scope = [moment.slice(0, 8), "us-east-1", "execute-api", "aws4_request"];
  const key = scope.reduce((key, part) => createHmac("sha256", key).update(part).digest(), "AWS4secret");
  const signature = createHmac("sha256", key).update(`AWS4-HMAC-SHA256\n${moment}\n${scope.join("/")}\n${hash}`).digest("hex");
  return headers.authorization.endsWith(`Signature=${signature}`);
}

test("headers are signed as they are sent, in Latin-1", async () => {
  const server = await serve({ body: {} });
  const client = new Client(API, server.url, options([], { credentials: KEYS }));
  for (const text of ["plain", "aéz", "\xff \xa0"]) {
    await call(client, SIGNED, {}, { headers: { "x-amz-meta-h": text } });
    assert.ok(isSigned(server.requests.at(-1)), text);
  }
  assert.equal(server.requests[1].headers["x-amz-meta-h"], "aéz");
  server.close();
});

test("a whole query string is sent as it is signed", async () => {
  const server = await serve({ body: {} });
  const client = new Client(API, server.url, options([], { credentials: KEYS }));
  const operation = { ...SIGNED, parameters: [{ argument: "q", name: "q", in: "querystring", style: "form" }] };
  for (const [text, sent] of [["a=1 ", "a=1%20"], ["?a=1&b=%20c+d", "a=1&b=%20c+d"], ["a\t=\n#é\"<>", "a%09=%0A%23%C3%A9%22%3C%3E"], ["'{|}\\^`", undefined]]) {
    await call(client, operation, { q: text });
    if (sent !== undefined) assert.equal(server.requests.at(-1).url, `/shop/v1/thing?${sent}`);
    assert.ok(isSigned(server.requests.at(-1)), text);
  }
  server.close();
});
