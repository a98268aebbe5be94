// An issuer of tokens, as small as tests need it.

import { once } from "node:events";
import { createServer } from "node:http";

/** `answers` may hold, by path, functions (form, request) => { status, body }. */
export async function issuer(answers = {}, metadata = {}) {
  const asked = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    const path = request.url.split("?")[0];
    if (path === "/auth/main/.well-known/openid-configuration") return send(response, 200, found);
    const form = Object.fromEntries(new URLSearchParams(text));
    asked.push([path, form, text]);
    const { status = 200, body = {} } = (await answers[path]?.(form, request, asked)) ?? { status: 404 };
    send(response, status, body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  const origin = `http://127.0.0.1:${server.address().port}`;
  const found = {
    issuer: `${origin}/auth/main`,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    revocation_endpoint: `${origin}/revoke`,
    device_authorization_endpoint: `${origin}/device`,
    credentials_endpoint: `${origin}/credentials`,
    authorization_response_iss_parameter_supported: true,
    ...metadata,
  };
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { origin, asked, metadata: found, close };
}

function send(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

export function idToken(claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part(claims)}.signature`;
}
