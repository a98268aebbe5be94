/**
 * AWS Signature Version 4, in the headers of a request.
 *
 * @import { Credentials } from "./types.js"
 */
import type { Credentials } from "./types.js";
export declare const UNSIGNED = "UNSIGNED-PAYLOAD";
export type Unsigned = {
    method: string;
    /**
     * as the Host header will have it
     */
    host: string;
    /**
     * percent-encoded, as it will be sent
     */
    path: string;
    /**
     * as it will be sent
     */
    query: string;
    /**
     * by lower-case names; those that sign are added
     */
    headers: Record<string, string>;
    body: string | Uint8Array | Blob | undefined;
    /**
     * leaves the body out, for operations that take that
     */
    unsignedPayload?: boolean;
};
/**
 * What is signed, ready to be sent.
 *
 * @typedef {object} Unsigned
 * @property {string} method
 * @property {string} host as the Host header will have it
 * @property {string} path percent-encoded, as it will be sent
 * @property {string} query as it will be sent
 * @property {Record<string, string>} headers by lower-case names; those that sign are added
 * @property {string | Uint8Array | Blob | undefined} body
 * @property {boolean} [unsignedPayload] leaves the body out, for operations that take that
 */
/** Signs requests for one region. The key of a day is kept: deriving it takes four HMACs. */
export declare class Signer {
    #private;
    /** @param {string} region */
    constructor(region: string);
    /**
     * Add the headers that sign a request.
     *
     * @param {Unsigned} request
     * @param {Credentials} credentials
     * @param {number} now seconds since the epoch
     */
    sign(request: Unsigned, credentials: Credentials, now: number): Promise<void>;
}
/**
 * The canonical request, and the names of the headers that it covers: those that nobody changes on the way.
 *
 * @param {Unsigned} request
 * @param {string} payload the hash of the body
 */
export declare function canonicalRequest({ method, host, path, query, headers }: Unsigned, payload: string): {
    names: string;
    text: string;
};
/**
 * Dot segments and repeated slashes removed, then encoded once more, as every service but S3 has it.
 *
 * @param {string} path
 */
export declare function canonicalPath(path: string): string;
/**
 * Encoded in the one way, then sorted by name and by value.
 *
 * @param {string} query
 */
export declare function canonicalQuery(query: string): string;
