/**
 * Reading answers.
 *
 * @import { Operation } from "./types.js"
 * @import { Watch } from "./watch.js"
 */
import type { Operation } from "./types.js";
import type { Watch } from "./watch.js";
/**
 * An answer whose status says yes, as what the document says.
 *
 * @param {Operation} operation
 * @param {Response} response
 * @param {Watch} watch
 * @param {number} limit bytes
 * @returns {Promise<unknown>}
 */
export declare function readAnswer(operation: Operation, response: Response, watch: Watch, limit: number): Promise<unknown>;
/**
 * All bytes of an answer.
 *
 * @param {Operation} operation
 * @param {Response} response
 * @param {Watch} watch
 * @param {number} limit
 * @returns {Promise<Uint8Array>}
 */
export declare function readBytes(operation: Operation, response: Response, watch: Watch, limit: number): Promise<Uint8Array>;
