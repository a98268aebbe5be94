/**
 * Signing in with the authorization code flow and PKCE (OpenID Connect Core section 3.1, RFC 7636, RFC 9700).
 *
 * @import { Issuer, TokenAnswer } from "./issuer.js"
 */
import type { Issuer, TokenAnswer } from "./issuer.js";
export type Attempt = {
    state: string;
    nonce: string;
    verifier: string;
    redirectUri: string;
};
/**
 * What must be remembered until the answer comes.
 *
 * @typedef {object} Attempt
 * @property {string} state
 * @property {string} nonce
 * @property {string} verifier
 * @property {string} redirectUri
 */
/**
 * Begin.
 *
 * @param {Issuer} issuer
 * @param {{ redirectUri: string, scopes: readonly string[], prompt?: string | undefined }} asked
 * @returns {Promise<{ attempt: Attempt, address: string }>}
 */
export declare function begin(issuer: Issuer, { redirectUri, scopes, prompt }: {
    redirectUri: string;
    scopes: readonly string[];
    prompt?: string | undefined;
}): Promise<{
    attempt: Attempt;
    address: string;
}>;
/**
 * Take the answer. Throws SignInFailed.
 *
 * @param {Issuer} issuer
 * @param {Attempt} attempt the one whose `state` the answer has
 * @param {URLSearchParams} answer
 * @param {{ now: number, signal?: AbortSignal | undefined }} options seconds since the epoch
 * @returns {Promise<TokenAnswer>}
 */
export declare function finish(issuer: Issuer, attempt: Attempt, answer: URLSearchParams, { now, signal }: {
    now: number;
    signal?: AbortSignal | undefined;
}): Promise<TokenAnswer>;
