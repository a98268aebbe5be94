/**
 * Requests in Node, by its own HTTP client. `fetch` does the same there in three to four times the time; elsewhere, and
 * where the client was given a `fetch`, that is used.
 *
 * @import { Watch } from "./watch.js"
 */
import type { Watch } from "./watch.js";
/**
 * What sends requests here; undefined where it is `fetch`.
 *
 * @type {((url: string, init: Sent, watch: Watch) => Promise<NodeResponse>) | undefined}
 */
export declare const nodeSend: ((url: string, init: Sent, watch: Watch) => Promise<NodeResponse>) | undefined;
export type Sent = {
    method: string;
    /**
     * by lower-case names
     */
    headers: Record<string, string>;
    body: string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array> | undefined;
};
export type Answer = Response | NodeResponse;
/** What `fetch` would give, as far as the runtime asks for it. */
export declare class NodeResponse {
    #private;
    url: string;
    status: number;
    ok: boolean;
    headers: NodeHeaders;
    type: string;
    /**
     * @param {string} url
     * @param {any} message
     */
    constructor(url: string, message: any);
    get body(): this;
    /**
     * All bytes.
     *
     * @param {number} limit
     * @param {Watch} watch
     * @returns {Promise<Uint8Array | undefined>} undefined where there are too many
     */
    collect(limit: number, watch: Watch): Promise<Uint8Array | undefined>;
    /** The bytes as they come. */
    getReader(): {
        read: () => Promise<IteratorResult<Uint8Array<ArrayBuffer>, undefined>>;
        cancel: () => Promise<void>;
    };
    cancel(): Promise<void>;
    /** The same without its body, as `fetch` has it. */
    toResponse(): Response;
}
/** Headers that are looked at as they came: a `Headers` costs more than the rest of a call. */
declare class NodeHeaders {
    #private;
    /** @param {any} message */
    constructor(message: any);
    /**
     * @param {string} name in lower case
     * @returns {string | null}
     */
    get(name: string): string | null;
    /** @param {string} name in lower case */
    has(name: string): boolean;
    /** @returns {IterableIterator<[string, string]>} */
    [Symbol.iterator](): IterableIterator<[string, string]>;
    toHeaders(): Headers;
}
export {};
