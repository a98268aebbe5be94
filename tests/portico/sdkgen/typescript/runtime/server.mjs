// A server that answers as a test says, and remembers what it was asked.

import { once } from "node:events";
import { createServer } from "node:http";

/** Answers with `answers` in their order, the last one again and again. One is (request, response) => void, or { status, headers, body }. */
export async function serve(...answers) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    requests.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(pieces).toString("latin1") });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (typeof answer === "function") return answer(request, response, requests.at(-1));
    const { status = 200, headers = {}, body = "" } = answer ?? {};
    const text = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref(); // a test that fails does not keep the program running
  return {
    requests,
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A client, with pauses that take no time but are remembered. */
export function options(pauses = [], more = {}) {
  return { sleep: async (seconds) => void pauses.push(seconds), random: () => 0.5, ...more };
}

export const API = {
  name: "Shop",
  basePath: "/shop/v1",
  userAgent: "shop/1.0.0 portico-sdk/1",
  clientId: "sdk",
  region: "us-east-1",
  schemes: {
    signIn: { kind: "login", discovery: "/auth/main/.well-known/openid-configuration", scopes: ["shop/read"] },
    sigv4: { kind: "signed" },
    partnerKey: { kind: "key", in: "header", name: "X-API-Key" },
    queryKey: { kind: "key", in: "query", name: "key" },
    password: { kind: "basic" },
  },
};

export const GET = { id: "getThing", method: "GET", path: "/thing", accept: "application/json", result: "json" };
export const POST = {
  id: "makeThing",
  method: "POST",
  path: "/things",
  accept: "application/json",
  result: "json",
  body: { required: true, contents: [{ type: "application/json", kind: "json" }], spread: { name: true, note: false } },
};
