/**
 * An answer that is not held: its bytes are taken as they come.
 *
 * @import { Operation } from "./types.js"
 * @import { Answer } from "./node-http.js"
 * @import { Watch } from "./watch.js"
 */
import type { Operation } from "./types.js";
import type { Answer } from "./node-http.js";
import type { Watch } from "./watch.js";
/**
 * Bytes that are coming in. Take them once, in one of the ways.
 *
 * @implements {AsyncIterable<Uint8Array<ArrayBuffer>>}
 */
export declare class Download implements AsyncIterable<Uint8Array<ArrayBuffer>> {
    #private;
    /**
     * @param {Operation} operation
     * @param {Answer} response
     * @param {Watch} watch
     */
    constructor(operation: Operation, response: Answer, watch: Watch);
    /** The media type, as the server says it. */
    get type(): string;
    /** How many bytes there will be, where the server says it. */
    get size(): number | undefined;
    /** Piece by piece. */
    [Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;
    /** As a stream. @returns {ReadableStream<Uint8Array<ArrayBuffer>>} */
    stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
    /** All of them. */
    blob(): Promise<Blob>;
    /** All of them. */
    bytes(): Promise<Uint8Array<ArrayBuffer>>;
    /** All of them, as text in UTF-8. */
    text(): Promise<string>;
    /**
     * Write them to a file. In Node.
     *
     * @param {string | URL} path
     */
    save(path: string | URL): Promise<void>;
    /** Take none of them. */
    close(): void;
}
