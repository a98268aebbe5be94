// Calls each operation of Messages as its document shows it. Run: node --test test/
// Written by `portico sdk`; the next run overwrites what is changed here.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Messages } from "../src/index.js";
import { read } from "../src/runtime/json.js";

let asked; // what the server was asked
let answer; // what it answers, as JSON; "" for nothing
let client;

const server = createServer(async (request, response) => {
  for await (const _ of request);
  asked = { method: request.method, path: request.url.split("?")[0], type: request.headers["content-type"] ?? "" };
  if (answer === "") return response.writeHead(204).end();
  response.writeHead(200, { "content-type": "application/json" }).end(answer);
});

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  client = new Messages(`http://127.0.0.1:${server.address().port}/base`, {
    accessToken: "token",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    basic: { username: "user", password: "password" },
    apiKey: {},
    retries: 0,
  });
});

after(() => {
  server.close();
  server.closeAllConnections();
});

/** Whether a path is that of an operation: `{name}` stands for anything. */
function fits(path, template) {
  const pieces = template.split(/\{[^{}]*\}/).map((piece) => decoded(piece).replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^/base${pieces.join(".*")}$`, "s").test(decoded(path));
}

function decoded(text) {
  return text.replace(/\p{Surrogate}/gu, "\ufffd").replace(/(?:%[0-9A-Fa-f]{2})+/g, (part) => Buffer.from(part.replaceAll("%", ""), "hex").toString());
}

test("answerMessage", async () => {
  answer = "{\"text\": \"You said: Hello!\"}";
  const result = await client.answerMessage({ text: "Hello!" });
  assert.equal(asked.method, "POST");
  assert.ok(fits(asked.path, "/messages"), asked.path);
  assert.ok(asked.type.startsWith("application/json"), asked.type);
  assert.deepEqual(result, read(answer, false));
});
