// The concierge's API. The only module that knows addresses, and the one that the generated SDK will take the place of.

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

/** Say something: the conversation so far, the message to answer last. Returns {messages}. */
export function sendMessage(body) {
  return call("POST", "/nlu", { body });
}

/** Order a bouquet. With the same key, the same order is placed once, however often it is tried. */
export function checkout(body, { idempotencyKey }) {
  return call("POST", "/checkout", { body, headers: { "Idempotency-Key": idempotencyKey } });
}

/** One bouquet. */
export function getProduct(productId) {
  return call("GET", `/products/${encodeURIComponent(productId)}`);
}

async function call(method, path, { body, headers = {} } = {}) {
  let response;
  let text;
  try {
    response = await fetch(BASE + path, {
      method,
      headers: { Accept: "application/json, application/problem+json", ...(body && { "Content-Type": "application/json" }), ...headers },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT),
    });
    text = await response.text();
  } catch (cause) {
    throw new ConnectionError(cause);
  }
  const answer = parse(text);
  if (!response.ok || answer === undefined) throw new ApiError(response.status, answer ?? {});
  return answer;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
