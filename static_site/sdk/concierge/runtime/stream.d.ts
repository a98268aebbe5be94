/**
 * The bytes of an answer, as they come.
 *
 * @import { Operation } from "./types.js"
 * @import { Answer } from "./node-http.js"
 * @import { Watch } from "./watch.js"
 */
import type { Operation } from "./types.js";
import type { Answer } from "./node-http.js";
import type { Watch } from "./watch.js";
/**
 * The pieces of an answer's body. Waiting for one is timed. Whoever stops early ends the answer.
 *
 * @param {Operation} operation
 * @param {Answer} response
 * @param {Watch} watch
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>}
 */
export declare function piecesOf(operation: Operation, response: Answer, watch: Watch): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;
/**
 * The lines of a text: ended by CR, LF or both, also where these come in two pieces. A line that does not end is given
 * last, by itself.
 *
 * @param {AsyncIterable<Uint8Array>} pieces
 * @param {number} longest characters of a line
 * @returns {AsyncGenerator<string, string, undefined>} returns what came after the last end of a line
 */
export declare function linesOf(pieces: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<string, string, undefined>;
