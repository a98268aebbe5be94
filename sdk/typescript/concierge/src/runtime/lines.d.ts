/**
 * JSON lines: one value a line.
 *
 * @import { Operation } from "./types.js"
 * @import { Answer } from "./node-http.js"
 * @import { Watch } from "./watch.js"
 */
import type { Operation } from "./types.js";
import type { Answer } from "./node-http.js";
import type { Watch } from "./watch.js";
/**
 * Values as they come, once.
 *
 * @template T
 * @implements {AsyncIterable<T>}
 */
export declare class JsonLines<T> implements AsyncIterable<T> {
    #private;
    /**
     * @param {Operation} operation
     * @param {Answer} response
     * @param {Watch} watch
     */
    constructor(operation: Operation, response: Answer, watch: Watch);
    /** End the answer. */
    close(): void;
    /** @returns {AsyncGenerator<T, void, undefined>} */
    [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined>;
}
/**
 * @param {Operation} operation
 * @param {Answer} response
 * @param {Watch} watch
 * @returns {JsonLines<unknown>}
 */
export declare function jsonLines(operation: Operation, response: Answer, watch: Watch): JsonLines<unknown>;
