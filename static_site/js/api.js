// The concierge's API. The only module that knows addresses, and the one that the generated SDK will take the place of.

import { signIn } from "./sign-in.js";

const BASE = "/concierge/v1";
const TIMEOUT = 35_000; // milliseconds: longer than the server lets a handler run

/** The server answered with a problem document (RFC 9457). */
export class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `The server answered ${status}.`);
    this.name = "ApiError";
    this.status = status;
    this.requestId = problem.request_id ?? "";
    this.errors = Array.isArray(problem.errors) ? problem.errors : []; // [{pointer, detail}, ...]
  }
}

/** No answer came: no network, the server is down, or it took too long. */
export class ConnectionError extends Error {
  constructor(cause) {
    super("The server cannot be reached.", { cause });
    this.name = "ConnectionError";
  }
}

/** Nobody is signed in (any more), and what was asked for needs somebody. */
export class SignedOut extends Error {
  constructor() {
    super("You are signed out.");
    this.name = "SignedOut";
  }
}

/** Say something: the conversation so far, the message to answer last. Returns {messages}. */
export function sendMessage(body) {
  return callAsVisitor("POST", "/nlu", { body });
}

/** Order a bouquet. With the same key, the same order is placed once, however often it is tried. */
export function checkout(body, { idempotencyKey }) {
  return callAsVisitor("POST", "/checkout", { body, headers: { "Idempotency-Key": idempotencyKey } });
}

/** One bouquet. */
export function getProduct(productId) {
  return call("GET", `/products/${encodeURIComponent(productId)}`);
}

/** Call as whoever is signed in. A token that is refused is renewed once: it may have been taken back since. */
async function callAsVisitor(method, path, options) {
  const token = await reach(() => signIn.token());
  if (!token) throw new SignedOut();
  try {
    return await call(method, path, { ...options, token });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
  }
  const renewed = await reach(() => signIn.token({ instead: token }));
  if (!renewed) throw new SignedOut();
  return call(method, path, { ...options, token: renewed });
}

async function call(method, path, { body, headers = {}, token } = {}) {
  const [response, text] = await reach(async () => {
    const response = await fetch(BASE + path, {
      method,
      headers: {
        Accept: "application/json, application/problem+json",
        ...(body && { "Content-Type": "application/json" }),
        ...(token && { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT),
    });
    return [response, await response.text()];
  });
  const answer = parse(text);
  if (!response.ok || answer === undefined) throw new ApiError(response.status, answer ?? {});
  return answer;
}

async function reach(ask) {
  try {
    return await ask();
  } catch (cause) {
    throw new ConnectionError(cause);
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
