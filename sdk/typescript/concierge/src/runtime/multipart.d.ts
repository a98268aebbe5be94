/**
 * `multipart/form-data` (RFC 7578). Written here rather than by FormData, because what is signed must be known before it
 * is sent. Files stay where they are: a Blob of Blobs is read as it is sent.
 *
 * @import { Content, Part, Upload } from "./types.js"
 * @import { Written } from "./body.js"
 */
import type { Content } from "./types.js";
import type { Written } from "./body.js";
export type Piece = string | Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
/** @typedef {string | Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>} Piece */
/**
 * @param {Content} content
 * @param {[string, unknown][]} members
 * @returns {Written}
 */
export declare function multipart(content: Content, members: [string, unknown][]): Written;
