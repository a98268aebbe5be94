/**
 * Whether and when a call is tried again: decisions, as functions of values.
 *
 * @import { RetryOptions } from "./types.js"
 */

import { ApiError, ConnectionFailed } from "./errors.js";

const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"]); // RFC 9110 section 9.2.2
const PASSING = new Set([408, 500, 502, 503, 504]);

/**
 * @typedef {Required<RetryOptions>} Retries
 */

/**
 * The options of a client or of a call, complete.
 *
 * @param {number | RetryOptions | undefined} given
 * @param {Retries} [before]
 * @returns {Retries}
 */
export function retriesOf(given, before = { count: 2, base: 0.5, cap: 8, maxRetryAfter: 60 }) {
  const said = typeof given === "number" ? { count: given } : Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined));
  return { ...before, ...said };
}

/**
 * Seconds until the next attempt; undefined: there is none.
 *
 * A connection that could not be made and 429 mean that nothing was done. After anything else a call is repeated only
 * where doing it twice is doing it once.
 *
 * @param {Error} error
 * @param {{ method: string, idempotent: boolean, attempt: number, retries: Retries, random: () => number }} call
 *   attempt: those that were made before this one
 * @returns {number | undefined}
 */
export function pause(error, { method, idempotent, attempt, retries, random }) {
  if (attempt >= retries.count) return undefined;
  if (!isNothingDone(error) && !(isPassing(error) && (idempotent || IDEMPOTENT.has(method)))) return undefined;
  const jitter = random() * Math.min(retries.cap, retries.base * 2 ** attempt);
  const asked = error instanceof ApiError ? error.retryAfter : undefined;
  if (asked === undefined) return jitter;
  return asked > retries.maxRetryAfter ? undefined : Math.max(asked, jitter);
}

/** @param {Error} error */
function isNothingDone(error) {
  return error instanceof ConnectionFailed ? error.unsent : error instanceof ApiError && error.status === 429;
}

/** @param {Error} error */
function isPassing(error) {
  return error instanceof ConnectionFailed || (error instanceof ApiError && PASSING.has(error.status));
}

/**
 * What `Retry-After` says, in seconds: a number, or a date by the server's own clock (RFC 9110 section 10.2.3).
 *
 * @param {Headers} headers
 * @param {number} now seconds since the epoch, where the server does not say what time it is
 * @returns {number | undefined}
 */
export function retryAfter(headers, now) {
  const said = headers.get("retry-after")?.trim();
  if (!said) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(said)) return Number(said);
  const until = Date.parse(said) / 1000;
  const there = Date.parse(headers.get("date") ?? "") / 1000;
  return Number.isNaN(until) ? undefined : Math.max(0, until - (Number.isNaN(there) ? now : there));
}
