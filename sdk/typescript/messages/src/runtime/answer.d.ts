/**
 * Reading answers.
 *
 * @import { Operation } from "./types.js"
 * @import { Answer } from "./node-http.js"
 * @import { Watch } from "./watch.js"
 */
import type { Operation } from "./types.js";
import type { Answer } from "./node-http.js";
import type { Watch } from "./watch.js";
/**
 * An answer whose status says yes, as what the document says.
 *
 * @param {Operation} operation
 * @param {Answer} response
 * @param {Watch} watch
 * @param {number} limit bytes
 * @returns {Promise<unknown>}
 */
export declare function readAnswer(operation: Operation, response: Answer, watch: Watch, limit: number): Promise<unknown>;
/**
 * All bytes of an answer.
 *
 * @param {Operation} operation
 * @param {Answer} response
 * @param {Watch} watch
 * @param {number} limit
 * @returns {Promise<Uint8Array>}
 */
export declare function readBytes(operation: Operation, response: Answer, watch: Watch, limit: number): Promise<Uint8Array>;
