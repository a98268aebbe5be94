/**
 * Who calls: which of the ways that an operation takes is used, and what it adds to a request.
 *
 * @import { Context } from "./context.js"
 * @import { Credentials, Operation, Scheme } from "./types.js"
 */
import type { Context } from "./context.js";
import type { Credentials, Operation } from "./types.js";
export type Proof = {
    /**
     * a bearer token
     */
    token?: string;
    /**
     * to sign with
     */
    credentials?: Credentials;
    schemes: string[];
};
export type Outgoing = {
    method: string;
    origin: string;
    host: string;
    path: string;
    query: string;
    /**
     * by lower-case names
     */
    headers: Record<string, string>;
    body: string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array> | undefined;
};
/**
 * What proves who calls, in one attempt.
 *
 * @typedef {object} Proof
 * @property {string} [token] a bearer token
 * @property {Credentials} [credentials] to sign with
 * @property {string[]} schemes
 */
/**
 * A request on its way to be sent.
 *
 * @typedef {object} Outgoing
 * @property {string} method
 * @property {string} origin
 * @property {string} host
 * @property {string} path
 * @property {string} query
 * @property {Record<string, string>} headers by lower-case names
 * @property {string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array> | undefined} body
 */
/**
 * Find what proves who calls. Throws NotSignedIn.
 *
 * @param {Context} context
 * @param {Operation} operation
 * @param {string | null} [chosen] a scheme's name
 * @param {string} [origin] that is called; another than the client's is shown nothing, if it is not trusted
 * @returns {Promise<Proof>}
 */
export declare function prove(context: Context, operation: Operation, chosen?: string | null, origin?: string): Promise<Proof>;
/**
 * Add to a request what proves who calls.
 *
 * @param {Context} context
 * @param {Operation} operation
 * @param {Proof} proof
 * @param {Outgoing} request
 */
export declare function authorize(context: Context, operation: Operation, proof: Proof, request: Outgoing): Promise<void>;
