/**
 * What can go wrong.
 *
 *     SdkError
 *     ├── ApiError                the server said no
 *     │   └── BadRequest, Unauthorized, Forbidden, NotFound, Conflict, UnprocessableContent, TooManyRequests, ServerError
 *     ├── ConnectionFailed        no answer came
 *     │   └── TimedOut
 *     ├── UnexpectedAnswer        an answer that cannot be read
 *     ├── NotSignedIn             nobody is signed in, and the call needs somebody
 *     ├── SignInFailed            signing in did not work
 *     └── BadArgument             an argument that cannot be sent
 *
 * Texts name the operation and never hold a secret.
 *
 * @import { ProblemDocument } from "./types.js"
 */

const STEERING = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/**
 * A text without what would steer a terminal, break a line of a log, or turn the direction of what follows.
 *
 * @param {string} text that somebody else wrote, or part of it
 */
export function harmless(text) {
  return text.replace(STEERING, " ");
}

/** The root of this tree. */
export class SdkError extends Error {
  /** @type {string} */
  name = "SdkError";

  /**
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(message, options) {
    super(harmless(message), options);
  }
}

/** The server answered with a status that says no. */
export class ApiError extends SdkError {
  name = "ApiError";
  #headers;
  #body;

  /**
   * @param {string} operation
   * @param {number} status
   * @param {Headers} headers
   * @param {string} body as it came
   * @param {number} [retryAfter] seconds
   */
  constructor(operation, status, headers, body, retryAfter) {
    const problem = problemOf(body);
    const told = [problem.detail, problem.title, problem["message"]].find((text) => typeof text === "string" && text !== "");
    super(`${operation}: ${status}${told === undefined ? "" : ` ${told}`}`);
    this.operation = operation;
    this.status = status;
    /** The problem document; empty where the server sent none. */
    this.problem = problem;
    const id = problem["request_id"];
    this.requestId = typeof id === "string" ? id : (headers.get("x-request-id") ?? headers.get("x-amzn-requestid") ?? "");
    /** Seconds after which the server wants to be asked again. */
    this.retryAfter = retryAfter;
    this.#headers = headers;
    this.#body = body;
  }

  /** Those of the answer. Not shown when the error is printed: they may hold cookies. */
  get headers() {
    return this.#headers;
  }

  /** The answer as it came. */
  get body() {
    return this.#body;
  }
}

export class BadRequest extends ApiError {
  name = "BadRequest";
}

export class Unauthorized extends ApiError {
  name = "Unauthorized";
}

export class Forbidden extends ApiError {
  name = "Forbidden";
}

export class NotFound extends ApiError {
  name = "NotFound";
}

export class Conflict extends ApiError {
  name = "Conflict";
}

export class UnprocessableContent extends ApiError {
  name = "UnprocessableContent";
}

export class TooManyRequests extends ApiError {
  name = "TooManyRequests";
}

export class ServerError extends ApiError {
  name = "ServerError";
}

/** There is no answer. */
export class ConnectionFailed extends SdkError {
  name = "ConnectionFailed";

  /**
   * @param {string} message
   * @param {{ cause?: unknown, unsent?: boolean }} [options] unsent: the server certainly has not seen the request
   */
  constructor(message, { cause, unsent = false } = {}) {
    super(message, { cause });
    this.unsent = unsent;
  }
}

/** There is no answer in time. */
export class TimedOut extends ConnectionFailed {
  name = "TimedOut";
}

/** An answer that is not what the document says. */
export class UnexpectedAnswer extends SdkError {
  name = "UnexpectedAnswer";
  #body;

  /**
   * @param {string} message
   * @param {{ pointer?: string, status?: number, body?: string, cause?: unknown }} [where]
   */
  constructor(message, { pointer = "", status, body = "", cause } = {}) {
    super(message, { cause });
    /** The place in the answer (JSON pointer, RFC 6901). */
    this.pointer = pointer;
    this.status = status;
    this.#body = body;
  }

  /** The answer as it came. */
  get body() {
    return this.#body;
  }
}

/** Nobody is signed in, and what was asked for needs somebody. */
export class NotSignedIn extends SdkError {
  name = "NotSignedIn";
}

/** Signing in did not work. */
export class SignInFailed extends SdkError {
  name = "SignInFailed";

  /**
   * @param {string} message
   * @param {{ error?: string, description?: string, cause?: unknown }} [said] what the issuer said (RFC 6749 section 5.2)
   */
  constructor(message, { error = "", description = "", cause } = {}) {
    super(message, { cause });
    this.error = error;
    this.description = description;
  }
}

/** An argument that cannot be sent. */
export class BadArgument extends SdkError {
  name = "BadArgument";

  /**
   * @param {string} message
   * @param {string} [argument] its name
   */
  constructor(message, argument = "") {
    super(message);
    this.argument = argument;
  }
}

const BY_STATUS = new Map([
  [400, BadRequest],
  [401, Unauthorized],
  [403, Forbidden],
  [404, NotFound],
  [409, Conflict],
  [422, UnprocessableContent],
  [429, TooManyRequests],
]);

/**
 * The error of an answer.
 *
 * @param {string} operation
 * @param {{ status: number, headers: Headers }} response
 * @param {string} body
 * @param {number} [retryAfter] seconds
 * @returns {ApiError}
 */
export function apiError(operation, response, body, retryAfter) {
  const Kind = BY_STATUS.get(response.status) ?? (response.status >= 500 ? ServerError : ApiError);
  return new Kind(operation, response.status, response.headers, body, retryAfter);
}

/**
 * @param {string} body
 * @returns {ProblemDocument}
 */
function problemOf(body) {
  try {
    const found = JSON.parse(body);
    return typeof found === "object" && found !== null && !Array.isArray(found) ? found : {};
  } catch {
    return {};
  }
}
