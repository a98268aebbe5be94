/**
 * Whether and when a call is tried again: decisions, as functions of values.
 *
 * @import { RetryOptions } from "./types.js"
 */
import type { RetryOptions } from "./types.js";
export type Retries = Required<RetryOptions>;
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
export declare function retriesOf(given: number | RetryOptions | undefined, before?: Retries): Retries;
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
export declare function pause(error: Error, { method, idempotent, attempt, retries, random }: {
    method: string;
    idempotent: boolean;
    attempt: number;
    retries: Retries;
    random: () => number;
}): number | undefined;
/**
 * What `Retry-After` says, in seconds: a number, or a date by the server's own clock (RFC 9110 section 10.2.3).
 *
 * @param {Headers} headers
 * @param {number} now seconds since the epoch, where the server does not say what time it is
 * @returns {number | undefined}
 */
export declare function retryAfter(headers: Headers, now: number): number | undefined;
